using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Pipeline.Tests.Sources;

/// <summary>Each way in which an encoder may be ill without being gone: what is told of it, when, and what the switch does.</summary>
public sealed class SymptomTests
{
    private const long Ill = 8_000;
    private static readonly SimulatedEncoder Well = new() { Gop = 25, Origin = 5_000_000, Phase = 7 };

    /// <summary>From <see cref="Ill"/> on something happens to what <c>a</c> sends; <c>b</c> is well.</summary>
    private static async Task<SimulatedShow> RunAsync(Func<long, Frame, (long At, Frame Frame)?> fault, long seconds = 12, bool alone = false)
    {
        await Task.Yield();
        var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25, Fault = (at, frame) => at < Ill ? (at, frame) : fault(at, frame) });
        if (!alone) show.Start("live/show-b", Well);
        show.Run(Ill + seconds * 1000);
        return show;
    }

    private static void AssertLeft(SimulatedShow show, string reason, int atLeast, int atMost)
    {
        var cut = Assert.Single(show.Cuts);
        Assert.Equal(("b", reason), (cut.To, cut.Reason));
        var failed = Assert.Single(show.Journal, entry => entry.To == "a failed");
        Assert.Equal(reason, failed.Reason);
        Assert.NotNull(failed.Note);
        var after = (failed.Time - new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)).TotalMilliseconds - Ill;
        Assert.InRange(after, atLeast, atMost);
        Assert.Equal("b", show.Stream.ActiveName);
    }

    private static Frame At(Frame frame, long wire) => frame with { Dts = (uint)wire };

    [Fact]
    public async Task A_source_below_real_time_is_left_after_about_two_seconds()
    {
        await using var show = await RunAsync((at, frame) => (Ill + (at - Ill) * 2, frame));
        AssertLeft(show, "degraded", 1_200, 2_500);
        Assert.Contains("of real time", show.Stream.Snapshot().Sources[0].Complaint);
        Assert.InRange(show.Stream.Snapshot().Sources[0].Score, 1, 33);
    }

    [Fact]
    public async Task Time_that_stands_still_is_a_stall()
    {
        await using var show = await RunAsync((at, frame) => (at, At(frame, Ill)));
        AssertLeft(show, "stalled", 1_000, 2_500);
    }

    [Fact]
    public async Task Sound_that_is_lost_is_left_after_a_second()
    {
        await using var show = await RunAsync((at, frame) => frame.Kind == TrackKind.Audio ? null : (at, frame));
        AssertLeft(show, "degraded", 900, 1_200);
    }

    [Fact]
    public async Task Half_of_the_pictures_is_too_few()
    {
        await using var show = await RunAsync((at, frame) => frame is { Kind: TrackKind.Video, IsKey: false } && at / 40 % 2 == 0 ? null : (at, frame));
        AssertLeft(show, "degraded", 2_500, 6_000);
        Assert.Contains("pictures", show.Stream.Snapshot().Sources[0].Complaint);
    }

    [Fact]
    public async Task Keyframes_that_come_no_more_are_missed_after_four_intervals()
    {
        await using var show = await RunAsync((at, frame) => (at, frame with { Flags = frame.Flags & ~FrameFlags.Key }));
        AssertLeft(show, "degraded", 3_000, 4_200);
    }

    [Fact]
    public async Task A_clock_that_is_set_three_times_in_ten_seconds_is_not_trusted()
    {
        await using var show = await RunAsync((at, frame) => (at, At(frame, frame.Dts + (at - Ill) / 2_000 * 3_600_000)));
        AssertLeft(show, "degraded", 5_900, 6_100);
        var notes = show.Journal.Where(entry => entry.Reason == "repair").ToList();
        Assert.Equal(1, notes.Count(entry => entry.Note!.Contains("+3")));
        Assert.True(show.Stream.Snapshot().Sources[0].TimeRepairs >= 6);
    }

    [Fact]
    public async Task Sound_that_drifts_from_its_pictures_is_noticed()
    {
        await using var show = await RunAsync((at, frame) => (at, frame.Kind == TrackKind.Audio ? At(frame, frame.Dts + (at - Ill) / 10) : frame));
        AssertLeft(show, "degraded", 5_500, 8_000);
        Assert.Contains("apart", show.Stream.Snapshot().Sources[0].Complaint);
    }

    [Fact]
    public async Task A_degraded_source_goes_on_where_there_is_no_better_one()
    {
        await using var show = await RunAsync((at, frame) => frame.Kind == TrackKind.Audio ? null : (at, frame), alone: true);
        Assert.Equal("a", show.Stream.ActiveName);
        Assert.Equal(SourceState.Failed, show.Stream.Snapshot().Sources[0].State);
        Assert.Empty(show.Cuts);
        Assert.Equal((Ill + 12_000) / 40, show.Pictures.Count());
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task A_degraded_source_is_taken_where_the_good_one_dies()
    {
        await using var show = await RunAsync((at, frame) => frame.Kind == TrackKind.Audio ? null : (at, frame));
        show.Kill("live/show-b");
        show.Run(1_500);
        Assert.Equal("a", show.Stream.ActiveName);
    }

    [Fact]
    public async Task Two_sources_that_are_ill_in_the_same_way_are_not_switched_between()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        (long, Frame)? Mute(long at, Frame frame) => at >= Ill && frame.Kind == TrackKind.Audio ? null : (at, frame);
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25, Fault = Mute });
        show.Start("live/show-b", Well with { Fault = Mute });
        show.Run(60_000);
        Assert.InRange(show.Cuts.Count(), 0, 1);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task A_source_that_got_well_again_is_probed_and_healthy()
    {
        await using var show = await RunAsync((at, frame) => at < Ill + 5_000 && frame.Kind == TrackKind.Audio ? null : (at, frame), seconds: 9);
        Assert.Equal(SourceState.Healthy, show.Stream.Sources[0].State);
        Assert.Null(show.Stream.Sources[0].Complaint);
    }

    [Fact]
    public async Task A_source_that_comes_in_bursts_is_not_silent_between_them_once_that_is_known()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25, Fault = (at, frame) => ((at + 499) / 500 * 500, frame) });
        show.Run(30_000);
        show.Journal.Clear();
        for (var i = 0; i < 300; i++)
        {
            show.Run(100);
            Assert.Equal(SourceState.Healthy, show.Stream.Sources[0].State);
        }
        Assert.Empty(show.Journal);
        show.Freeze("live/show-a");
        show.Run(1_200);
        var failed = show.Journal.Single(entry => entry.Kind == "source");
        Assert.Equal(("a failed", "silent"), (failed.To, failed.Reason));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(700)]
    public async Task A_frozen_source_is_found_within_its_silence_and_50_ms(int silence)
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions { Silence = TimeSpan.FromMilliseconds(silence) }));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25 });
        show.Start("live/show-b", Well);
        show.Run(10_000);
        show.Freeze("live/show-a");
        show.Run(3_000);
        var cut = Assert.Single(show.Cuts);
        Assert.Equal("silent", cut.Reason);
        Assert.InRange(cut.DetectMs!.Value, silence, silence + 50);
    }

    [Fact]
    public async Task A_stall_of_this_machine_fails_nobody()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25 });
        show.Start("live/show-b", Well);
        show.Run(10_000);
        show.Stall(3_000);
        show.Run(10_000);
        Assert.DoesNotContain(show.Journal, entry => entry.To?.EndsWith("failed", StringComparison.Ordinal) == true);
        Assert.Empty(show.Cuts);
    }

    [Fact]
    public async Task What_is_exact_of_the_pictures_is_known_exactly()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        show.Start("live/plain", new SimulatedEncoder { Gop = 25, BFrames = 2, Fault = (at, frame) => frame.Kind == TrackKind.Video ? (at, At(frame, at * 1001 / 1200)) : (at, frame) });
        show.Run(20_000);
        var source = show.Stream.Sources[0];
        Assert.Equal(1001 / 30.0, source.PictureInterval, 0.01);
        Assert.Equal(33, source.FrameInterval);
        Assert.Equal(40, source.KeyCts);
    }
}
