using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;
using Sluice.Wire.Flv;

namespace Wire.Tests.Flv;

public class VideoTagTests
{
    /// <summary>What comes in, what goes on, and what it is.</summary>
    public static readonly TheoryData<string, string, string, VideoTag> Bodies = new()
    {
        // name, in, out
        { "AVC configuration", "1700000000" + "0164", "1700000000" + "0164", Frame(TagContent.Header, Codec.Avc, false, 0, -1, 5) },
        { "AVC key frame", "1701000050" + "65", "1701000050" + "65", Frame(TagContent.Frame, Codec.Avc, true, 80, 2, 5) },
        { "AVC frame, negative cts", "2701ffffd8" + "41", "2701ffffd8" + "41", Frame(TagContent.Frame, Codec.Avc, false, -40, 2, 5) },
        { "AVC end", "1702000000", "1702000000", Frame(TagContent.End, Codec.Avc, false, 0, -1, 5) },
        { "HEVC as codec 12", "1c01000000" + "26", "1c01000000" + "26", Frame(TagContent.Frame, Codec.LegacyHevc, true, 0, 2, 5) },
        { "Sorenson H.263", "22" + "0000", "22" + "0000", Frame(TagContent.Frame, Codec.OtherVideo, false, 0, -1, 1) },
        { "avc1 SequenceStart", "90" + "61766331" + "0164", "1700000000" + "0164", Frame(TagContent.Header, Codec.Avc, false, 0, -1, 5) },
        { "avc1 CodedFrames", "91" + "61766331" + "000050" + "65", "1701000050" + "65", Frame(TagContent.Frame, Codec.Avc, true, 80, 2, 5) },
        { "avc1 CodedFramesX", "a3" + "61766331" + "41", "2701000000" + "41", Frame(TagContent.Frame, Codec.Avc, false, 0, 2, 5) },
        { "avc1 SequenceEnd", "92" + "61766331", "1702000000", Frame(TagContent.End, Codec.Avc, false, 0, -1, 5) },
        { "hvc1 SequenceStart", "90" + "68766331" + "01", "90" + "68766331" + "01", Frame(TagContent.Header, Codec.Hevc, false, 0, -1, 5) },
        { "hvc1 CodedFrames", "91" + "68766331" + "000050" + "26", "91" + "68766331" + "000050" + "26", Frame(TagContent.Frame, Codec.Hevc, true, 80, 5, 8) },
        { "hvc1 CodedFramesX", "a3" + "68766331" + "02", "a3" + "68766331" + "02", Frame(TagContent.Frame, Codec.Hevc, false, 0, -1, 5) },
        { "hvc1 SequenceEnd", "92" + "68766331", "92" + "68766331", Frame(TagContent.End, Codec.Hevc, false, 0, -1, 5) },
        { "av01 CodedFrames", "91" + "61763031" + "0a", "91" + "61763031" + "0a", Frame(TagContent.Frame, Codec.Av1, true, 0, -1, 5) },
        { "ModEx, then hvc1 CodedFramesX", "97" + "02051615" + "03" + "68766331" + "26", "93" + "68766331" + "26", Frame(TagContent.Frame, Codec.Hevc, true, 0, -1, 5) },
        { "ModEx twice, then avc1", "97" + "00aa07" + "00bb01" + "61766331" + "000028" + "65", "1701000028" + "65", Frame(TagContent.Frame, Codec.Avc, true, 40, 2, 5) },
        { "one track 0", "96" + "03" + "61766331" + "00" + "65", "1701000000" + "65", Frame(TagContent.Frame, Codec.Avc, true, 0, 2, 5) },
        { "many tracks", "96" + "13" + "61766331" + "00000004deadbeef" + "01000002cafe", "1701000000" + "deadbeef", Frame(TagContent.Frame, Codec.Avc, true, 0, 2, 5) },
        { "many tracks, 0 last", "96" + "13" + "68766331" + "01000002cafe" + "00000002dead", "93" + "68766331" + "dead", Frame(TagContent.Frame, Codec.Hevc, true, 0, -1, 5) },
        { "many codecs", "96" + "23" + "61766331" + "00000002dead" + "68766331" + "01000002beef", "1701000000" + "dead", Frame(TagContent.Frame, Codec.Avc, true, 0, 2, 5) },
        { "many codecs with cts", "a6" + "21" + "68766331" + "00000004000028ab", "a1" + "68766331" + "000028ab", Frame(TagContent.Frame, Codec.Hevc, false, 40, 5, 8) },
    };

