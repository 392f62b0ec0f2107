using Pipeline.Tests.Simulation;
using Sluice.Pipeline;

namespace Pipeline.Tests.Switching;

public sealed class FailoverTests
{
    private static readonly SimulatedEncoder A = new() { Gop = 50, BFrames = 2, Origin = 0, Mark = 0xA };
    private static readonly SimulatedEncoder B = new() { Gop = 40, Phase = 13, BFrames = 3, Origin = 7_000_000, Mark = 0xB };
    private static readonly SimulatedEncoder C = new() { Gop = 25, Phase = 7, BFrames = 0, Origin = 4_294_967_296 - 9000, Mark = 0xC };

    [Fact]
    public async Task Active_source_closes_and_the_output_goes_on_at_the_next_keyframe()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(10_000);
        show.Kill("live/show-a");
        show.Run(5_000);

        Continuity.AssertUnbroken(show);
        var cut = Assert.Single(show.Cuts);
        Assert.Equal(("a", "b", "closed", "keyframe"), (cut.From, cut.To, cut.Reason, cut.Method));
        Assert.InRange(cut.GapMs!.Value, 0, 1700);
        Assert.Equal(0xB, show.Pictures.Last().Body.Span[^1]);
    }

    [Fact]
    public async Task Frozen_source_is_left_after_its_silence()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(10_000);
        show.Freeze("live/show-a");
        show.Run(5_000);

        Continuity.AssertUnbroken(show);
        var cut = Assert.Single(show.Cuts);
        Assert.Equal("silent", cut.Reason);
        Assert.InRange(cut.DetectMs!.Value, 400, 450);
    }

    /// <summary>Each place in A's GOP, so each state of its B-frames; each in a phase of B's GOP of its own.</summary>
    [Fact]
    public async Task A_cut_at_any_place_of_the_gop_leaves_dts_on_its_grid_and_no_pts_twice()
    {
        for (var offset = 0; offset < 50; offset++)
        {
            await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
            show.Start("live/show-a", A);
            show.Start("live/show-b", B with { Phase = offset * 7 % 40 });
            show.Run(6_001 + offset * 40);
            show.Kill("live/show-a");
            show.Run(3_000);
            Continuity.AssertUnbroken(show);
            Continuity.AssertLipSync(show, 150);
        }
    }

    [Fact]
    public async Task Cascade_until_one_is_left_stays_unbroken()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Start("live/show-c", C);
        show.Run(8_000);
        show.Kill("live/show-a");
        show.Run(8_000);
        show.Freeze("live/show-b");
        show.Run(8_000);

        Continuity.AssertUnbroken(show);
        Continuity.AssertLipSync(show, 150);
        Assert.Equal(["b", "c"], show.Cuts.Select(cut => cut.To));
    }

    [Fact]
    public async Task A_hundred_switches_add_no_drift()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Start("live/show-c", C);
        show.Run(4_000);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(CommandResult.Done, show.Stream.SwitchTo("bca"[i % 3].ToString()));
            show.Run(2_500);
        }

        Continuity.AssertUnbroken(show);
        Continuity.AssertLipSync(show, 150);
        Assert.Equal(100, show.Cuts.Count());
    }

    [Fact]
    public async Task All_gone_and_one_back_in_time_continues_without_an_end()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(20_000);
        show.Start("live/show-b", B);
        show.Run(5_000);

        Assert.False(show.Ended);
        Continuity.AssertUnbroken(show);
        Assert.Equal("b", Assert.Single(show.Cuts).To);
    }

    [Fact]
    public async Task All_gone_for_the_end_time_ends_the_show_and_the_next_publisher_begins_a_new_one()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(29_900);
        Assert.False(show.Ended);
        show.Run(200);
        Assert.True(show.Ended);
        Assert.Contains(show.Journal, entry => entry.Kind == "end");

        show.Output.Clear();
        show.Start("live/show-b", B);
        show.Run(3_000);
        Assert.Equal(0, show.Pictures.First().Dts);
        Assert.Equal(2, show.Journal.Count(entry => entry.Kind == "start"));
    }

    [Fact]
    public async Task A_publisher_that_reconnects_goes_on_in_the_same_output()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        show.Start("live/plain", A);
        show.Run(5_000);
        show.Kill("live/plain");
        show.Run(3_000);
        show.Start("live/plain", A with { Origin = -5_000 });
        show.Run(5_000);

        Continuity.AssertUnbroken(show);
        Assert.Equal("resume", Assert.Single(show.Cuts).Kind);
    }

    [Fact]
    public async Task A_stall_of_our_own_machine_fails_nobody()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(5_000);
        show.Stream.Tick(excused: 0);
        show.Freeze("live/show-a");
        show.Freeze("live/show-b");
        show.Run(390);
        show.Stream.Tick(excused: 380);
        show.Run(100);

        Assert.All(show.Stream.Sources, source => Assert.NotEqual("silent", source.Reason));
    }
}
