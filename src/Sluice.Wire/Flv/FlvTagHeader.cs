using System.Buffers.Binary;

namespace Sluice.Wire.Flv;

/// <summary>What an FLV tag carries; the same numbers as RTMP's message types.</summary>
public enum FlvTagType : byte
{
    Audio = 8,
    Video = 9,
    Script = 18,
}

/// <summary>The 11 bytes before each FLV tag's body (FLV 10.1 §E.4.1).</summary>
/// <param name="Length">Bytes of the body, at most <see cref="MaxLength"/>.</param>
/// <param name="Time">Milliseconds, 32 bits that wrap around.</param>
/// <remarks>
/// <code>
/// | type 8 | length 24 | time 24 (low) | time 8 (high) | stream id 24 = 0 |  body …  | previous tag size 32 = 11 + length |
/// </code>
/// </remarks>
public readonly record struct FlvTagHeader(FlvTagType Type, int Length, uint Time)
{
    /// <summary>Bytes of the header.</summary>
    public const int Size = 11;

    /// <summary>Bytes of the "previous tag size" behind each body.</summary>
    public const int TrailerSize = 4;

    /// <summary>The longest body the format can express.</summary>
    public const int MaxLength = 0xFFFFFF;

    /// <summary>Reads a header from the first <see cref="Size"/> bytes; the type may be one that <see cref="FlvTagType"/> does not name.</summary>
    public static FlvTagHeader Read(ReadOnlySpan<byte> bytes)
    {
        var word = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        var time = BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
        return new FlvTagHeader((FlvTagType)(word >> 24), (int)(word & MaxLength), time >> 8 | time << 24);
    }

    /// <summary>Writes the header to the first <see cref="Size"/> bytes.</summary>
    public static void Write(Span<byte> bytes, FlvTagType type, int length, uint time)
    {
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)type << 24 | (uint)length);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], time << 8 | time >> 24);
        bytes[8] = bytes[9] = bytes[10] = 0;
    }

    /// <summary>Writes what stands behind a body of <paramref name="length"/> bytes.</summary>
    public static void WriteTrailer(Span<byte> bytes, int length) => BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(Size + length));
}
