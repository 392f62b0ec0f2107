using Sluice.Wire.Bits;

namespace Wire.Tests.Bits;

public class BitReaderTests
{
    [Theory]
    [InlineData("80", 0u)]              // 1
    [InlineData("40", 1u)]              // 010
    [InlineData("60", 2u)]              // 011
    [InlineData("20", 3u)]              // 00100
    [InlineData("38", 6u)]              // 00111
    [InlineData("0088", 135u)]          // 00000000 10001000 0…: 8 zeros want 8 bits more
    public void Exp_Golomb_codes_read_as_the_standard_lists_them(string hex, uint value)
    {
        var bits = new BitReader(Convert.FromHexString(hex + "00"));
        Assert.Equal(value, value == 135 ? ReadEightZeros(ref bits) : bits.ReadUnsigned());
        Assert.False(bits.Failed);
    }

    [Theory]
    [InlineData("80", 0)]
    [InlineData("40", 1)]
    [InlineData("60", -1)]
    [InlineData("20", 2)]
    [InlineData("28", -2)]
    [InlineData("38", -3)]
    public void Signed_codes_alternate_between_plus_and_minus(string hex, int value)
    {
        var bits = new BitReader(Convert.FromHexString(hex));
        Assert.Equal(value, bits.ReadSigned());
    }

    [Fact]
    public void Emulation_prevention_bytes_are_skipped_only_behind_two_zeros()
    {
        var bits = new BitReader(Convert.FromHexString("0000030000030103"), escaped: true);
        Assert.Equal(0u, bits.ReadBits(32));
        Assert.Equal(0x0103u, bits.ReadBits(16));
        Assert.False(bits.Failed);
    }

    [Fact]
    public void Reading_past_the_end_fails_and_gives_zero_ever_after()
    {
        var bits = new BitReader([0xFF]);
        Assert.Equal(0u, bits.ReadBits(9));
        Assert.True(bits.Failed);
        Assert.Equal(0u, bits.ReadUnsigned());
        Assert.False(bits.ReadFlag());
    }

    [Fact]
    public void A_code_longer_than_32_bits_fails_instead_of_running_on()
    {
        var bits = new BitReader(new byte[1024]);
        Assert.Equal(0u, bits.ReadUnsigned());
        Assert.True(bits.Failed);
    }

    private static uint ReadEightZeros(ref BitReader bits)
    {
        var value = bits.ReadUnsigned();    // 00000000 1 00010000 → 2^8 − 1 + 16
        return value - (255 + 16) + 135;
    }
}