    /// <summary>Bodies that are no frames, with a part of the reason.</summary>
    public static readonly TheoryData<string, TagContent, string> Others = new()
    {
        { "", TagContent.Invalid, "empty" },
        { "17", TagContent.Invalid, "video header" },
        { "17010000", TagContent.Invalid, "video header" },
        { "1701000000", TagContent.Invalid, "no coded bytes" },
        { "1700000000", TagContent.Invalid, "no coded bytes" },
        { "170300000000", TagContent.Invalid, "packet type 3" },
        { "5200", TagContent.Other, "seek" },
        { "d000", TagContent.Other, "seek" },
        { "91617663", TagContent.Invalid, "FourCC" },
        { "91617663310000", TagContent.Invalid, "composition time" },
        { "91687663310000", TagContent.Invalid, "composition time" },
        { "91deadbeef0000", TagContent.Invalid, "deadbeef" },
        { "9468766331" + "02", TagContent.Other, "HDR" },
        { "d461766331" + "02", TagContent.Other, "HDR" },
        { "9968766331" + "02", TagContent.Invalid, "packet type 9" },
        { "97", TagContent.Invalid, "ModEx" },
        { "97ff", TagContent.Invalid, "ModEx" },
        { "97ffffff00", TagContent.Invalid, "ModEx" },
        { "96036176633101" + "65", TagContent.Other, "track 0" },
        { "96", TagContent.Invalid, "tracks" },
        { "96136176633100000005deadbeef", TagContent.Invalid, "5 bytes long; 4 are there" },
        { "96136176633100ffffffde", TagContent.Invalid, "16777215 bytes" },
        { "96336176633100", TagContent.Invalid, "type 3" },
        { "96066176633100", TagContent.Invalid, "packet type 6" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Bodies_become_one_form(string name, string hex, string normalised, VideoTag expected)
    {
        Assert.NotNull(name);
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        Assert.Equal(expected, VideoTag.Normalise(body));
        Assert.Equal(normalised, Convert.ToHexStringLower(body.Span));
        Assert.Equal(expected, VideoTag.Normalise(body));
        Assert.Equal(normalised, Convert.ToHexStringLower(body.Span));
        body.Release();
    }

    [Theory]
    [MemberData(nameof(Others))]
    public void What_is_no_frame_says_why(string hex, TagContent content, string reason)
    {
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        var tag = VideoTag.Normalise(body);
        Assert.Equal(content, tag.Content);
        Assert.Contains(reason, tag.Reason);
        body.Release();
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Every_truncation_is_answered(string name, string hex, string normalised, VideoTag expected)
    {
        Assert.True(name.Length + normalised.Length > 0);
        var bytes = Convert.FromHexString(hex);
        for (var length = 0; length < bytes.Length; length++)
        {
            var body = SharedBuffer.CopyOf(bytes.AsSpan(0, length));
            var tag = VideoTag.Normalise(body);
            Assert.True(tag.Content != TagContent.Invalid || tag.Reason is not null);
            if (tag.Content == TagContent.Frame) Assert.InRange(tag.PayloadOffset, 1, body.Length - 1);
            if (length < expected.PayloadOffset && expected.Content != TagContent.End) Assert.NotEqual(TagContent.Frame, tag.Content);
            body.Release();
        }
    }

    [Theory]
    [InlineData(0, "000000")]
    [InlineData(80, "000050")]
    [InlineData(-1, "ffffff")]
    [InlineData(-8_388_608, "800000")]
    [InlineData(8_388_607, "7fffff")]
    public void Composition_times_are_signed(int value, string hex)
    {
        var bytes = new byte[3];
        VideoTag.WriteSigned24(bytes, value);
        Assert.Equal(hex, Convert.ToHexStringLower(bytes));
        Assert.Equal(value, VideoTag.ReadSigned24(bytes));
    }

    private static VideoTag Frame(TagContent content, Codec codec, bool isKey, int cts, int ctsOffset, int payloadOffset) =>
        new(content, codec, isKey, cts, ctsOffset, payloadOffset);
}
