using System.Buffers;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

public class ChunkReaderTests
{
    private static readonly string Body200 = Convert.ToHexStringLower(Chunks.Pattern(200));

    public static TheoryData<string, string> Vectors => new()
    {
        { "fmt0_video_200B_cs128", $"csid 6 sid 1 type 9 @40: {Body200}" },
        { "fmt0_exactly_0xffffff", "csid 6 sid 1 type 9 @16777215: 01020304" },
        { "fmt0_ext_with_type3_repeat", $"csid 6 sid 1 type 9 @16777300: {Body200}" },
        { "fmt1_ext_delta", "csid 6 sid 0 type 9 @16777300: 01020304" },
        { "window_ack_2500000", "csid 2 sid 0 type 5 @0: 002625a0" },
        { "set_peer_bw_2500000_dynamic", "csid 2 sid 0 type 6 @0: 002625a002" },
        { "user_ctrl_stream_begin_1", "csid 2 sid 0 type 4 @0: 000000000001" },
        { "user_ctrl_stream_eof_1", "csid 2 sid 0 type 4 @0: 000100000001" },
        { "user_ctrl_ping_request_12345", "csid 2 sid 0 type 4 @0: 000600003039" },
    };

    /// <summary>Chunks by hand, and the messages they are. Chunk size 128.</summary>
    public static TheoryData<string, string, string[]> Tables => new()
    {
        { "deltas", "06 000064 000001 09 01000000 aa | 46 00000a 000001 08 bb | 86 000005 cc | c6 dd",
            ["csid 6 sid 1 type 9 @100: aa", "csid 6 sid 1 type 8 @110: bb", "csid 6 sid 1 type 8 @115: cc", "csid 6 sid 1 type 8 @120: dd"] },
        { "format 3 right after format 0 adds that header's time", "04 000064 000001 08 01000000 aa | c4 bb", ["csid 4 sid 1 type 8 @100: aa", "csid 4 sid 1 type 8 @200: bb"] },
        { "format 1 first, as librtmp's ping replies", "42 000000 000006 04 000700003039", ["csid 2 sid 0 type 4 @0: 000700003039"] },
        { "csid in two and three bytes", "00 00 000001 000001 09 01000000 aa | 01 0001 000002 000001 09 01000000 bb | 01 ffff 000003 000001 09 01000000 cc",
            ["csid 64 sid 1 type 9 @1: aa", "csid 320 sid 1 type 9 @2: bb", "csid 65599 sid 1 type 9 @3: cc"] },
        { "no body", "04 000001 000000 08 01000000 | c4", ["csid 4 sid 1 type 8 @1: ", "csid 4 sid 1 type 8 @2: "] },
        { "time wraps", "04 ffffff 000001 08 01000000 fffffffe aa | 44 000004 000001 08 bb", ["csid 4 sid 1 type 8 @4294967294: aa", "csid 4 sid 1 type 8 @2: bb"] },
        { "extended delta, repeated by a format 3 that begins a message", "04 000000 000001 08 01000000 aa | 44 ffffff 000001 08 01000000 bb | c4 01000000 cc",
            ["csid 4 sid 1 type 8 @0: aa", "csid 4 sid 1 type 8 @16777216: bb", "csid 4 sid 1 type 8 @33554432: cc"] },
        { "extended delta, not repeated", "04 000000 000001 08 01000000 aa | 44 ffffff 000001 08 01000000 bb | c4 cc | c4 dd",
            ["csid 4 sid 1 type 8 @0: aa", "csid 4 sid 1 type 8 @16777216: bb", "csid 4 sid 1 type 8 @33554432: cc", "csid 4 sid 1 type 8 @50331648: dd"] },
        { "chunk size 2, interleaved", "02 000000 000004 01 00000000 00000002 | 06 000005 000003 09 01000000 0102 | 04 000007 000003 08 01000000 1112 | c6 03 | c4 13",
            ["csid 6 sid 1 type 9 @5: 010203", "csid 4 sid 1 type 8 @7: 111213"] },
        { "abort", "02 000000 000004 01 00000000 00000002 | 06 000005 000003 09 01000000 0102 | 02 000000 000004 02 00000000 0000 | c2 0006 | 06 000009 000001 09 01000000 ff",
            ["csid 6 sid 1 type 9 @9: ff"] },
        { "a chunk size over 24 bits is cut", "02 000000 000004 01 00000000 7fffffff | 06 000005 000003 09 01000000 010203", ["csid 6 sid 1 type 9 @5: 010203"] },
    };

