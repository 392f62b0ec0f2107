using System.Buffers;

namespace Sluice.Wire.Rtmp;

/// <summary>Writes messages as chunks (RTMP 1.0 §5.3). Keeps no state: the caller says which header a message begins with.</summary>
public static class ChunkWriter
{
    /// <summary>Each direction's chunk size until its sender changes it.</summary>
    public const int DefaultChunkSize = 128;

    /// <param name="header">Its length must be that of <paramref name="body"/>.</param>
    /// <param name="chunkSize">What the receiver was last told.</param>
    public static void Write(IBufferWriter<byte> output, in ChunkHeader header, int chunkSize, ReadOnlySpan<byte> body)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(header.Length, body.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkSize, 1);
        output.Advance(header.Write(output.GetSpan(ChunkHeader.MaxSize)));
        while (true)
        {
            var size = Math.Min(chunkSize, body.Length);
            output.Write(body[..size]);
            body = body[size..];
            if (body.IsEmpty) return;
            output.Advance(ChunkHeader.WriteContinuation(output.GetSpan(ChunkHeader.MaxSize), header.ChunkStreamId, header.Time));
        }
    }
}
