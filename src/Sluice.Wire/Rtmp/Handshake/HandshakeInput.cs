using System.Buffers;

namespace Sluice.Wire.Rtmp.Handshake;

/// <summary>What comes from the other side in a handshake: the version, its first part, which is kept, and its second, which is taken unread.</summary>
/// <param name="who">Who that is, for the reason of an error: <c>It</c>, <c>The server</c>.</param>
internal sealed class HandshakeInput(string who)
{
    public const int Size = 1 + 2 * HandshakeDigest.PartSize;
    public const byte Version = 3;

    /// <summary>How TLS begins (RFC 8446 §5.1), which is tried on the wrong port more often than anything else.</summary>
    private const byte TlsHandshake = 0x16;

    private readonly byte[] _received = new byte[1 + HandshakeDigest.PartSize];
    private int _have;

    /// <summary>Why the bytes are no handshake.</summary>
    public string? Error { get; private set; }

    /// <summary>The first part: C1 or S1.</summary>
    public ReadOnlySpan<byte> First => _received.AsSpan(1);

    /// <summary>Takes bytes up to the end of the second part.</summary>
    /// <param name="isFirstComplete">The first part has become complete in this call: it is to be answered.</param>
    public OperationStatus Receive(ReadOnlySpan<byte> input, out int consumed, out bool isFirstComplete)
    {
        (consumed, isFirstComplete) = (0, false);
        if (Error is not null) return OperationStatus.InvalidData;
        if (_have < _received.Length)
        {
            consumed = Math.Min(_received.Length - _have, input.Length);
            input[..consumed].CopyTo(_received.AsSpan(_have));
            _have += consumed;
            if (_have > 0 && _received[0] != Version)
            {
                Error = _received[0] == TlsHandshake ? $"{who} speaks TLS, not RTMP." : $"{who} begins with {_received[0]}, not with RTMP version 3.";
                return OperationStatus.InvalidData;
            }
            if (_have < _received.Length) return OperationStatus.NeedMoreData;
            isFirstComplete = true;
        }
        var skipped = Math.Min(Size - _have, input.Length - consumed);
        _have += skipped;
        consumed += skipped;
        return _have == Size ? OperationStatus.Done : OperationStatus.NeedMoreData;
    }
}