    public static TheoryData<string, string, string> Broken => new()
    {
        { "format 3 first", "c4", "begins with a header of format 3" },
        { "format 2 first", "84 000001", "begins with a header of format 2" },
        { "format 0 inside a message", "02 000000 000004 01 00000000 00000001 | 06 000005 000003 09 01000000 01 | 06 000005 000003 09 01000000", "inside another" },
        { "length changes", "02 000000 000004 01 00000000 00000001 | 06 000005 000003 09 01000000 01 | 46 000005 000004 09", "length changes" },
        { "chunk size 0", "02 000000 000004 01 00000000 00000000", "chunk size of 0" },
        { "chunk size 2^31", "02 000000 000004 01 00000000 80000000", "chunk size of 2147483648" },
        { "chunk size cut short", "02 000000 000002 01 00000000 0000", "too short" },
        { "16 MB announced", "06 000000 ffffff 09 01000000", "16777215 bytes long" },
        { "audio over its limit", "06 000000 010001 08 01000000", "65537 bytes long" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_vector_is_read(string id, string expected) => ReadsAtEverySplit(RtmpVectors.Bytes("rtmp_chunks", id), [expected]);

    [Theory]
    [MemberData(nameof(Tables))]
    public void Chunks_become_messages(string what, string hex, string[] expected)
    {
        Assert.NotEmpty(what);
        ReadsAtEverySplit(Chunks.Hex(hex.Replace("|", "")), expected);
    }

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_chunks_end_the_reading_with_a_reason(string what, string hex, string reason)
    {
        Assert.NotEmpty(what);
        var bytes = Chunks.Hex(hex.Replace("|", ""));
        foreach (var piece in new[] { int.MaxValue, 1, 2, 5 })
        {
            using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
            Chunks.ReadAll(reader, bytes, piece);
            Assert.Contains(reason, reader.Error);
            Assert.Equal(OperationStatus.InvalidData, reader.Read([1, 2, 3], out _, out _));
        }
    }

    [Fact]
    public void A_sender_that_does_not_repeat_the_extended_time_is_understood_though_its_payload_begins_like_it()
    {
        // 130 bytes: the second chunk's two bytes are the first two of the extended time; then comes another message.
        var body = Chunks.Pattern(130);
        (body[128], body[129]) = (0x01, 0x00);
        byte[] bytes = [.. Chunks.Hex("06 ffffff 000082 09 01000000 01000054"), .. body[..128], 0xC6, .. body[128..], .. Chunks.Hex("04 000001 000001 08 01000000 aa")];
        ReadsAtEverySplit(bytes, [$"csid 6 sid 1 type 9 @16777300: {Convert.ToHexStringLower(body)}", "csid 4 sid 1 type 8 @1: aa"]);
    }

    [Fact]
    public void Every_truncation_waits_for_more()
    {
        byte[] bytes = [.. RtmpVectors.Bytes("rtmp_chunks", "fmt0_ext_with_type3_repeat")];
        for (var length = 0; length < bytes.Length; length++)
        {
            using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
            Assert.Empty(Chunks.ReadAll(reader, bytes.AsSpan(0, length)));
            Assert.Null(reader.Error);
        }
    }

    [Fact]
    public void Before_it_is_authorised_a_peer_may_send_64_KB_at_most()
    {
        using var reader = new ChunkReader(RtmpLimits.Default);
        Chunks.ReadAll(reader, Chunks.Hex("06 000000 010001 09 01000000"));
        Assert.Contains("65536 are allowed", reader.Error);
    }

    [Fact]
    public void Thousands_of_chunk_streams_are_refused()
    {
        using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
        var messages = new List<string>();
        for (var csid = 2; csid < 3000 && reader.Error is null; csid++)
            Chunks.Read(reader, Chunks.Message(RtmpMessageType.Audio, [1], csid), messages);
        Assert.Equal(RtmpLimits.Default.MaxChunkStreams, messages.Count);
        Assert.Contains("chunk streams", reader.Error);
    }

    [Fact]
    public void Memory_follows_the_bytes_that_came_not_those_announced()
    {
        using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
        var chunk = new byte[12 + 128];
        Chunks.Hex("00 000000 a00000 09 01000000").CopyTo(chunk, 0);   // 10 MB announced
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (byte csid = 3; csid < 43; csid++)
        {
            chunk[0] = csid;
            Assert.Equal(OperationStatus.NeedMoreData, reader.Read(chunk, out _, out _));
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Unfinished_messages_together_are_limited()
    {
        using var reader = new ChunkReader(RtmpLimits.Default with { MaxPartialBytes = 1000 }) { IsAuthorised = true };
        for (var csid = 3; csid < 20; csid++) Chunks.ReadAll(reader, Chunks.Message(RtmpMessageType.Video, new byte[200], csid).AsSpan(0, 12 + 128));
        Assert.Contains("Unfinished messages", reader.Error);
    }

    [Fact]
    public void Finished_messages_do_not_count_as_unfinished()
    {
        using var reader = new ChunkReader(RtmpLimits.Default with { MaxPartialBytes = 1000 }) { IsAuthorised = true };
        for (var round = 0; round < 50; round++)
            Assert.Single(Chunks.ReadAll(reader, Chunks.Message(RtmpMessageType.Video, new byte[900], 6)));
    }

    [Fact]
    public void A_10_MB_picture_arrives_whole()
    {
        using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
        var body = new byte[10 << 20];
        new Random(1).NextBytes(body);
        var bytes = Chunks.Message(RtmpMessageType.Video, body, 6, chunkSize: 128);
        var rest = bytes.AsSpan();
        var message = default(RtmpMessage);
        var status = OperationStatus.NeedMoreData;
        while (status == OperationStatus.NeedMoreData)
        {
            status = reader.Read(rest[..Math.Min(65_537, rest.Length)], out var consumed, out message);
            rest = rest[consumed..];
        }
        Assert.True(message.Body.Span.SequenceEqual(body));
        message.Body.Release();
    }

    private static void ReadsAtEverySplit(byte[] bytes, string[] expected)
    {
        for (var split = 0; split <= bytes.Length; split++)
        {
            using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
            var messages = new List<string>();
            Chunks.Read(reader, bytes.AsSpan(0, split), messages);
            Chunks.Read(reader, bytes.AsSpan(split), messages);
            Assert.Equal(expected, messages);
        }
        using var dribble = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
        Assert.Equal(expected, Chunks.ReadAll(dribble, bytes, 1));
    }
}
