using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Wire.Tests.Codecs;

public sealed class UserDataSeiTests
{
    private static readonly byte[] Uuid = Convert.FromHexString("8e1c7a302f6b4b0e9d5a818c0de00001");

    [Theory]
    [InlineData(Codec.Avc, "010000019f8c1f", "0605178e1c7a302f6b4b0e9d5a818c0de00001010000030" + "19f8c1f80")]
    [InlineData(Codec.Avc, "0000000000010203", "0605188e1c7a302f6b4b0e9d5a818c0de000010000030000030001020380")]
    [InlineData(Codec.Hevc, "0102", "4e0105128e1c7a302f6b4b0e9d5a818c0de00001010280")]
    public void A_message_is_a_unit_of_its_own_without_start_codes_in_it(Codec codec, string data, string expected) =>
        Assert.Equal(expected, Convert.ToHexStringLower(UserDataSei.Write(codec, Uuid, Convert.FromHexString(data))!));

    [Fact]
    public void A_long_message_tells_its_size_in_steps_of_255()
    {
        var nal = UserDataSei.Write(Codec.Avc, Uuid, new byte[] { 1 }.Concat(Enumerable.Repeat((byte)7, 599)).ToArray())!;
        Assert.Equal([6, 5, 255, 255, 106], nal[..5]);
        Assert.Equal(5 + 616 + 1, nal.Length);
    }

    [Fact]
    public void Other_codecs_have_none() => Assert.Null(UserDataSei.Write(Codec.Av1, Uuid, [1]));

    [Theory]
    [InlineData("0000000109 0000000267AA 000000026511", "0000000109 0000000267AA 00000003060580 000000026511")]
    [InlineData("000000026511", "00000003060580 000000026511")]
    [InlineData("000000026511 000000026512", "00000003060580 000000026511 000000026512")]
    public void It_stands_before_the_first_slice(string before, string after)
    {
        var body = SharedBuffer.CopyOf([0x17, 1, 0, 0, 0, .. Hex(before)]);
        var marked = UserDataSei.Insert(body, 5, Codec.Avc, [[6, 5, 0x80]])!;
        Assert.Equal((byte[])[0x17, 1, 0, 0, 0, .. Hex(after)], marked.Span.ToArray());
    }

    [Theory]
    // Behind delimiter, parameter sets and another message, before the first of two slices.
    [InlineData("00000003460150 00000003400101 00000003420102 00000003440103 000000044E018900 00000003 2601AA 00000003 2601BB",
        "00000003460150 00000003400101 00000003420102 00000003440103 000000044E018900 000000054E01050080 00000003 2601AA 00000003 2601BB")]
    // Of the second temporal layer, as its picture is; a message behind the slices stays there.
    [InlineData("00000003 0202AA 00000003500201", "000000054E02050080 00000003 0202AA 00000003500201")]
    public void In_HEVC_it_stands_before_the_first_slice_in_the_temporal_layer_of_its_picture(string before, string after)
    {
        var body = SharedBuffer.CopyOf([0x91, .. "hvc1"u8, 0, 0, 0, .. Hex(before)]);
        var marked = UserDataSei.Insert(body, 8, Codec.Hevc, [[0x4E, 0x01, 5, 0, 0x80]])!;
        Assert.Equal((byte[])[0x91, .. "hvc1"u8, 0, 0, 0, .. Hex(after)], marked.Span.ToArray());
    }

    [Fact]
    public void A_slice_without_its_header_is_none() =>
        Assert.Null(UserDataSei.Insert(SharedBuffer.CopyOf(Hex("0000000126")), 0, Codec.Hevc, [[0x4E, 0x01, 5, 0, 0x80]]));

    [Theory]
    [InlineData("00000001")]
    [InlineData("0000000965")]
    [InlineData("0000000109")]
    [InlineData("0000000065")]
    [InlineData("FFFFFFFF65")]
    public void What_is_no_chain_of_units_with_a_slice_is_left_alone(string payload) =>
        Assert.Null(UserDataSei.Insert(SharedBuffer.CopyOf(Hex(payload)), 0, Codec.Avc, [[6, 5, 0x80]]));

    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));
}
