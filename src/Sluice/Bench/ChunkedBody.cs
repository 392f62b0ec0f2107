namespace Sluice.Bench;

/// <summary>What is inside the chunks of an HTTP/1.1 answer (RFC 9112 §7.1), as it comes: some servers send them even to who asks in HTTP/1.0.</summary>
internal sealed class ChunkedBody
{
    private const int Base = 16;

    private int _left;
    private int _size;
    private bool _hasSize;
    private bool _isExtension;

    /// <summary>Takes the next piece off <paramref name="bytes"/>; empty: there was no more in them.</summary>
    public ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> bytes)
    {
        while (_left == 0 && !bytes.IsEmpty)
        {
            TakeSize((char)bytes[0]);
            bytes = bytes[1..];
        }
        var piece = bytes[..Math.Min(_left, bytes.Length)];
        bytes = bytes[piece.Length..];
        _left -= piece.Length;
        return piece;
    }

    private void TakeSize(char next)
    {
        if (next == '\n')
        {
            if (_hasSize) _left = _size;
            (_size, _hasSize, _isExtension) = (0, false, false);
        }
        else if (next == ';') _isExtension = true;
        else if (!_isExtension && char.IsAsciiHexDigit(next)) (_size, _hasSize) = ((int)Math.Min(int.MaxValue, ((long)_size * Base) + Convert.ToInt32(next.ToString(), Base)), true);
    }
}
