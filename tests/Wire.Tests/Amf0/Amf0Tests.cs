using System.Buffers;
using Sluice.Wire.Amf0;
using Wire.Tests.Rtmp;

namespace Wire.Tests.Amf0;

public class Amf0Tests
{
    public static TheoryData<string> VectorIds => [.. RtmpVectors.Of("amf0").Select(vector => vector.GetProperty("id").GetString()!)];

    public static TheoryData<string, string> Values => new()
    {
        { "00 3ff8000000000000", "1.5" },
        { "01 01", "true" },
        { "01 00", "false" },
        { "02 0003 616263", "\"abc\"" },
        { "02 0000", "\"\"" },
        { "05", "null" },
        { "06", "undefined" },
        { "03 0001 61 05 000009", "{a:null}" },
        { "08 00000001 0001 61 0101 000009", "[a:true]" },
        { "0a 00000002 05 06", "[null,undefined]" },
        { "0b 4024000000000000 0000", "date(10)" },
        { "03 0001 61 03 0001 62 020001 63 000009 000009", "{a:{b:\"c\"}}" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void A_value_is_read_and_written_back(string hex, string expected)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", ""));
        var reader = new Amf0Reader(bytes);
        Assert.True(reader.TryRead(out var value));
        Assert.Equal(expected, value.ToString());
        Assert.Equal(bytes.Length, reader.Position);
        Assert.Equal(bytes, Write(value));
    }

    [Theory]
    [InlineData("0d", "null")]
    [InlineData("0c 00000003 616263", "\"abc\"")]
    [InlineData("0f 00000003 616263", "\"abc\"")]
    [InlineData("07 0001", "undefined")]
    [InlineData("10 0003 466f6f 0001 61 05 000009", "{a:null}")]
    [InlineData("08 ffffffff 0001 61 0101 000009", "[a:true]")]
    [InlineData("11 01", "null")]
    [InlineData("11 03", "true")]
    [InlineData("11 04 7f", "127")]
    [InlineData("11 04 8100", "128")]
    [InlineData("11 04 ffffffff", "-1")]
    [InlineData("11 05 3ff8000000000000", "1.5")]
    [InlineData("11 06 07616263", "\"abc\"")]
    public void What_only_others_write_is_read(string hex, string expected)
    {
        var reader = new Amf0Reader(Convert.FromHexString(hex.Replace(" ", "")));
        Assert.True(reader.TryRead(out var value));
        Assert.Equal(expected, value.ToString());
        Assert.Null(reader.Error);
    }

    [Theory]
    [MemberData(nameof(VectorIds))]
    public void A_vector_is_read_and_written_back(string id)
    {
        var bytes = RtmpVectors.Bytes("amf0", id);
        var reader = new Amf0Reader(bytes);
        var values = reader.ReadAll();
        Assert.Null(reader.Error);
        Assert.Equal(bytes, Write([.. values]));
    }

    [Theory]
    [MemberData(nameof(VectorIds))]
    public void A_truncation_keeps_what_is_whole_and_says_so(string id)
    {
        var bytes = RtmpVectors.Bytes("amf0", id);
        var whole = new Amf0Reader(bytes).ReadAll();
        for (var length = 0; length < bytes.Length; length++)
        {
            var reader = new Amf0Reader(bytes.AsSpan(0, length));
            var values = reader.ReadAll();
            Assert.True(values.Count <= whole.Count);
            Assert.True(reader.Error is not null || Write([.. values]).AsSpan().SequenceEqual(bytes.AsSpan(0, length)));
            for (var index = 0; index < values.Count - 1; index++) Assert.Equal(whole[index].ToString(), values[index].ToString());
        }
    }

    [Fact]
    public void A_string_over_64_KB_becomes_a_long_string()
    {
        var bytes = Write(new string('x', 70_000));
        Assert.Equal(5 + 70_000, bytes.Length);
        Assert.Equal("0C00011170", Convert.ToHexString(bytes.AsSpan(0, 5)));
    }

    [Theory]
    [InlineData("03000161")]
    [InlineData("0a00000001")]
    [InlineData("0800000001000161")]
    public void A_nesting_bomb_ends_at_the_limit(string level)
    {
        var reader = new Amf0Reader(Convert.FromHexString(string.Concat(Enumerable.Repeat(level, 10_000))));
        reader.ReadAll();
        Assert.Contains("nested", reader.Error);
        Assert.True(reader.Position < 20 * level.Length);
    }

    [Fact]
    public void An_object_of_too_many_members_keeps_the_first()
    {
        var reader = new Amf0Reader(Convert.FromHexString("03" + string.Concat(Enumerable.Repeat("00016105", 300)) + "000009"));
        Assert.True(reader.TryRead(out var value));
        Assert.Equal(Amf0Reader.MaxMembers, value.Members.Count);
        Assert.NotNull(reader.Error);
    }

    [Theory]
    [InlineData("0affffffff05")]
    [InlineData("0cffffffff05")]
    [InlineData("02ffff05")]
    [InlineData("1106ffffffff")]
    public void A_length_that_lies_takes_no_memory(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        new Amf0Reader(bytes).ReadAll();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var reader = new Amf0Reader(bytes);
        Assert.False(reader.TryRead(out _));
        Assert.NotNull(reader.Error);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 4096);
    }

    [Fact]
    public void An_unknown_marker_ends_the_reading_and_keeps_what_came_before()
    {
        var reader = new Amf0Reader(Convert.FromHexString("0101" + "0300016105000162FF"));
        var values = reader.ReadAll();
        Assert.Equal("true {a:null}", string.Join(' ', values));
        Assert.Contains("0xff", reader.Error);
    }

    [Fact]
    public void With_replaces_in_place_or_appends()
    {
        var value = Amf0Value.EcmaArray(new("a", 1), new("b", 2));
        Assert.Equal("[a:3,b:2,c:true]", value.With("a", 3).With("c", true).ToString());
        Assert.Equal(2, value["b"].AsNumber);
        Assert.Same(Amf0Value.Undefined, value["z"]);
    }

    private static byte[] Write(params Amf0Value[] values)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new Amf0Writer(output);
        foreach (var value in values) writer.Value(value);
        return output.WrittenSpan.ToArray();
    }
}
