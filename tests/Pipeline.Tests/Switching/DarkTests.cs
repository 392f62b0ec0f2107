using Pipeline.Tests.Output;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Switching;

/// <summary>Every source is gone, but the show is held open: what is said of it.</summary>
public sealed class DarkTests
{
    private static readonly SimulatedEncoder A = new() { Gop = 25, Mark = 0xA };
    private static readonly SimulatedEncoder B = new() { Gop = 25, Phase = 9, Origin = 90_000, Mark = 0xB };

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task A_show_without_a_source_says_since_when_and_until_when_it_is_held_open(int delay)
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions { Delay = TimeSpan.FromMilliseconds(delay) }));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(6_000);
        show.Kill("live/show-b");
        show.Run(500);
        Assert.Equal((StreamState.Live, "a"), (show.Stream.Snapshot().State, show.Stream.ActiveName));
        show.Kill("live/show-a");
        var gone = show.Time.GetUtcNow();
        show.Run(4_000);

        var dark = show.Stream.Snapshot();
        Assert.Equal((StreamState.Idle, null, gone, gone.AddSeconds(30)), (dark.State, dark.Active, dark.DarkSince, dark.EndsAt));
        Assert.DoesNotContain(dark.Sources, source => source.Active);
        Assert.Null(show.Stream.ActiveName);
        var entry = show.Journal.Single(entry => entry.Kind == "dark");
        Assert.Equal(("a", "closed"), (entry.From, entry.Reason));

        show.Start("live/show-b", B);
        show.Run(300);
        var back = show.Stream.Snapshot();
        Assert.Equal((StreamState.Starting, null, gone, null), (back.State, back.Active, back.DarkSince, back.EndsAt));
        show.Run(6_000);
        var on = show.Stream.Snapshot();
        Assert.Equal((StreamState.Live, "b", null, null), (on.State, on.Active, on.DarkSince, on.EndsAt));
        Assert.Equal(("a", "b", "closed"), (show.Cuts.Last().From, show.Cuts.Last().To, show.Cuts.Last().Reason));
    }

    [Fact]
    public async Task Who_comes_in_the_dark_begins_with_what_comes_next()
    {
        using var loops = new EgressLoops(new EgressOptions(), TimeProvider.System, 1, start: false);
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2), loops: loops);
        show.Start("live/show-a", A);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(4_000);
        var before = show.Pictures.Last().Dts;
        var sink = new MemorySink();
        show.Stream.Output.Open(sink, new SubscribeRequest { Container = Container.Flv, Protocol = "flv" });
        loops.Tick();
        Assert.Empty(sink.Bytes);

        show.Start("live/show-b", B);
        show.Run(3_000);
        loops.Tick();
        var pictures = FlvBytes.Read(sink.Bytes).Tags.Where(tag => tag.IsVideo && tag.IsFrame).ToList();
        Assert.True(pictures[0].IsKey);
        Assert.InRange(pictures[0].Time - 400, before + 1, before + 3_000);
    }

    [Fact]
    public async Task A_show_that_ended_in_the_dark_is_idle_and_begins_anew()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Run(3_000);
        show.Kill("live/show-a");
        show.Run(31_000);
        var ended = show.Stream.Snapshot();
        Assert.Equal((StreamState.Idle, null, null, null), (ended.State, ended.Active, ended.DarkSince, ended.EndsAt));
        Assert.Equal(("end", "a"), (show.Journal[^1].Kind, show.Journal[^1].From));
        show.Start("live/show-a", A);
        show.Run(3_000);
        Assert.Equal("start", show.Journal.Last(entry => entry.Kind is "start" or "resume" or "switch").Kind);
    }

    [Fact]
    public async Task The_only_source_excluded_is_not_on_and_its_frames_hold_the_show_open()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Run(3_000);
        show.Stream.Exclude("a");
        show.Run(40_000);
        var dark = show.Stream.Snapshot();
        Assert.Equal((StreamState.Idle, null, null), (dark.State, dark.Active, dark.EndsAt));
        Assert.NotNull(dark.DarkSince);
        Assert.Equal("operator", show.Journal.Single(entry => entry.Kind == "dark").Reason);
        show.Stream.Include("a");
        show.Run(3_000);
        Assert.Equal((StreamState.Live, "a", null), (show.Stream.Snapshot().State, show.Stream.Snapshot().Active, show.Stream.Snapshot().DarkSince));
    }

    [Fact]
    public async Task A_source_that_only_paused_goes_on_and_the_journal_says_so()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(1));
        show.Start("live/show-a", A);
        show.Run(3_000);
        show.Freeze("live/show-a");
        show.Run(5_000);
        Assert.Null(show.Stream.ActiveName);
        show.Thaw("live/show-a");
        show.Run(3_000);
        Assert.Equal("a", show.Stream.ActiveName);
        Assert.Equal(["dark", "resume"], show.Journal.Select(entry => entry.Kind).Where(kind => kind is "dark" or "resume"));
    }

    [Fact]
    public async Task A_switch_between_two_sources_is_never_dark()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions()));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(8_000);
        show.Freeze("live/show-a");
        for (var i = 0; i < 400; i++)
        {
            show.Run(20);
            Assert.Equal(StreamState.Live, show.Stream.Snapshot().State);
        }
        Assert.Equal("b", show.Stream.ActiveName);
        Assert.DoesNotContain(show.Journal, entry => entry.Kind == "dark");
    }

    [Fact]
    public async Task A_source_that_sends_but_never_can_be_put_on_does_not_hide_the_dark()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", A);
        show.Run(3_000);
        show.Start("live/show-b", B with { Gop = 100_000, Phase = 5 });
        show.Run(500);
        show.Kill("live/show-a");
        show.Run(3_000);
        var dark = show.Stream.Snapshot();
        Assert.Equal((StreamState.Starting, null, null), (dark.State, dark.Active, dark.EndsAt));
        Assert.NotNull(dark.DarkSince);
    }

    [Fact]
    public async Task A_publisher_that_left_before_its_first_keyframe_leaves_nothing_starting()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(1));
        show.Start("live/show-a", A);
        show.Run(1);
        show.Kill("live/show-a");
        show.Run(500);
        Assert.Equal(StreamState.Idle, show.Stream.Snapshot().State);
        Assert.NotNull(show.Stream.Snapshot().EndsAt);
    }
}
