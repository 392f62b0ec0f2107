using Pipeline.Tests.Simulation;
using Sluice.Pipeline;

namespace Pipeline.Tests.Switching;

/// <summary>Switches between equivalent sources that nobody can see: every picture of the show once, in its place.</summary>
public sealed class LosslessTests
{
    private static readonly SimulatedEncoder A = new() { IsLive = true, Gop = 50, BFrames = 2, Origin = 0, Mark = 0xA };
    private static readonly SimulatedEncoder B = new() { IsLive = true, Gop = 40, Phase = 13, BFrames = 3, Origin = 7_000_000, Mark = 0xB };
    private static readonly SimulatedEncoder C = new() { IsLive = true, Gop = 25, Phase = 7, BFrames = 0, Origin = 4_294_967_296 - 9000, Mark = 0xC };

    private static readonly SwitchOptions Lookahead = new() { Mode = SwitchMode.Lookahead, Delay = TimeSpan.FromSeconds(3) };
    private static readonly SwitchOptions Replay = new() { Mode = SwitchMode.Replay, Delay = TimeSpan.Zero };

    [Fact]
    public async Task Lookahead_loses_and_repeats_nothing_when_the_active_source_closes_at_any_place_of_its_gop()
    {
        for (var offset = 0; offset < 50; offset++)
        {
            await using var show = new SimulatedShow(SimulatedShow.WithSources(2, Lookahead));
            show.Start("live/show-a", A);
            show.Run(100);
            show.Start("live/show-b", B with { Phase = offset * 7 % 40 });
            show.Run(6_001 + offset * 40);
            show.Kill("live/show-a");
            show.Run(7_000);
            var cut = Assert.Single(show.Cuts);
            Assert.Equal(("b", "lookahead"), (cut.To, cut.Method));
            AssertWhole(show);
            AssertDtsGrid(show);
            AssertNoSilence(show, 100);
        }
    }

    [Fact]
    public async Task Replay_loses_nothing_when_the_active_source_closes_at_any_place_of_its_gop()
    {
        for (var offset = 0; offset < 50; offset++)
        {
            await using var show = new SimulatedShow(SimulatedShow.WithSources(2, Replay));
            show.Start("live/show-a", A);
            show.Run(100);
            show.Start("live/show-b", B with { Phase = offset * 7 % 40 });
            show.Run(6_001 + offset * 40);
            show.Kill("live/show-a");
            show.Run(5_000);
            var cut = Assert.Single(show.Cuts);
            Assert.Contains(cut.Method, new[] { "replay", "lookahead" });   // the latter where a keyframe happens to be next
            AssertNothingLost(show);
            AssertNoSilence(show, 300);
        }
    }

