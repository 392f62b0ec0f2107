using System.Buffers;
using Sluice.Wire.Flv;

namespace Wire.Tests.Flv;

public class FlvReaderTests
{
    private const string Header = "464c5601050000000900000000";
    private const string AudioTag = "0800000400000001000000af01aabb0000000f";
    private const string EndTag = "090000050003e800000000170200000000000010";

    [Fact]
    public void A_stream_reads_the_same_however_it_is_cut()
    {
        var bytes = Convert.FromHexString(Header + AudioTag + EndTag);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var tags = Read(bytes[..cut], bytes[cut..]);
            Assert.Equal(
                [(FlvTagType.Audio, 16_777_216u, "AF01AABB"), (FlvTagType.Video, 1000u, "1702000000")], tags);
        }
        Assert.Equal(2, Read([.. bytes.Select(one => new[] { one })]).Count);
    }

    [Fact]
    public void A_truncated_stream_gives_whole_tags_only()
    {
        var bytes = Convert.FromHexString(Header + AudioTag + EndTag);
        const int firstWhole = 13 + 11 + 4;
        var secondWhole = bytes.Length - FlvTagHeader.TrailerSize;
        for (var length = 0; length <= bytes.Length; length++)
            Assert.Equal(length < firstWhole ? 0 : length < secondWhole ? 1 : 2, Read(bytes[..length]).Count);
    }

    [Theory]
    [InlineData("474c5601050000000900000000", "FLV")]           // GLV
    [InlineData("464c5601050000000800000000", "8 bytes")]       // a header shorter than itself
    [InlineData("464c560105ffffffff00000000", "4294967295 bytes")]
    [InlineData(Header + "08010001000000000000", "65537 bytes")]
    [InlineData(Header + "12010001000000000000", "65537 bytes")]
    [InlineData(Header + "09a00001000000000000", "10485761 bytes")]
    public void Bytes_that_are_no_FLV_end_the_reading_with_a_reason(string hex, string reason)
    {
        using var reader = new FlvReader();
        var bytes = Convert.FromHexString(hex + "00");
        Assert.Equal(OperationStatus.InvalidData, reader.Read(bytes, out _, out _));
        Assert.Contains(reason, reader.Error);
        Assert.Equal(OperationStatus.InvalidData, reader.Read(bytes, out _, out _));
    }

    [Fact]
    public void A_declared_length_takes_no_memory_before_its_bytes_come()
    {
        var bytes = Convert.FromHexString(Header + "09a00000" + "00000000000000" + "17");
        var before = GC.GetAllocatedBytesForCurrentThread();
        using var reader = new FlvReader();
        Assert.Equal(OperationStatus.NeedMoreData, reader.Read(bytes, out var consumed, out _));
        Assert.Equal(bytes.Length, consumed);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Fact]
    public void Encrypted_tags_and_unknown_types_are_skipped()
    {
        const string encrypted = "290000020000000000000001020000000d";
        const string unknown = "0f0000010000000000000001" + "0000000c";
        Assert.Equal([(FlvTagType.Audio, 16_777_216u, "AF01AABB")], Read(Convert.FromHexString(Header + encrypted + unknown + AudioTag)));
    }

    [Fact]
    public void Wrong_previous_tag_sizes_do_not_matter()
    {
        var bytes = Convert.FromHexString(Header + AudioTag[..^8] + "ffffffff" + EndTag);
        Assert.Equal(2, Read(bytes).Count);
    }

    [Fact]
    public void An_empty_body_is_a_tag()
    {
        Assert.Equal([(FlvTagType.Audio, 5u, "")], Read(Convert.FromHexString(Header + "0800000000000500000000" + "0000000b")));
    }

    [Theory]
    [InlineData(FlvTagType.Audio, 4, 16_777_216u, "0800000400000001000000")]
    [InlineData(FlvTagType.Video, 5, 1000u, "090000050003e800000000")]
    [InlineData(FlvTagType.Script, FlvTagHeader.MaxLength, uint.MaxValue, "12ffffffffffffff000000")]
    public void Tag_headers_read_and_write_the_same_bytes(FlvTagType type, int length, uint time, string hex)
    {
        var bytes = new byte[FlvTagHeader.Size];
        bytes.AsSpan().Fill(0xEE);
        FlvTagHeader.Write(bytes, type, length, time);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.Equal(new FlvTagHeader(type, length, time), FlvTagHeader.Read(bytes));
    }

    [Theory]
    [InlineData(true, true, Header)]
    [InlineData(false, true, "464c5601010000000900000000")]
    public void The_file_header_says_which_tracks_there_are(bool hasAudio, bool hasVideo, string hex)
    {
        var bytes = new byte[FlvFileHeader.Size];
        bytes.AsSpan().Fill(0xEE);
        FlvFileHeader.Write(bytes, hasAudio, hasVideo);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
    }

    private static List<(FlvTagType Type, uint Time, string Body)> Read(params byte[][] pieces)
    {
        using var reader = new FlvReader();
        var tags = new List<(FlvTagType, uint, string)>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> rest = piece;
            while (true)
            {
                var status = reader.Read(rest, out var consumed, out var tag);
                rest = rest[consumed..];
                Assert.NotEqual(OperationStatus.InvalidData, status);
                if (status == OperationStatus.NeedMoreData) break;
                tags.Add((tag.Type, tag.Time, Convert.ToHexString(tag.Body.Span)));
                tag.Body.Release();
            }
            Assert.Equal(0, rest.Length);
        }
        return tags;
    }
}
