using System.Buffers.Binary;

namespace Pipeline.Tests.Output;

/// <summary>One message as a player gets it.</summary>
internal sealed record Received(byte Type, long Time, byte[] Body, int ChunkStream = 0, uint MessageStream = 0)
{
    public bool IsVideo => Type == 9;

    public bool IsAudio => Type == 8;

    public bool IsHeader => (IsVideo || IsAudio) && Body.Length > 1 && Body[1] == 0;

    public bool IsKey => IsVideo && Body[0] == 0x17 && Body[1] == 1;

    public bool IsFrame => (IsVideo || IsAudio) && !IsHeader;
}

/// <summary>A strict FLV reader of the tests' own, by FLV 10.1 annex E.</summary>
internal static class FlvBytes
{
    public static (byte Flags, List<Received> Tags) Read(ReadOnlySpan<byte> bytes)
    {
        Assert.True(bytes.Length >= 13, $"{bytes.Length} bytes are no FLV");
        Assert.True(bytes.StartsWith("FLV\u0001"u8));
        Assert.Equal(9u, BinaryPrimitives.ReadUInt32BigEndian(bytes[5..]));
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(bytes[9..]));
        var flags = bytes[4];
        List<Received> tags = [];
        for (var rest = bytes[13..]; rest.Length > 0;)
        {
            var length = (rest[1] << 16) | (rest[2] << 8) | rest[3];
            Assert.True(rest.Length >= 15 + length, "a tag is cut");
            Assert.Contains(rest[0], new byte[] { 8, 9, 18 });
            var time = (rest[4] << 16) | (rest[5] << 8) | rest[6] | (rest[7] << 24);
            Assert.Equal((byte[])[0, 0, 0], rest[8..11].ToArray());
            tags.Add(new Received(rest[0], time, rest.Slice(11, length).ToArray()));
            Assert.Equal((uint)(11 + length), BinaryPrimitives.ReadUInt32BigEndian(rest[(11 + length)..]));
            rest = rest[(15 + length)..];
        }
        return (flags, tags);
    }
}

/// <summary>A strict RTMP chunk reader of the tests' own, by RTMP 1.0 §5.3: what a player knows only by type-0 headers is an error before one.</summary>
internal static class RtmpBytes
{
    private const int ChunkSize = 60000;

    private sealed class Stream
    {
        public uint Time, Delta, MessageStream;
        public int Length;
        public byte Type;
        public bool IsExtended;
        public List<byte>? Body;
    }

    public static List<Received> Read(ReadOnlySpan<byte> rest)
    {
        Dictionary<int, Stream> streams = [];
        List<Received> messages = [];
        while (rest.Length > 0)
        {
            var (format, id) = (rest[0] >> 6, rest[0] & 63);
            Assert.InRange(id, 2, 63);
            rest = rest[1..];
            if (format == 0) streams.TryAdd(id, new Stream());
            Assert.True(streams.TryGetValue(id, out var stream), $"chunk stream {id} is used before a type-0 header opened it");
            rest = ReadHeader(stream, format, rest);
            var count = Math.Min(ChunkSize, stream.Length - stream.Body!.Count);
            Assert.True(rest.Length >= count, "a chunk is cut");
            stream.Body.AddRange(rest[..count]);
            rest = rest[count..];
            if (stream.Body.Count < stream.Length) continue;
            messages.Add(new Received(stream.Type, stream.Time, [.. stream.Body], id, stream.MessageStream));
            stream.Body = null;
        }
        Assert.All(streams.Values, stream => Assert.Null(stream.Body));
        return messages;
    }

    private static ReadOnlySpan<byte> ReadHeader(Stream stream, int format, ReadOnlySpan<byte> rest)
    {
        if (format == 3)
        {
            Assert.NotNull(stream.Body);
            if (!stream.IsExtended) return rest;
            Assert.Equal(stream.Delta, BinaryPrimitives.ReadUInt32BigEndian(rest));
            return rest[4..];
        }
        Assert.Null(stream.Body);
        Assert.NotEqual(2, format);
        stream.Body = [];
        var time = (uint)((rest[0] << 16) | (rest[1] << 8) | rest[2]);
        stream.Length = (rest[3] << 16) | (rest[4] << 8) | rest[5];
        stream.Type = rest[6];
        rest = rest[7..];
        if (format == 0)
        {
            stream.MessageStream = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            rest = rest[4..];
        }
        stream.IsExtended = time == 0xFFFFFF;
        if (stream.IsExtended)
        {
            time = BinaryPrimitives.ReadUInt32BigEndian(rest);
            rest = rest[4..];
        }
        stream.Delta = time;
        stream.Time = format == 0 ? time : stream.Time + time;
        return rest;
    }
}
