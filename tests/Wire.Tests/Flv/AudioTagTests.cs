using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;
using Sluice.Wire.Flv;

namespace Wire.Tests.Flv;

public class AudioTagTests
{
    /// <summary>What comes in, what goes on, and what it is.</summary>
    public static readonly TheoryData<string, string, string, AudioTag> Bodies = new()
    {
        { "AAC configuration", "af00" + "1190", "af00" + "1190", new(TagContent.Header, Codec.Aac, 2) },
        { "AAC frame", "af01" + "21", "af01" + "21", new(TagContent.Frame, Codec.Aac, 2) },
        { "MP3", "2f" + "fffb", "2f" + "fffb", new(TagContent.Frame, Codec.Mp3, 1) },
        { "Speex", "b2" + "00", "b2" + "00", new(TagContent.Frame, Codec.OtherAudio, 1) },
        { "mp4a SequenceStart", "90" + "6d703461" + "1190", "af00" + "1190", new(TagContent.Header, Codec.Aac, 2) },
        { "mp4a CodedFrames", "91" + "6d703461" + "21", "af01" + "21", new(TagContent.Frame, Codec.Aac, 2) },
        { "Opus SequenceStart", "90" + "4f707573" + "4f70", "90" + "4f707573" + "4f70", new(TagContent.Header, Codec.Opus, 5) },
        { "Opus SequenceStart, empty", "90" + "4f707573", "90" + "4f707573", new(TagContent.Header, Codec.Opus, 5) },
        { "Opus CodedFrames", "91" + "4f707573" + "fc", "91" + "4f707573" + "fc", new(TagContent.Frame, Codec.Opus, 5) },
        { "FLAC SequenceStart", "90" + "664c6143" + "664c", "90" + "664c6143" + "664c", new(TagContent.Header, Codec.Flac, 5) },
        { "Opus SequenceEnd", "92" + "4f707573", "92" + "4f707573", new(TagContent.End, Codec.Opus, 5) },
        { "ModEx, then mp4a", "97" + "02000001" + "01" + "6d703461" + "21", "af01" + "21", new(TagContent.Frame, Codec.Aac, 2) },
        { "one track 0", "95" + "01" + "4f707573" + "00" + "fc", "91" + "4f707573" + "fc", new(TagContent.Frame, Codec.Opus, 5) },
        { "many tracks", "95" + "11" + "6d703461" + "00000002abcd" + "01000001ee", "af01" + "abcd", new(TagContent.Frame, Codec.Aac, 2) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void Bodies_become_one_form(string name, string hex, string normalised, AudioTag expected)
    {
        Assert.NotNull(name);
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        Assert.Equal(expected, AudioTag.Normalise(body));
        Assert.Equal(normalised, Convert.ToHexStringLower(body.Span));
        Assert.Equal(expected, AudioTag.Normalise(body));
        Assert.Equal(normalised, Convert.ToHexStringLower(body.Span));
        body.Release();
    }

    [Theory]
    [InlineData("", TagContent.Other, "silence")]
    [InlineData("af", TagContent.Invalid, "audio header")]
    [InlineData("af01", TagContent.Invalid, "no coded bytes")]
    [InlineData("af02aa", TagContent.Invalid, "packet type 2")]
    [InlineData("2f", TagContent.Invalid, "no coded bytes")]
    [InlineData("916d70", TagContent.Invalid, "FourCC")]
    [InlineData("916d703461", TagContent.Invalid, "no coded bytes")]
    [InlineData("91deadbeef00", TagContent.Invalid, "deadbeef")]
    [InlineData("944f70757301060000003f", TagContent.Other, "channel layout")]
    [InlineData("95014f70757301fc", TagContent.Other, "track 0")]
    [InlineData("964f707573fc", TagContent.Invalid, "packet type 6")]
    [InlineData("97", TagContent.Invalid, "ModEx")]
    public void What_is_no_frame_says_why(string hex, TagContent content, string reason)
    {
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        var tag = AudioTag.Normalise(body);
        Assert.Equal(content, tag.Content);
        Assert.Contains(reason, tag.Reason);
        body.Release();
    }
}
