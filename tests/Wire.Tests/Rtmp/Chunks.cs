using System.Buffers;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

/// <summary>Reads messages in pieces, and writes chunks by hand.</summary>
internal static class Chunks
{
    /// <summary>Everything in <paramref name="bytes"/>, given in pieces of <paramref name="piece"/> bytes; each message as text.</summary>
    public static List<string> ReadAll(ChunkReader reader, ReadOnlySpan<byte> bytes, int piece = int.MaxValue)
    {
        var messages = new List<string>();
        while (!bytes.IsEmpty && reader.Error is null)
        {
            var next = bytes[..Math.Min(piece, bytes.Length)];
            bytes = bytes[next.Length..];
            Read(reader, next, messages);
        }
        return messages;
    }

    public static void Read(ChunkReader reader, ReadOnlySpan<byte> piece, List<string> messages)
    {
        while (true)
        {
            var status = reader.Read(piece, out var consumed, out var message);
            if (status == OperationStatus.NeedMoreData) Assert.Equal(piece.Length, consumed);
            if (status != OperationStatus.Done) return;
            messages.Add(Text(message));
            message.Body.Release();
            piece = piece[consumed..];
        }
    }

    public static string Text(in RtmpMessage message) =>
        $"csid {message.ChunkStreamId} sid {message.MessageStreamId} type {(int)message.Type} @{message.Timestamp}: {Convert.ToHexStringLower(message.Body.Span)}";

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", ""));

    /// <summary>One message as chunks, the header in full.</summary>
    public static byte[] Message(RtmpMessageType type, ReadOnlySpan<byte> body, int csid = 3, uint sid = 0, uint time = 0, int chunkSize = ChunkWriter.DefaultChunkSize, int format = 0)
    {
        var output = new ArrayBufferWriter<byte>();
        ChunkWriter.Write(output, new ChunkHeader(format, csid, type, sid, time, body.Length), chunkSize, body);
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Pattern(int size) => [.. Enumerable.Range(0, size).Select(i => (byte)i)];
}
