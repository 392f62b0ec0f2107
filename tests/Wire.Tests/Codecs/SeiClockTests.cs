using System.Text;
using Sluice.Wire.Codecs;

namespace Wire.Tests.Codecs;

public sealed class SeiClockTests
{
    private const string Bpm = "06052c0aecffe752724e2fa62fd19cd61a93b5000101323032362d31312d32325431323a30303a30302e3034305a0080";
    private const string Own = "06051f8e1c7a302f6b4b0e9d5a818c0de000010100000301a20320a2280002000005dc80";
    private const string OwnHevc = "4e01051f8e1c7a302f6b4b0e9d5a818c0de000010100000301a20320a2280002000005dc80";
    private const long Noon = 1_795_348_800_000;

    [Theory]
    [InlineData(Bpm, 1, Noon + 40)]
    [InlineData(Own, 1, 0x1a20320a228)]
    [InlineData(OwnHevc, 2, 0x1a20320a228)]
    [InlineData("06051b0aecffe752724e2fa62fd19cd61a93b500020100000301a20320a22880", 1, 0x1a20320a228)]
    [InlineData("0605250aecffe752724e2fa62fd19cd61a93b501020200000301a20320aaaa020100000301a20320a22880", 1, 0x1a20320a228)]
    [InlineData("0604030102030551" + "1f8e1c", 1, null)]
    [InlineData("06040301020305" + "1f8e1c7a302f6b4b0e9d5a818c0de000010100000301a20320a2280002000005dc80", 1, 0x1a20320a228)]
    public void A_clock_is_read_in_all_its_forms(string hex, int headerSize, long? expected) =>
        Assert.Equal(expected, SeiClock.Read(Convert.FromHexString(hex), headerSize));

    [Theory]
    [InlineData("06050300000380")]
    [InlineData("0605188e1c7a302f6b4b0e9d5a818c0de000010000030000030001020380")]
    [InlineData("06051f8e1c7a302f6b4b0e9d5a818c0de0000102000003" + "01a20320a2280002000005dc80")]
    [InlineData("06051f8e1c7a302f6b4b0e9d5a818c0de0000101ffffffffffffffff0002000005dc80")]
    public void What_is_no_clock_is_none(string hex) => Assert.Null(SeiClock.Read(Convert.FromHexString(hex), 1));

    [Theory]
    [InlineData(Bpm, 46)]
    [InlineData(Own, 28)]
    public void A_clock_cut_short_is_none(string hex, int whole)
    {
        var bytes = Convert.FromHexString(hex);
        for (var length = 0; length < whole; length++) Assert.Null(SeiClock.Read(bytes.AsSpan(0, length), 1));
    }

    [Theory]
    [InlineData("2026-11-22T12:00:00Z", Noon)]
    [InlineData("2026-11-22T12:00:00.5Z", Noon + 500)]
    [InlineData("2026-11-22T12:00:00.123456789Z", Noon + 123)]
    [InlineData("2026-11-22t13:30:00.040+01:30", Noon + 40)]
    [InlineData("2026-11-22 07:00:00-05:00", Noon)]
    [InlineData("2026-02-29T12:00:00Z", null)]
    [InlineData("2026-11-22T12:00:00", null)]
    [InlineData("2026-11-22T12:00:00.Z", null)]
    [InlineData("2026-11-22T24:00:00Z", null)]
    [InlineData("2026-13-22T12:00:00Z", null)]
    [InlineData("2026-11-22T12:00:00+1:30", null)]
    [InlineData("nonsense that is long enough", null)]
    [InlineData("", null)]
    public void RFC_3339_times_are_read(string text, long? expected) => Assert.Equal(expected, Rfc3339.Read(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void The_NAL_units_of_a_picture_are_walked_up_to_the_first_that_is_cut_short()
    {
        List<string> seen = [];
        foreach (var nal in new NalUnits(Convert.FromHexString("00000002" + "0910" + "00000000" + "00000001" + "41" + "00000005" + "6501"), 4)) seen.Add(Convert.ToHexStringLower(nal));

        Assert.Equal(["0910", "", "41"], seen);
    }
}
