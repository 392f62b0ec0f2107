using Sluice.Pipeline.Media;
using Sluice.Pipeline.Switching;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Switching;

public sealed class OutputTimeTests
{
    private const int Step = 40;

    private static Frame Picture(long dts, int cts, bool isKey = false) =>
        new(TrackKind.Video, isKey ? FrameFlags.Key : FrameFlags.None, Codec.Avc, dts, cts, SharedBuffer.CopyOf([0x27, 1, 0, 0, 0]), 5);

    private static long Dts(OutputTime time, Frame picture)
    {
        Assert.True(time.TryStamp(picture, out var stamped));
        return stamped.Dts;
    }

    /// <summary>So that a sample of theirs lasts 1 ms in a file, as they are shown, and the others keep their step.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Pictures_that_straddle_a_cut_are_decoded_right_before_the_next_place_of_the_grid(int straddlers)
    {
        var time = new OutputTime();
        time.Resume(Picture(0, 80, isKey: true), Step);
        Assert.Equal([0, 40, 80], [Dts(time, Picture(0, 80, isKey: true)), Dts(time, Picture(40, 0)), Dts(time, Picture(80, 0))]);
        for (var i = 0; i < straddlers; i++)
            Assert.Equal(120 - straddlers + i, time.StampBeforeNext(Picture(120 + Step * i, 160), 400 + i, straddlers - i).Dts);
        Assert.Equal(120, time.StampBack(Picture(120 + Step * straddlers, 0), straddlers).Dts);
        Assert.Equal(160, time.StampBack(Picture(160 + Step * straddlers, 0), straddlers).Dts);
    }
}
