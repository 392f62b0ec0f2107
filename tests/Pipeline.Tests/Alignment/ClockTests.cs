using Sluice.Pipeline.Alignment;

namespace Pipeline.Tests.Alignment;

public sealed class ClockTests
{
    private const long Noon = 1_795_348_800_000;

    [Fact]
    public void Clocks_in_the_pictures_align_sources_to_the_millisecond_whatever_they_show()
    {
        var rig = AlignmentRig.Of(
            new ContentEncoder { Programme = new Programme(3), Id = 1, Origin = 400, Clock = Noon },
            new ContentEncoder { Programme = new Programme(4), Id = 2, Origin = 77_777, Clock = Noon, Delay = 900, BFrames = 2 });
        rig.Run(8000);

        Assert.Equal(AlignmentMethod.Clock, rig.Of(1).Method);
        Assert.InRange(rig.Error(0, 1), -1, 1);
        Assert.True(rig.Of(1).Confidence > 0.9);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(-3_600_000)]
    public void A_clock_that_correlation_refutes_loses(long wrong)
    {
        var show = new Programme(5);
        var rig = AlignmentRig.Of(
            new ContentEncoder { Programme = show, Id = 1, Clock = Noon },
            new ContentEncoder { Programme = show, Id = 2, Origin = 500_000, Clock = Noon + wrong });
        rig.Run(30_000);

        Assert.Equal(AlignmentMethod.Correlation, rig.Of(1).Method);
        Assert.InRange(rig.Error(0, 1), -2, 2);
    }

    [Fact]
    public void Equal_payloads_go_before_a_clock_and_a_clock_before_correlation()
    {
        var show = new Programme(6);
        var first = new ContentEncoder { Programme = show, Id = 1, Clock = Noon };
        var rig = AlignmentRig.Of(first, first with { Origin = 5_000 }, new ContentEncoder { Programme = show, Id = 3, Origin = 900_000, Clock = Noon });
        rig.Run(30_000);

        Assert.Equal([AlignmentMethod.Identical, AlignmentMethod.Identical, AlignmentMethod.Clock], new[] { rig.Of(0).Method, rig.Of(1).Method, rig.Of(2).Method });
    }
}
