using Sluice.Wire.Codecs;

namespace Wire.Tests.Codecs;

public class AudioConfigTests
{
    [Theory]
    [InlineData("1190", 2, 48_000, 2, 1024, 48_000, false)]
    [InlineData("1210", 2, 44_100, 2, 1024, 44_100, false)]
    [InlineData("1188", 2, 48_000, 1, 1024, 48_000, false)]
    [InlineData("11b0", 2, 48_000, 6, 1024, 48_000, false)]
    [InlineData("1194", 2, 48_000, 2, 960, 48_000, false)]
    [InlineData("131056e598", 2, 24_000, 2, 1024, 48_000, false)]           // HE-AAC announced behind: sync 2b7, type 5, flag, index 3
    [InlineData("2b118800", 2, 24_000, 2, 1024, 48_000, false)]             // HE-AAC announced in front: 00101 0110 0010 0011 00010 …
    [InlineData("eb098800", 2, 24_000, 1, 1024, 48_000, true)]              // HE-AAC v2: 11101 0110 0001 0011 00010 …
    [InlineData("17800b5b90", 2, 5_815, 2, 1024, 5_815, false)]             // 00010 1111, 24 bits of rate, 0010
    public void An_AudioSpecificConfig_tells_rate_channels_and_frame_length(string hex, int type, int rate, int channels, int samples, int outputRate, bool hasPs)
    {
        var config = AacConfig.Parse(Convert.FromHexString(hex), out var reason);
        Assert.Null(reason);
        Assert.Equal(new AacConfig(type, rate, channels, samples, outputRate, hasPs), config);
    }

    [Theory]
    [InlineData("", "cut short")]
    [InlineData("11", "cut short")]
    [InlineData("0190", "names no codec")]
    [InlineData("1690", "0 Hz")]
    [InlineData("11c8", "reserved")]
    public void A_senseless_AudioSpecificConfig_says_why(string hex, string reason)
    {
        Assert.Null(AacConfig.Parse(Convert.FromHexString(hex), out var why));
        Assert.Contains(reason, why);
    }

    [Fact]
    public void An_OpusHead_tells_channels_and_pre_skip()
    {
        Assert.Equal(new OpusHead(2, 312, 48_000), OpusHead.Parse(Convert.FromHexString("4f707573486561640102380180bb0000000000"), out _));
        Assert.Null(OpusHead.Parse(Convert.FromHexString("4f707573486561640102380180bb00000000"), out var reason));
        Assert.NotNull(reason);
        Assert.Null(OpusHead.Parse(Convert.FromHexString("4f707573486561641102380180bb0000000000"), out reason));
        Assert.Contains("version 17", reason);
    }

    [Theory]
    [InlineData("fc", 960)]         // CELT 20 ms, one frame
    [InlineData("fd", 1920)]        // two frames
    [InlineData("e0", 120)]         // CELT 2.5 ms
    [InlineData("08", 960)]         // SILK 20 ms
    [InlineData("18", 2880)]        // SILK 60 ms
    [InlineData("60", 480)]         // hybrid 10 ms
    [InlineData("78", 960)]         // hybrid 20 ms
    [InlineData("fb06", 5760)]      // six frames of 20 ms
    [InlineData("fb07", 0)]         // 140 ms are not allowed
    [InlineData("fb", 0)]
    [InlineData("", 0)]
    public void An_Opus_packet_tells_its_duration(string hex, int samples)
    {
        Assert.Equal(samples, OpusPacket.Samples(Convert.FromHexString(hex)));
    }

    [Theory]
    [InlineData("fffb9064", 3, 44_100, 2, 1152)]    // MPEG 1
    [InlineData("fff384c4", 3, 24_000, 1, 576)]     // MPEG 2
    [InlineData("ffe318c4", 3, 8_000, 1, 576)]      // MPEG 2.5
    public void An_MP3_frame_tells_its_duration(string hex, int layer, int rate, int channels, int samples)
    {
        Assert.Equal(new Mp3Frame(layer, rate, channels, samples), Mp3Frame.Parse(Convert.FromHexString(hex)));
    }

    [Theory]
    [InlineData("fffb90")]
    [InlineData("fefb9064")]
    [InlineData("ffeb9064")]
    [InlineData("fff99064")]
    [InlineData("fffbf064")]
    [InlineData("fffb9c64")]
    public void What_is_no_MP3_frame_is_none(string hex) => Assert.Null(Mp3Frame.Parse(Convert.FromHexString(hex)));
}
