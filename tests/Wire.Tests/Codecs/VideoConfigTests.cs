using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Wire.Tests.Codecs;

/// <summary>The records are what x264, x265 and libaom wrote for streams whose size and rate are known.</summary>
public class VideoConfigTests
{
    private const string Baseline360P25 = "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20";
    private const string High720P50 = "01640020ffe1001967640020acd9405005bb0110000003001000000640f183196001000668ebe3cb22c0fdf8f800";
    private const string Main480Ntsc = "014d401fffe10017674d401feca06c1ef37808800001f480007530078c18cb01000568ebe3cb20";
    private const string HighCropped24 = "0164000dffe1001b6764000dacd94150878888c044000003000400000300c03c50a65801000668ebe3cb22c0fdf8f800";
    private const string Av1At180 = "81000c000a0b000000043cfeccdaf90040";
    private const string Av1At1080In10Bits = "81094c000a0b0000004aabbfc3776be501";

    /// <summary>Made by hand: behind a temporal delimiter, with an extension, timing, a decoder model, display delays and two operating points.</summary>
    private const string Av1WithEverything = "12000e101c040000000400000067a4000000052984405380a032600242627fb3c0";

    private const string Hevc360 = "0101600000009000000000003ff000fcfdf8f800000f03a00001001840010c01ffff01600000030090000003000003003f959809a10001002a42010101600000030090000003000003003fa00502016965959a4932bc05a02000000300200000030321a2000100074401c172b46240";
    private const string Hevc1080 = "01016000000090000000000078f000fcfdf8f800000f03a00001001840010c01ffff016000000300900000030000030078959809a10001002a420101016000000300900000030000030078a003c08010e596566924caf0168080000003008000000c84a2000100074401c172b46240";

    [Theory]
    [InlineData(Baseline360P25, 66, 30, 640, 360, 25.0, 0)]
    [InlineData(High720P50, 100, 32, 1280, 720, 50.0, 2)]
    [InlineData(Main480Ntsc, 77, 31, 854, 480, 30000 / 1001.0, 2)]
    [InlineData(HighCropped24, 100, 13, 322, 242, 24.0, 2)]
    public void An_avcC_tells_size_rate_and_reordering(string hex, int profile, int level, int width, int height, double frameRate, int reorderFrames)
    {
        var config = Avc(hex);
        Assert.Equal((profile, level, 4), (config.Profile, config.Level, config.NalLengthSize));
        Assert.Equal((width, height, reorderFrames), (config.Picture.Width, config.Picture.Height, config.Picture.ReorderFrames));
        Assert.Equal(frameRate, config.Picture.FrameRate!.Value, 0.0001);
        Assert.Equal((1, 8), (config.Picture.ChromaFormat, config.Picture.BitDepth));
    }

