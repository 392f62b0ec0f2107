namespace Sluice.Wire.Bits;

/// <summary>
/// Reads bit fields and Exp-Golomb codes (H.264 §9.1), most significant bit first, from a run of bytes.
/// </summary>
/// <remarks>
/// Never reads past the end: such a read gives 0 and sets <see cref="Failed"/>, so a parser checks once, at its end. With <c>escaped</c> the
/// bytes are a NAL unit and its emulation prevention bytes (00 00 <b>03</b>, H.264 §7.4.1) are skipped.
/// </remarks>
public ref struct BitReader(ReadOnlySpan<byte> bytes, bool escaped = false)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _next;
    private int _zeros;
    private uint _current;
    private int _bitsLeft;

    /// <summary>Something was read that is not there, or a code was longer than 32 bits.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bits not yet read; emulation prevention bytes ahead are counted in.</summary>
    public readonly long BitsLeft => _bitsLeft + 8L * (_bytes.Length - _next);

    public bool ReadFlag() => ReadBit() != 0;

    /// <summary>Reads <paramref name="count"/> bits, 0 to 32.</summary>
    public uint ReadBits(int count)
    {
        var value = 0u;
        for (; count > 0 && !Failed; count--) value = value << 1 | ReadBit();
        return Failed ? 0 : value;
    }

    public void Skip(int count)
    {
        for (; count > 0 && !Failed; count--) ReadBit();
    }

    /// <summary>ue(v): an unsigned Exp-Golomb code.</summary>
    public uint ReadUnsigned()
    {
        var zeros = 0;
        while (ReadBit() == 0)
        {
            if (Failed) return 0;
            if (++zeros > 31)
            {
                Failed = true;
                return 0;
            }
        }
        return (1u << zeros) - 1 + ReadBits(zeros);
    }

    /// <summary>se(v): a signed Exp-Golomb code.</summary>
    public int ReadSigned()
    {
        var code = ReadUnsigned();
        return (code & 1) != 0 ? (int)((code >> 1) + 1) : -(int)(code >> 1);
    }

    private uint ReadBit()
    {
        if (_bitsLeft == 0 && !ReadByte())
        {
            Failed = true;
            return 0;
        }
        return _current >> --_bitsLeft & 1;
    }

    private bool ReadByte()
    {
        if (escaped && _zeros >= 2 && _next < _bytes.Length && _bytes[_next] == 3)
        {
            _next++;
            _zeros = 0;
        }
        if (_next >= _bytes.Length) return false;
        _current = _bytes[_next++];
        _zeros = _current == 0 ? _zeros + 1 : 0;
        _bitsLeft = 8;
        return true;
    }
}
