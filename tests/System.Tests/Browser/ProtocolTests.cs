using System.Tests.Parts;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests.Browser;

/// <summary>The same show by every protocol that a browser plays: FLV over HTTP and WebSocket by mpegts.js, LL-HLS and HLS by hls.js.</summary>
[Collection(nameof(Screen))]
public sealed class ProtocolTests(Screen screen)
{
    private static readonly Player[] Players = [Player.Default, Player.WebSocket, Player.LowLatencyHls, Player.Hls];

    private static readonly SwitchOptions Lookahead = new() { Mode = SwitchMode.Lookahead, Delay = TimeSpan.FromSeconds(3) };

    private static readonly SwitchOptions NoDelay = new() { Mode = SwitchMode.Replay, Delay = TimeSpan.Zero };

    /// <summary>For a minute: two kills, and the time between and behind them.</summary>
    [Fact]
    public Task A_minute_with_killed_encoders_shows_in_no_player() => WatchAsync(screen.Encodes, "acb", Lookahead, Limits.Lookahead);

    /// <summary>A minute, with a kill every four and a half seconds: between all pairs of encodes.</summary>
    [Theory]
    [Trait("Category", "Matrix")]
    [InlineData(SwitchMode.Lookahead, 0)]
    [InlineData(SwitchMode.Lookahead, 80)]
    [InlineData(SwitchMode.Replay, 0)]
    [InlineData(SwitchMode.Replay, 80)]
    public async Task A_minute_of_kills_shows_in_no_player(SwitchMode mode, int latencyMs)
    {
        Chromium.Require();
        using var encodes = await Encodes.MakeAsync(TimeSpan.FromSeconds(150));
        var isReplay = mode == SwitchMode.Replay;
        await WatchAsync(encodes, "abcdacbdca", isReplay ? NoDelay : Lookahead, isReplay ? Limits.Replay : Limits.Lookahead, TimeSpan.FromMilliseconds(latencyMs));
    }

    [Fact]
    public async Task Low_latency_HLS_is_two_seconds_behind_at_most()
    {
        Chromium.Require();
        await using var chromium = await Chromium.StartAsync();
        await using var server = await StartAsync(JoinPolicy.Live);
        var programme = screen.Encodes.Begin();
        await using var encoder = await programme.PublishAsync("d", server.Rtmp("live/now-d"));
        await server.WaitForLiveAsync("live/now");
        var ages = new Dictionary<Player, double>();
        var viewings = new List<Viewing>();
        foreach (var player in (Player[])[Player.Chasing, .. Players]) viewings.Add(await chromium.PlayAsync(server, "live/now", player));
        await Task.Delay(TimeSpan.FromSeconds(12));
        foreach (var viewing in viewings)
        {
            var player = viewing.Player;
            var seen = await viewing.SeenAsync();
            Assert.Empty(seen.Errors);
            Assert.True(seen.IsPlaying, $"{player} plays no longer: {seen.During(0, seen.End)}");
            ages[player] = Median(seen.Pictures.TakeLast(75).Where(picture => picture.IsRead).Select(programme.AgeOf));
        }
        TestContext.Current.TestOutputHelper!.WriteLine(string.Join('\n', ages.Select(pair => $"{pair.Key}: {pair.Value:0} ms behind live")));
        Assert.InRange(ages[Player.LowLatencyHls], 0, 2000);
    }

    [Fact]
    public async Task An_instant_viewer_is_live_with_its_first_pictures()
    {
        Chromium.Require();
        await using var chromium = await Chromium.StartAsync();
        await using var server = await StartAsync(JoinPolicy.Instant);
        var programme = screen.Encodes.Begin();
        await using var encoder = await programme.PublishAsync("c", server.Rtmp("live/now-c"));   // a keyframe every two seconds
        await server.WaitForLiveAsync("live/now");
        await server.WaitForAsync("live/now", stream => stream.GetProperty("sources")[2].GetProperty("gopMs").ValueKind == System.Text.Json.JsonValueKind.Number);
        var (firsts, ages) = (new List<double>(), new List<double>());
        for (var i = 0; i < 6; i++)
        {
            await using var viewing = await chromium.PlayAsync(server, "live/now", i % 2 == 0 ? Player.Chasing : Player.Chasing with { Scheme = "ws" });
            await Task.Delay(1700);
            var seen = await viewing.SeenAsync();
            Assert.Empty(seen.Errors);
            firsts.Add(seen.Pictures[0].Time - viewing.Asked);
            ages.Add(Median(seen.Pictures.TakeLast(10).Where(picture => picture.IsRead).Select(programme.AgeOf)));
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"first picture after {string.Join(", ", firsts.Select(first => $"{first:0}"))} ms; behind live: {string.Join(", ", ages.Select(age => $"{age:0}"))} ms");
        Assert.InRange(Median(firsts), 0, 300);
        Assert.InRange(Median(ages), 0, 1200);
    }

    private static async Task WatchAsync(Encodes encodes, string way, SwitchOptions options, Limits limits, TimeSpan latency = default)
    {
        Chromium.Require();
        await using var trial = await Trial.BeginAsync(encodes, [.. Players.Select(player => new Watched($"live/{player}", options, limits, player))], latency);
        await trial.GoAsync(way, killsEvery: 1);
        await trial.RestAsync(TimeSpan.FromMinutes(1));
        var verdict = await trial.VerdictAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(verdict.ToString());
        Assert.Empty(verdict.Faults);
        Assert.True(verdict.Judged >= (way.Length - 1) * Players.Length / 2 && verdict.Calm >= 0.3, $"The machine was too busy for a verdict: {verdict}");
    }

    private static Task<TestServer> StartAsync(JoinPolicy join) => TestServer.StartAsync(new StreamEntry("live/now", new StreamOptions
    {
        Sources = [.. Encodes.Names.Select(name => new SourceOptions { Name = name, Publish = $"live/now-{name}" })],
        Switch = NoDelay,
        Play = new PlayOptions { Join = join },
    }));

    private static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}
