using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Switching;

/// <summary>Publishers that lack a track, start one late, or lie about time.</summary>
public sealed class TrackTests
{
    private static readonly SimulatedEncoder Encoder = new() { Gop = 25 };

    private static SimulatedShow Plain() => new(new StreamOptions(), "live/plain");

    [Fact]
    public async Task Sound_alone_comes_through_after_it_is_clear_that_no_video_follows()
    {
        await using var show = Plain();
        show.Start("live/plain", Encoder with { HasVideo = false });
        show.Run(4000);
        Assert.InRange(show.Sounds.Count(), 130, 145);
        Continuity.AssertSoundOnGrid(show);
    }

    [Fact]
    public async Task Video_alone_comes_through()
    {
        await using var show = Plain();
        show.Start("live/plain", Encoder with { HasSound = false });
        show.Run(4000);
        Assert.Equal(100, show.Pictures.Count());
        Assert.Empty(show.Sounds);
    }

    [Fact]
    public async Task Sound_only_sources_switch_on_the_grid()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", Encoder with { HasVideo = false });
        show.Start("live/show-b", Encoder with { HasVideo = false, Origin = 77_777 });
        show.Run(5000);
        show.Kill("live/show-a");
        show.Run(5000);
        Continuity.AssertSoundOnGrid(show);
        Assert.Equal("b", Assert.Single(show.Cuts).To);
    }

    [Fact]
    public async Task Sound_that_starts_later_is_in_its_place()
    {
        await using var show = Plain();
        var lease = show.Start("live/plain", Encoder with { HasSound = false });
        show.Run(3000);
        foreach (var (_, frame) in (Encoder with { HasVideo = false }).Frames(show.Now, show.Now + 1000)) lease.OnFrame(frame);
        Assert.InRange(show.Sounds.First().Dts - show.Pictures.Last().Dts, 0, 62);
        Continuity.AssertSoundOnGrid(show);
    }

    [Theory]
    [InlineData(3_600_000)]
    [InlineData(-3_600_000)]
    [InlineData(10_000)]
    [InlineData(-10_000)]
    public async Task A_jump_of_the_encoder_clock_is_not_seen_in_the_output(long jump)
    {
        await using var show = Plain();
        var lease = show.Start("live/plain", Encoder with { Origin = 100_000_000 });
        show.Run(5000);
        show.Freeze("live/plain");
        foreach (var (_, frame) in (Encoder with { Origin = 100_000_000 + jump }).Frames(show.Now, show.Now + 5000)) lease.OnFrame(frame);
        Continuity.AssertUnbroken(show);
        Assert.Empty(show.Cuts);
    }

    [Fact]
    public async Task The_header_of_the_new_source_stands_before_its_first_keyframe_and_an_equal_one_is_not_repeated()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3));
        show.Start("live/show-a", Encoder with { Mark = 1 });
        show.Start("live/show-b", Encoder with { Mark = 2, Phase = 5 });
        show.Start("live/show-c", Encoder with { Mark = 2, Phase = 11 });
        show.Run(3000);
        show.Stream.SwitchTo("b");
        show.Run(2000);
        show.Stream.SwitchTo("c");
        show.Run(2000);

        var headers = show.Output.Select((o, index) => (o.Frame, index)).Where(o => o.Frame is { Kind: TrackKind.Video, IsHeader: true }).ToList();
        Assert.Equal([1, 2], headers.Select(header => header.Frame.Body.Span[^1]));
        Assert.True(show.Output[headers[1].index + 1].Frame.IsKey);
        Assert.Equal(show.Output[headers[1].index + 1].Frame.Dts, headers[1].Frame.Dts);
    }

    [Fact]
    public async Task Every_body_is_given_back_when_the_show_is_over()
    {
        await using var show = Plain();
        List<Frame> sent = [];
        var lease = show.Start("live/plain", Encoder);
        foreach (var (_, frame) in Encoder.Frames(0, 3000))
        {
            lease.OnFrame(frame);
            sent.Add(frame);
        }
        lease.Close("closed");
        show.Run(31_000);
        foreach (var (_, frame) in show.Output) frame.Body.Release();
        Assert.All(sent, frame => Assert.Equal(1, frame.Body.References));
    }
}
