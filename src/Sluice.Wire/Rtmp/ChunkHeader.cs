using System.Buffers.Binary;

namespace Sluice.Wire.Rtmp;

/// <summary>The header that begins a message on its chunk stream (RTMP 1.0 §5.3.1).</summary>
/// <param name="Format">0: all fields; 1: without the message stream; 2: only the time; 3: nothing.</param>
/// <param name="ChunkStreamId">2 to 65599.</param>
/// <param name="Time">Format 0: absolute, 1 and 2: since the message before; milliseconds. Format 3: what the header before said.</param>
/// <remarks>
/// <code>
/// basic      fmt 2 | csid 6            csid 2–63
///            fmt 2 | 0  | csid-64 8    csid 64–319
///            fmt 2 | 1  | csid-64 16 little endian
/// message    time 24 | length 24 | type 8 | message stream 32 little endian      cut short by the format
/// extended   time 32, when time 24 is FFFFFF; repeated in continuations
/// </code>
/// </remarks>
public readonly record struct ChunkHeader(int Format, int ChunkStreamId, RtmpMessageType Type, uint MessageStreamId, uint Time, int Length)
{
    /// <summary>Bytes that a header takes at most.</summary>
    public const int MaxSize = 3 + 11 + 4;

    public const int MaxChunkStreamId = 65599;

    internal const uint ExtendedTime = 0xFFFFFF;

    /// <summary>Writes the header. Returns the bytes written, at most <see cref="MaxSize"/>.</summary>
    public int Write(Span<byte> bytes)
    {
        var at = WriteBasic(bytes, Format, ChunkStreamId);
        if (Format <= 2)
        {
            WriteUInt24(bytes[at..], Math.Min(Time, ExtendedTime));
            at += 3;
        }
        if (Format <= 1)
        {
            WriteUInt24(bytes[at..], (uint)Length);
            bytes[at + 3] = (byte)Type;
            at += 4;
        }
        if (Format == 0)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], MessageStreamId);
            at += 4;
        }
        return at + WriteExtended(bytes[at..], Time);
    }

    /// <summary>Writes the header of a message's next chunk. Returns the bytes written.</summary>
    /// <param name="time">The <see cref="Time"/> of the message's first header.</param>
    public static int WriteContinuation(Span<byte> bytes, int chunkStreamId, uint time)
    {
        var at = WriteBasic(bytes, 3, chunkStreamId);
        return at + WriteExtended(bytes[at..], time);
    }

    /// <summary>Writes the one to three bytes that a chunk begins with. Returns the bytes written.</summary>
    public static int WriteBasic(Span<byte> bytes, int format, int chunkStreamId)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkStreamId, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chunkStreamId, MaxChunkStreamId);
        var top = format << 6;
        if (chunkStreamId < 64)
        {
            bytes[0] = (byte)(top | chunkStreamId);
            return 1;
        }
        if (chunkStreamId < 320)
        {
            bytes[0] = (byte)top;
            bytes[1] = (byte)(chunkStreamId - 64);
            return 2;
        }
        bytes[0] = (byte)(top | 1);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[1..], (ushort)(chunkStreamId - 64));
        return 3;
    }

    private static int WriteExtended(Span<byte> bytes, uint time)
    {
        if (time < ExtendedTime) return 0;
        BinaryPrimitives.WriteUInt32BigEndian(bytes, time);
        return 4;
    }

    private static void WriteUInt24(Span<byte> bytes, uint value)
    {
        bytes[0] = (byte)(value >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[1..], (ushort)value);
    }
}
