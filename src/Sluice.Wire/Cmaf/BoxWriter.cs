using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Wire.Cmaf;

/// <summary>Appends ISO base media boxes (ISO/IEC 14496-12 §4.2) to a buffer: big-endian fields, and sizes that are filled in when a box ends.</summary>
/// <remarks>The caller owns the buffer and is its only owner while it is written.</remarks>
internal readonly struct BoxWriter(SharedBuffer buffer)
{
    public int Position => buffer.Length;

    /// <summary>Opens a box; the answer is what <see cref="End"/> wants.</summary>
    public int Begin(ReadOnlySpan<byte> type)
    {
        var start = buffer.Length;
        U32(0);
        Bytes(type);
        return start;
    }

    /// <summary>Opens a full box: with a version and flags.</summary>
    public int Begin(ReadOnlySpan<byte> type, byte version, uint flags = 0)
    {
        var start = Begin(type);
        U32((uint)version << 24 | flags);
        return start;
    }

    public void End(int start) => Patch(start, (uint)(buffer.Length - start));

    /// <summary>Writes over four bytes written before.</summary>
    public void Patch(int position, uint value) => BinaryPrimitives.WriteUInt32BigEndian(buffer.Span[position..], value);

    public void U8(int value) => Bytes([(byte)value]);

    public void U16(int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)value);
        Bytes(bytes);
    }

    public void U32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Bytes(bytes);
    }

    public void U64(ulong value)
    {
        U32((uint)(value >> 32));
        U32((uint)value);
    }

    public void Zeros(int count)
    {
        buffer.EnsureCapacity(buffer.Length + count);
        buffer.Free[..count].Clear();
        buffer.Advance(count);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => buffer.Append(bytes);
}
