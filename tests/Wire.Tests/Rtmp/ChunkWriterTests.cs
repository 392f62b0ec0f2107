using System.Buffers;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

public class ChunkWriterTests
{
    [Theory]
    [InlineData("fmt0_video_200B_cs128", 0, 40u, 200)]
    [InlineData("fmt0_ext_with_type3_repeat", 0, 16_777_300u, 200)]
    public void A_message_in_two_chunks_is_that_of_the_vector(string id, int format, uint time, int length) =>
        Assert.Equal(RtmpVectors.Bytes("rtmp_chunks", id), Chunks.Message(RtmpMessageType.Video, Chunks.Pattern(length), 6, 1, time, format: format));

    [Theory]
    [InlineData("fmt0_exactly_0xffffff", 0, 16_777_215u)]
    [InlineData("fmt1_ext_delta", 1, 16_777_300u)]
    public void A_long_time_is_extended(string id, int format, uint time) =>
        Assert.Equal(RtmpVectors.Bytes("rtmp_chunks", id), Chunks.Message(RtmpMessageType.Video, [1, 2, 3, 4], 6, 1, time, format: format));

    [Theory]
    [InlineData("basic_header_2byte_csid_64", 64)]
    [InlineData("basic_header_2byte_csid_319", 319)]
    [InlineData("basic_header_3byte_csid_320", 320)]
    [InlineData("basic_header_3byte_csid_65599", 65_599)]
    public void A_basic_header_is_that_of_the_vector(string id, int csid)
    {
        var bytes = new byte[3];
        var written = ChunkHeader.WriteBasic(bytes, 3, csid);
        Assert.Equal(RtmpVectors.Bytes("rtmp_chunks", id), bytes[..written]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(65_600)]
    public void A_chunk_stream_that_does_not_exist_is_the_callers_mistake(int csid) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkHeader.WriteBasic(new byte[3], 0, csid));

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(60_000)]
    public void What_is_written_is_read_again_in_every_format(int chunkSize)
    {
        var output = new ArrayBufferWriter<byte>();
        ChunkWriter.Write(output, new ChunkHeader(0, 2, RtmpMessageType.SetChunkSize, 0, 0, 4), 128, [0, 0, (byte)(chunkSize >> 8), (byte)chunkSize]);
        var expected = new List<string>();
        foreach (var csid in new[] { 4, 64, 500 })
        {
            var body = Chunks.Pattern(300);
            ChunkWriter.Write(output, new ChunkHeader(0, csid, RtmpMessageType.Audio, 7, 20_000_000, body.Length), chunkSize, body);
            ChunkWriter.Write(output, new ChunkHeader(1, csid, RtmpMessageType.Video, 7, 17_000_000, body.Length), chunkSize, body);
            ChunkWriter.Write(output, new ChunkHeader(2, csid, RtmpMessageType.Video, 7, 40, body.Length), chunkSize, body);
            ChunkWriter.Write(output, new ChunkHeader(3, csid, RtmpMessageType.Video, 7, 40, body.Length), chunkSize, body);
            foreach (var (type, time) in new[] { (8, 20_000_000), (9, 37_000_000), (9, 37_000_040), (9, 37_000_080) })
                expected.Add($"csid {csid} sid 7 type {type} @{time}: {Convert.ToHexStringLower(body)}");
        }
        using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
        Assert.Equal(expected, Chunks.ReadAll(reader, output.WrittenSpan, 777));
    }
}