    [Fact]
    public void An_avcC_cut_short_is_refused_at_every_length_that_loses_a_set()
    {
        var bytes = Convert.FromHexString(Baseline360P25);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Null(AvcConfig.Parse(bytes.AsSpan(0, length), out var reason));
            Assert.NotNull(reason);
        }
    }

    [Theory]
    [InlineData("0242c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20", "version 2")]
    [InlineData("0142c01effe001000568cb83cb20", "no NAL unit of type 7")]
    [InlineData("0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4800", "no NAL unit of type 8")]
    [InlineData("0142c01effe100196842c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20", "something else")]
    [InlineData("0142c01efee100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20", "3 bytes of length")]
    [InlineData("0142c01effe100046742c01e01000568cb83cb20", "cut short")]
    public void A_senseless_avcC_says_why(string hex, string reason)
    {
        Assert.Null(AvcConfig.Parse(Convert.FromHexString(hex), out var why));
        Assert.Contains(reason, why);
    }

    [Theory]
    [InlineData(Av1At180, 0, false, 8, 320, 180)]
    [InlineData(Av1At1080In10Bits, 9, false, 10, 1920, 1080)]
    [InlineData("811fe000" + Av1WithEverything, 31, true, 12, 640, 360)]
    public void An_av1C_tells_level_depth_and_size(string hex, int level, bool isHighTier, int bitDepth, int width, int height)
    {
        var config = Av1Config.Parse(Convert.FromHexString(hex), out var reason);
        Assert.Null(reason);
        Assert.Equal(new Av1Config(0, level, isHighTier, bitDepth, width, height), config);
    }

    [Fact]
    public void An_av1C_cut_short_is_refused_until_it_tells_the_size()
    {
        var bytes = Convert.FromHexString(Av1At1080In10Bits);
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Null(Av1Config.Parse(bytes.AsSpan(0, length), out var reason));
            Assert.NotNull(reason);
        }
    }

    [Theory]
    [InlineData("01000c00", "begins with 01")]
    [InlineData("81000c00", "no sequence header")]
    [InlineData("81000c001200", "no sequence header")]
    [InlineData("81000c000aff80808001", "cut short")]
    [InlineData("81000c000a020000", "The sequence header is cut short")]
    [InlineData("81000c000e", "cut short")]
    public void A_senseless_av1C_says_why(string hex, string reason)
    {
        Assert.Null(Av1Config.Parse(Convert.FromHexString(hex), out var why));
        Assert.Contains(reason, why);
    }

    [Fact]
    public void Parameter_sets_are_written_with_their_lengths()
    {
        var config = Avc(Baseline360P25);
        var bytes = new byte[config.ParameterSetsLength];
        config.WriteParameterSets(bytes);
        Assert.Equal("00000019" + "6742c01ed900a02ff97011000003000100000300320f162e48" + "00000005" + "68cb83cb20", Convert.ToHexStringLower(bytes));
    }

    [Theory]
    [InlineData("1701000050", "", "00000002" + "6588")]
    [InlineData("1701000050", "00000002" + "09f0", "00000002" + "6588")]
    public void Parameter_sets_go_before_the_picture_but_behind_a_delimiter(string header, string delimiter, string picture)
    {
        var body = SharedBuffer.CopyOf(Convert.FromHexString(header + delimiter + picture));
        var config = Avc(Baseline360P25);
        var sets = new byte[config.ParameterSetsLength];
        config.WriteParameterSets(sets);
        var copy = config.WithParameterSets(body, 5);
        Assert.Equal(header + delimiter + Convert.ToHexStringLower(sets) + picture, Convert.ToHexStringLower(copy.Span));
        copy.Release();
        body.Release();
    }

    [Fact]
    public void Equal_sets_need_nothing_other_sets_go_in_band_other_pictures_begin_anew()
    {
        var high = Avc("0164001effe1001b" + Sps(HighCropped24) + "01000668ebe3cb22c0");
        var otherPps = Avc("0164001effe1001b" + Sps(HighCropped24) + "01000568cb83cb20");
        Assert.Equal(ParameterChange.Same, AvcConfig.Compare(high, Avc(HighCropped24)));
        Assert.Equal(ParameterChange.SameSizeAndRate, AvcConfig.Compare(high, otherPps));
        Assert.Equal(ParameterChange.Reinit, AvcConfig.Compare(high, Avc(High720P50)));
        Assert.Equal(ParameterChange.Reinit, AvcConfig.Compare(Avc(Baseline360P25), Avc(Baseline360P25.Replace("1effe1", "1efde1"))));
    }

    [Theory]
    [InlineData(Hevc360, 63, 640, 360)]
    [InlineData(Hevc1080, 120, 1920, 1080)]
    public void An_hvcC_tells_the_size(string hex, int level, int width, int height)
    {
        var config = HevcConfig.Parse(Convert.FromHexString(hex), out var reason);
        Assert.Null(reason);
        Assert.Equal(new HevcConfig(1, level, 4, width, height), config);
    }

    [Fact]
    public void An_hvcC_cut_short_is_refused()
    {
        var bytes = Convert.FromHexString(Hevc1080);
        const int endOfSps = 23 + 5 + 24 + 5 + 42;
        for (var length = 0; length < endOfSps; length++) Assert.Null(HevcConfig.Parse(bytes.AsSpan(0, length), out _));
    }

    private static AvcConfig Avc(string hex) => AvcConfig.Parse(Convert.FromHexString(hex), out _)!;

    private static string Sps(string hex) => hex.Substring(16, 2 * 27);
}