    [Fact]
    public async Task Freeze_in_replay_stalls_for_its_detection_only()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, Replay));
        show.Start("live/show-a", A);
        show.Run(100);
        show.Start("live/show-b", C);
        show.Run(6_200);
        show.Freeze("live/show-a");
        show.Run(5_000);
        Assert.Equal("replay", Assert.Single(show.Cuts).Method);
        AssertNothingLost(show);
        AssertNoSilence(show, 550);
    }

    [Theory]
    [InlineData(SwitchMode.Lookahead)]
    [InlineData(SwitchMode.Replay)]
    public async Task Random_switches_lose_nothing_and_add_no_drift(SwitchMode mode)
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3, mode == SwitchMode.Lookahead ? Lookahead : Replay));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Start("live/show-c", C);
        show.Run(5_000);
        var random = new Random(7);
        for (var i = 0; i < 50; i++)
        {
            show.Stream.SwitchTo("abc"[random.Next(3)].ToString());
            show.Run(random.Next(500, 3_000));
        }
        show.Run(5_000);
        Assert.True(show.Cuts.Count() > 25, $"{show.Cuts.Count()} cuts");
        AssertNothingLost(show);
        AssertSoundFollows(show);
    }

    /// <summary>By the order of display, pictures shown for 1 or 2 ms left out, the show's numbers have neither hole nor repeat, and steps of one picture.</summary>
    private static void AssertWhole(SimulatedShow show)
    {
        var shown = Shown(show);
        for (var i = 1; i < shown.Count; i++)
        {
            Assert.True(shown[i].Content == shown[i - 1].Content + 1, $"{shown[i].Content} after {shown[i - 1].Content} at {shown[i].Pts}: {Around(show, shown[i].Pts)}");
            Assert.Equal(SimulatedEncoder.PictureMs, shown[i].Pts - shown[i - 1].Pts);
        }
        Continuity.AssertNeverBack(show);
        AssertSoundFollows(show);
    }

    private static void AssertNothingLost(SimulatedShow show)
    {
        var end = show.Pictures.Last().Dts;
        var seen = show.Pictures.Where(frame => frame.Pts <= end).Select(SimulatedEncoder.ContentOf).ToHashSet();
        var lost = Enumerable.Range(seen.Min(), seen.Count).Where(n => !seen.Contains(n)).ToList();
        Assert.True(lost.Count == 0, $"{lost.Count} lost: {string.Join(" ", lost.Take(9))}; {string.Join("; ", show.Cuts.Select(cut => cut.Note))}");
        var shown = Shown(show);
        for (var i = 1; i < shown.Count; i++)
        {
            Assert.True(shown[i].Content > shown[i - 1].Content, $"{shown[i].Content} after {shown[i - 1].Content} at {shown[i].Pts}: {Around(show, shown[i].Pts)}");
            Assert.True(shown[i].Content - shown[i - 1].Content <= 5, $"{shown[i].Content} after {shown[i - 1].Content} at {shown[i].Pts}: {Around(show, shown[i].Pts)}");
        }
        Continuity.AssertNeverBack(show);
        Assert.All(show.Pictures, frame => Assert.True(frame.Cts >= 0));
        Assert.Equal(show.Pictures.Count(), show.Pictures.Select(frame => frame.Pts).Distinct().Count());
        AssertSoundFollows(show);
    }

    private static void AssertSoundFollows(SimulatedShow show)
    {
        Continuity.AssertSoundOnGrid(show);
        var numbers = show.Sounds.Select(SimulatedEncoder.SoundOf).ToList();
        for (var i = 1; i < numbers.Count; i++) Assert.Equal(numbers[i - 1] + 1, numbers[i]);
    }

    private static void AssertDtsGrid(SimulatedShow show)
    {
        var first = show.Pictures.First().Dts;
        Assert.All(show.Pictures.Where(frame => (frame.Dts - first) % SimulatedEncoder.PictureMs != 0),
            frame => Assert.Contains(show.Pictures, next => next.Pts - frame.Pts is 1 or 2));
    }

    private static void AssertNoSilence(SimulatedShow show, long limit)
    {
        var arrivals = show.Output.Where(o => o.Frame.IsMedia).Select(o => o.At).ToList();
        for (var i = 1; i < arrivals.Count; i++) Assert.InRange(arrivals[i] - arrivals[i - 1], 0, limit);
    }

    private static List<(long Pts, int Content)> Shown(SimulatedShow show)
    {
        var end = show.Pictures.Last().Dts;   // behind it pictures may still be missing
        var byPts = show.Pictures.Where(frame => frame.Pts <= end).Select(frame => (frame.Pts, Content: SimulatedEncoder.ContentOf(frame))).OrderBy(picture => picture.Pts).ToList();
        return [.. byPts.Where((picture, i) => i + 1 >= byPts.Count || byPts[i + 1].Pts - picture.Pts > 2)];
    }

    private static string Around(SimulatedShow show, long pts) =>
        string.Join(" ", show.Pictures.Where(frame => Math.Abs(frame.Pts - pts) < 300).Select(frame => $"{frame.Dts}/{frame.Pts}{(frame.IsKey ? "K" : "")}={SimulatedEncoder.ContentOf(frame)}{(char)('A' - 10 + frame.Body.Span[^1])}"));
}
