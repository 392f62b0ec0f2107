using Pipeline.Tests.Simulation;
using Sluice.Pipeline;

namespace Pipeline.Tests.Switching;

/// <summary>Sources that are neither well nor gone: without pictures, without keyframes, silent but connected.</summary>
public sealed class HalfDeadSourceTests
{
    private static readonly SimulatedEncoder Encoder = new() { Gop = 25 };

    [Fact]
    public async Task Video_that_stalls_while_sound_goes_on_is_told_once_and_left_without_a_hole_in_the_sound()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        var a = show.Start("live/show-a", Encoder);
        show.Start("live/show-b", Encoder with { Phase = 13, Origin = 5_000_000 });
        show.Run(5_000);
        show.Freeze("live/show-a");
        RunSoundOnly(show, a, 20_000);

        Assert.Equal("stalled", Assert.Single(show.Cuts).Reason);
        Assert.Single(show.Journal, entry => entry.To == "a failed");
        Assert.InRange(show.Sounds.Count(), 25_000 * 48 / 1024 - 10, 25_000 * 48 / 1024 + 5);   // with what belongs to the reorder headroom
        Assert.InRange(show.Pictures.Last().Pts - show.Sounds.Last().Dts, -80, 80);
    }

    [Fact]
    public async Task A_lone_source_that_goes_on_with_sound_alone_is_not_gone()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        var lease = show.Start("live/plain", Encoder);
        show.Run(5_000);
        show.Freeze("live/plain");
        RunSoundOnly(show, lease, 60_000);
        Assert.False(show.Ended);
        Assert.InRange(show.Sounds.Last().Dts, 64_000, 65_100);

        show.Thaw("live/plain");
        show.Run(3_000);
        Assert.InRange(show.Pictures.Last().Pts - show.Sounds.Last().Dts, -80, 80);
        Assert.Equal(0, show.Stream.Sources[0].TimeRepairs);
    }

    [Fact]
    public async Task Video_after_a_stretch_of_a_source_without_video_stands_beside_the_sound()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", Encoder);
        show.Start("live/show-b", Encoder with { HasVideo = false, Origin = 5_000_000 });
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(60_000);
        show.Start("live/show-a", Encoder with { Origin = 77_000 });
        show.Run(3_000);
        Assert.Equal(CommandResult.Done, show.Stream.SwitchTo("a"));
        show.Run(10_000);

        Assert.InRange(show.Pictures.Last().Pts - show.Sounds.Last().Dts, -80, 80);
        Assert.InRange(show.Sounds.Last().Dts, 75_000, 79_000);
        Continuity.AssertSoundOnGrid(show);
    }

    [Fact]
    public async Task Sound_after_a_stretch_of_a_source_without_sound_stands_beside_the_pictures()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", Encoder);
        show.Start("live/show-b", Encoder with { HasSound = false, Origin = 5_000_000 });
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(60_000);
        show.Start("live/show-a", Encoder with { HasVideo = false });
        show.Run(3_000);
        show.Kill("live/show-b");
        show.Run(10_000);

        Assert.InRange(show.Sounds.Last().Dts - show.Pictures.Last().Pts, 9_000, 10_500);
    }

    [Fact]
    public async Task Where_the_chosen_sources_keyframe_does_not_come_another_ones_is_taken()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3));
        show.Start("live/show-a", Encoder);
        show.Start("live/show-b", Encoder with { Gop = 1_000_000 });
        show.Start("live/show-c", Encoder with { Phase = 7 });
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(4_000);

        var cut = Assert.Single(show.Cuts);
        Assert.Equal(("c", "closed"), (cut.To, cut.Reason));
        Assert.InRange(cut.GapMs!.Value, 1_000, 3_100);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task An_order_to_a_source_without_keyframes_does_not_keep_the_show_dark_when_the_active_one_dies()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3));
        show.Start("live/show-a", Encoder);
        show.Start("live/show-b", Encoder with { Gop = 1_000_000 });
        show.Start("live/show-c", Encoder with { Phase = 7 });
        show.Run(5_000);
        show.Stream.SwitchTo("b");
        show.Run(10_000);
        Assert.Equal("a", show.Stream.ActiveName);
        show.Kill("live/show-a");
        show.Run(4_000);
        Assert.Equal("c", show.Stream.ActiveName);
    }

    [Fact]
    public async Task A_publisher_that_was_silent_beyond_the_end_and_sends_again_begins_a_new_show()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(1, new SwitchOptions { End = TimeSpan.FromSeconds(3) }));
        show.Start("live/show-a", Encoder);
        show.Run(5_000);
        show.Freeze("live/show-a");
        show.Run(6_000);
        Assert.True(show.Ended);

        show.Output.Clear();
        show.Thaw("live/show-a");
        show.Run(5_000);
        Assert.True(show.Stream.IsOnAir);
        Assert.InRange(show.Pictures.Count(), 95, 126);
        Assert.Equal(0, show.Pictures.First().Dts);
        Assert.NotNull(show.Stream.Log.Headers.Video);
    }

    [Fact]
    public async Task A_show_whose_sources_are_all_excluded_goes_on_when_one_is_included_again()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(1));
        show.Start("live/show-a", Encoder);
        show.Run(5_000);
        show.Stream.Exclude("a");
        show.Run(60_000);
        Assert.False(show.Ended);
        show.Output.Clear();
        show.Run(350);
        Assert.Empty(show.Output);
        show.Stream.Include("a");
        show.Run(3_000);
        Assert.True(show.Pictures.First().IsKey);
        Assert.Equal(("resume", "operator"), (Assert.Single(show.Cuts).Kind, show.Cuts.Single().Reason));
        Continuity.AssertUnbroken(show);
    }

    /// <summary>The encoder's sound alone, in its time.</summary>
    private static void RunSoundOnly(SimulatedShow show, PublishLease lease, long milliseconds)
    {
        var end = show.Now + milliseconds;
        foreach (var (at, frame) in (Encoder with { HasVideo = false }).Frames(show.Now, end, headers: false))
        {
            show.Run(at - show.Now);
            lease.OnFrame(frame);
            frame.Body.Release();
        }
        show.Run(end - show.Now);
    }
}
