using Sluice.Pipeline.Alignment;

namespace Pipeline.Tests.Alignment;

public sealed class ContinuityTests(ITestOutputHelper output)
{
    private static readonly Programme Show = new(11);
    private static readonly ContentEncoder A = new() { Programme = Show, Id = 1, Origin = 10_000 };
    private static readonly ContentEncoder B = new() { Programme = Show, Id = 2, Origin = 3_000_000, Phase = 20, BFrames = 2, Delay = 300 };
    private static readonly ContentEncoder C = new() { Programme = Show, Id = 3, Origin = 800_000, Phase = 33, Gop = 75, Gain = 1.2, Delay = 50 };

    [Fact, Trait("Category", "Thorough")]
    public void Clocks_that_drift_apart_stay_aligned_for_an_hour()
    {
        var rig = AlignmentRig.Of(A, B with { DriftPpm = 100 });
        var worst = 0.0;
        for (var minute = 0; minute < 60; minute++)
        {
            rig.Run(60_000);
            if (minute >= 1) worst = Math.Max(worst, Math.Abs(rig.Error(0, 1)));
        }
        output.WriteLine($"worst {worst:F2} ms, {rig.Of(1)}");

        Assert.InRange(worst, 0, 2);
        Assert.InRange(rig.Of(1).DriftPpm, -105, -95);
    }

    [Fact]
    public void When_the_anchor_goes_the_others_stay_and_it_comes_back_among_them()
    {
        var rig = AlignmentRig.Of(A, B, C);
        rig.Run(25_000);
        var (b, c) = (rig.Of(1).OffsetMs, rig.Of(2).OffsetMs);
        rig.Stop(0);
        for (var second = 0; second < 30; second++)
        {
            rig.Run(1000);
            Assert.InRange(rig.Of(1).OffsetMs, b - 1, b + 1);
            Assert.InRange(rig.Of(2).OffsetMs, c - 1, c + 1);
        }
        Assert.Equal(AlignmentMethod.None, rig.Of(0).Method);
        rig.Start(0, A with { Origin = 123 });
        rig.Run(25_000);

        Assert.Equal(AlignmentMethod.Correlation, rig.Of(0).Method);
        Assert.InRange(rig.Error(0, 1), -2, 2);
        Assert.InRange(rig.Error(0, 2), -2, 2);
        Assert.InRange(rig.Of(1).OffsetMs, b - 1, b + 1);
    }

    [Fact]
    public void A_source_whose_new_session_has_another_clock_is_locked_again()
    {
        var rig = AlignmentRig.Of(A, B);
        rig.Run(20_000);
        rig.Stop(1);
        rig.Run(3000);
        rig.Start(1, B with { Origin = 17 });
        rig.Run(500);
        Assert.Equal(AlignmentMethod.None, rig.Of(1).Method);
        rig.Run(20_000);

        Assert.Equal(AlignmentMethod.Correlation, rig.Of(1).Method);
        Assert.InRange(rig.Error(0, 1), -2, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_clock_that_is_set_within_a_session_moves_its_own_source_only(int moved)
    {
        var rig = AlignmentRig.Of(A, B);
        rig.Run(40_000);
        var kept = rig.Of(1 - moved).OffsetMs;
        var encoder = moved == 0 ? A : B;
        rig.Replace(moved, encoder with { Origin = encoder.Origin + 600 });
        for (var second = 0; second < 40; second++)
        {
            rig.Run(1000);
            if (Math.Abs(rig.Error(0, 1)) < 5) break;
        }
        output.WriteLine($"locked again {rig.Now - 40_000} ms after");
        rig.Run(5000);

        Assert.InRange(rig.Error(0, 1), -2, 2);
        Assert.InRange(rig.Of(1 - moved).OffsetMs, kept - 2, kept + 2);
    }

    [Fact]
    public void After_everybody_was_gone_the_programme_time_goes_on_by_arrival()
    {
        var rig = AlignmentRig.Of(A, B);
        rig.Run(20_000);
        rig.Stop(0);
        rig.Stop(1);
        rig.Run(2000);
        rig.Start(0, A with { Origin = 5_000_000 });
        rig.Run(5000);

        Assert.InRange(rig.Of(0).OffsetMs + 5_000_000, 10_000 - 200, 10_000 + 200);
    }

    [Fact]
    public void Sources_of_other_shows_do_not_lock()
    {
        for (var seed = 20; seed < 26; seed++)
        {
            var rig = AlignmentRig.Of(A, B with { Programme = new Programme(seed), Phase = 0 });
            rig.Run(2000);
            for (var second = 0; second < 90; second++)
            {
                rig.Run(1000);
                Assert.Equal(AlignmentMethod.Arrival, rig.Of(1).Method);
                Assert.InRange(rig.Of(1).Confidence, 0, 0.3);
            }
        }
    }

    [Fact]
    public void A_still_and_silent_show_says_nothing_until_something_happens()
    {
        var still = new Programme(12) { StillUntil = 30_000 };
        var rig = AlignmentRig.Of(A with { Programme = still, Noise = 0, PaddedSound = true }, B with { Programme = still, Noise = 0, PaddedSound = true, Gain = 0.7 });
        rig.Run(29_000);
        Assert.Equal(AlignmentMethod.Arrival, rig.Of(1).Method);
        Assert.InRange(rig.Of(1).Confidence, 0, 0.3);
        rig.Run(30_000);

        Assert.Equal(AlignmentMethod.Correlation, rig.Of(1).Method);
        Assert.InRange(rig.Error(0, 1), -2, 2);
    }

    [Fact]
    public void Unlike_frame_rates_are_aligned_by_sound_alone()
    {
        var rig = AlignmentRig.Of(A, B with { Fps = 50 });
        rig.Run(30_000);
        output.WriteLine($"{rig.Of(1)}, error {rig.Error(0, 1):F1}");

        Assert.Equal(AlignmentMethod.Correlation, rig.Of(1).Method);
        Assert.InRange(rig.Error(0, 1), -8, 8);
    }

    [Fact]
    public void A_locked_source_never_jumps_while_its_show_goes_on()
    {
        var rig = AlignmentRig.Of(A, B with { DriftPpm = -60 }, C with { DriftPpm = 30 });
        rig.Run(30_000);
        for (var second = 0; second < 600; second++)
        {
            var (b, c) = (rig.Of(1).OffsetMs, rig.Of(2).OffsetMs);
            rig.Run(1000);
            Assert.InRange(rig.Of(1).OffsetMs - b, -1, 1);
            Assert.InRange(rig.Of(2).OffsetMs - c, -1, 1);
        }
    }
}
