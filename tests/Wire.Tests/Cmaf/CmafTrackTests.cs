using Sluice.Wire.Cmaf;
using Sluice.Wire.Codecs;

namespace Wire.Tests.Cmaf;

/// <summary>The records are what x264, x265 and libaom wrote; the strings are what ffmpeg and browsers call them.</summary>
public class CmafTrackTests
{
    internal const string Avc720 = "01640020ffe1001967640020acd9405005bb0110000003001000000640f183196001000668ebe3cb22c0fdf8f800";
    private const string AvcBaseline = "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20";
    private const string Hevc1080 = "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff016000000300900000030000030078959809a10001002a420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c84a2000100074401c172b46240";
    internal const string Av1At180 = "81000c000a0b000000043cfeccdaf90040";
    private const string Av1At1080In10Bits = "81094c000a0b0000004aabbfc3776be501";
    private const string OpusStereo = "4f707573486561640102380180bb0000000000";

    [Theory]
    [InlineData(Codec.Avc, Avc720, "avc1.640020")]
    [InlineData(Codec.Avc, AvcBaseline, "avc1.42c01e")]
    [InlineData(Codec.Hevc, Hevc1080, "hvc1.1.6.L120.90")]
    [InlineData(Codec.LegacyHevc, Hevc1080, "hvc1.1.6.L120.90")]
    [InlineData(Codec.Av1, Av1At180, "av01.0.00M.08")]
    [InlineData(Codec.Av1, Av1At1080In10Bits, "av01.0.09M.10")]
    [InlineData(Codec.Aac, "1190", "mp4a.40.2")]
    [InlineData(Codec.Aac, "2b920800", "mp4a.40.5")]
    [InlineData(Codec.Aac, "eb8a0800", "mp4a.40.29")]
    [InlineData(Codec.Opus, OpusStereo, "opus")]
    public void A_track_has_the_codec_string_that_players_know(Codec codec, string config, string codecString)
    {
        var track = CmafTrack.Read(codec, Convert.FromHexString(config), out var reason);
        Assert.Null(reason);
        Assert.Equal(codecString, track!.CodecString);
    }

    [Fact]
    public void The_tier_space_and_constraints_of_hevc_are_told()
    {
        var high = Convert.FromHexString(Hevc1080);
        high[1] = 0x40 | 0x20 | 2;                        // space A, high tier, Main 10
        (high[2], high[6], high[7], high[11]) = (0x20, 0xB0, 0, 1);
        Assert.Equal("hvc1.A2.4.H120.B0.0.0.0.0.1", CmafTrack.Read(Codec.Hevc, high, out _)!.CodecString);
    }

    [Fact]
    public void A_track_tells_size_rate_and_channels()
    {
        var video = CmafTrack.Read(Codec.Avc, Convert.FromHexString(Avc720), out _)!;
        Assert.Equal((1280, 720, 50.0, 90_000, true), (video.Width, video.Height, Math.Round(video.FrameRate!.Value, 3), video.Timescale, video.IsVideo));
        var sound = CmafTrack.Read(Codec.Aac, [0x12, 0x10], out _)!;
        Assert.Equal((44_100, 2, 1024, false), (sound.Timescale, sound.Channels, sound.SamplesPerFrame, sound.IsVideo));
    }

    [Theory]
    [InlineData(Codec.Vp9, "", "Vp9 is not packaged")]
    [InlineData(Codec.Av1, "81000c", "cut short")]
    [InlineData(Codec.Mp3, "", "Mp3 is not packaged")]
    [InlineData(Codec.OtherVideo, "", "This codec is not packaged")]
    [InlineData(Codec.Avc, "0164", "cut short")]
    [InlineData(Codec.Opus, "4f707573", "no OpusHead")]
    public void What_cannot_be_packaged_says_why(Codec codec, string config, string why)
    {
        Assert.Null(CmafTrack.Read(codec, Convert.FromHexString(config), out var reason));
        Assert.Contains(why, reason);
    }

    /// <summary>Enhanced RTMP lets a publisher leave the OpusHead out.</summary>
    [Fact]
    public void Opus_without_a_head_is_the_usual_one()
    {
        var sound = CmafTrack.Read(Codec.Opus, [], out _)!;
        Assert.Equal((48_000, 2, "opus"), (sound.Timescale, sound.Channels, sound.CodecString));
        Assert.Equal((2, 312, 48_000), (OpusHead.Parse(sound.Config, out _)!.Value.Channels, OpusHead.Parse(sound.Config, out _)!.Value.PreSkip, OpusHead.Parse(sound.Config, out _)!.Value.InputRate));
    }
}
