using System.Globalization;
using System.Net.Http.Json;
using System.Tests.Parts;
using System.Text;
using System.Text.Json;
using Sluice.Pipeline;
using Sluice.Wire.Flv;

namespace System.Tests.Browser;

/// <summary>sluice-player in a page: cues come with their picture, failures are passed over, and both are reported.</summary>
[Collection(nameof(Screen))]
public sealed class SluicePlayerTests(Screen screen)
{
    private const string Path = "live/drawn";

    private const int FramesPerSecond = 25;

    /// <summary>100 ms, in pictures.</summary>
    private const int TenthOfASecond = 3;

    private static readonly SwitchOptions NoDelay = new() { Mode = SwitchMode.Replay, Delay = TimeSpan.Zero };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    /// <summary>Each comes with the first picture on screen that is not before its own: a browser short of time leaves some out.</summary>
    [Fact]
    public async Task Cues_are_raised_with_their_picture_by_every_carrier_across_a_killed_encoder()
    {
        await using var chromium = await StartAsync();
        await using var server = await TestServer.StartAsync(Show.Entry(Path, NoDelay));
        await using var show = await Show.BeginAsync(server, screen.Encodes.Begin(), Path);
        var players = new Dictionary<string, string> { ["wsflv"] = $"ws://127.0.0.1:{server.HttpPort}/{Path}.flv", ["flv"] = server.Flv(Path), ["hls"] = $"http://127.0.0.1:{server.HttpPort}/{Path}.m3u8" };
        foreach (var (carrier, url) in players) await PlayAsync(chromium, carrier, new { urls = (string[])[url] });
        foreach (var carrier in players.Keys) await UntilAsync(chromium, carrier, told => told.Carriers is [var one] && one == carrier);
        using var watching = new CancellationTokenSource();
        var bytes = new MemoryStream();
        var watched = WatchAsync(server, bytes, watching.Token);

        var now = DateTimeOffset.UtcNow;
        string[] ids = ["draw", "rain", "end"];
        foreach (var (id, seconds) in ids.Zip((double[])[4.5, 7.01, 8]))
        {
            using var answer = await server.Http.PostAsync($"api/v1/streams/{Path}/cues", JsonContent.Create(new { id, payload = "{}", at = now.AddSeconds(seconds) }));
            var cue = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
            var byFeed = new { id = $"{id} by feed", pts = cue.GetProperty("ptsMs").GetInt64(), utc = cue.GetProperty("at").GetString(), payload = "{}" };
            foreach (var carrier in players.Keys) await chromium.EvaluateAsync($"tell({Json(carrier)}, {Json(byFeed)})");
        }
        await show.KillAsync("a", "d");

        foreach (var carrier in players.Keys) await UntilAsync(chromium, carrier, told => told.Cues.Length == 2 * ids.Length);
        await watching.CancelAsync();
        await watched;
        var shown = new StringBuilder();
        foreach (var id in ids)
        {
            var due = await DueAsync(bytes.ToArray(), id);
            foreach (var carrier in players.Keys)
            {
                var told = await ToldAsync(chromium, carrier);
                Assert.Equal(2 * ids.Length, told.Cues.DistinctBy(cue => cue.Id).Count());
                foreach (var (name, limit) in ((string, int)[])[(id, carrier == "hls" ? TenthOfASecond : 1), ($"{id} by feed", TenthOfASecond)])
                {
                    var cue = told.Cues.Single(cue => cue.Id == name);
                    var (late, skipped) = (cue.Picture - due, (int)Math.Round(cue.Step * FramesPerSecond) - 1);
                    shown.AppendLine(CultureInfo.InvariantCulture, $"{name} on {carrier}: {late} pictures after its own, {skipped} not shown before");
                    Assert.InRange(late, -limit, limit + skipped);
                }
            }
        }
        TestContext.Current.TestOutputHelper!.Write(shown.ToString());
    }

    [Fact]
    public async Task A_player_goes_down_its_list_and_reports_what_its_viewer_saw()
    {
        await using var chromium = await StartAsync();
        await using var server = await TestServer.StartAsync(Show.Entry(Path, NoDelay));
        var programme = screen.Encodes.Begin();
        await using var encoder = await programme.PublishAsync("a", server.Rtmp($"{Path}-a"));
        await server.WaitForLiveAsync(Path);
        string[] urls = [$"ws://127.0.0.1:{server.HttpPort}/live/nothing.flv", $"ws://127.0.0.1:{server.HttpPort}/{Path}.flv", server.Flv(Path)];
        await PlayAsync(chromium, "one", new { urls, reports = new { url = chromium.ReportUrl, contentId = Path, interval = 1000 } });
        await UntilAsync(chromium, "one", told => told.Carriers is ["wsflv"]);
        Assert.Equal(urls[0], Assert.Single((await ToldAsync(chromium, "one")).Fails).Url);

        var clients = (await server.GetAsync("api/v1/clients")).GetProperty("clients").EnumerateArray();
        var id = clients.Single(client => client.GetProperty("protocol").GetString() == "ws-flv").GetProperty("id").GetInt64();
        (await server.Http.DeleteAsync($"api/v1/clients/{id}")).EnsureSuccessStatusCode();
        await UntilAsync(chromium, "one", told => told.Carriers is ["wsflv", "flv"]);
        await UntilAsync(chromium, "one", _ => chromium.Reports.Count(report => report.Contains("e=t", StringComparison.Ordinal)) > 1);
        await chromium.EvaluateAsync("leave('one')");
        await UntilAsync(chromium, "one", _ => chromium.Reports.Any(report => report.Contains("sta=q", StringComparison.Ordinal)));

        var reports = chromium.Reports.ToList();
        Assert.All(reports, report => Assert.StartsWith("application/cmcd\n", report));
        Assert.All(reports, report => Assert.Contains($"cid=\"{Path}\"", report));
        Assert.Contains(reports, report => report.Contains("e=e", StringComparison.Ordinal));
        Assert.Contains(reports, report => report.Contains("e=ps", StringComparison.Ordinal) && report.Contains("sta=p", StringComparison.Ordinal) && report.Contains("msd=", StringComparison.Ordinal));
        Assert.Contains(reports, report => report.Contains("e=t", StringComparison.Ordinal) && report.Contains("bl=", StringComparison.Ordinal) && report.Contains("ltc=", StringComparison.Ordinal));
    }

    private static Task<Chromium> StartAsync()
    {
        Chromium.Require();
        Assert.SkipUnless(Directory.Exists(Pages.Player), "sluice-player is not built: ./test does that, where node and npm are.");
        return Chromium.StartAsync("players.html");
    }

    private static Task PlayAsync(Chromium chromium, string id, object options) => chromium.EvaluateAsync($"play({Json(id)}, {Json(options)})");

    private static async Task<Told> ToldAsync(Chromium chromium, string id) => (await chromium.EvaluateAsync($"told({Json(id)})")).Deserialize<Told>(JsonSerializerOptions.Web)!;

    private static async Task UntilAsync(Chromium chromium, string id, Func<Told, bool> condition)
    {
        for (var end = DateTime.UtcNow + Patience; DateTime.UtcNow < end; await Task.Delay(100))
            if (condition(await ToldAsync(chromium, id))) return;
        throw new TimeoutException($"Not within {Patience.TotalSeconds} s: {await chromium.EvaluateAsync($"JSON.stringify(told({Json(id)}))")}");
    }

    private static async Task WatchAsync(TestServer server, MemoryStream to, CancellationToken end)
    {
        try
        {
            await using var viewer = await server.Http.GetStreamAsync($"{Path}.flv", end);
            await viewer.CopyToAsync(to, end);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>The number in the last picture that bears the cue, which is its own: what ffmpeg makes of the stream up to there.</summary>
    private static async Task<int> DueAsync(byte[] flv, string id)
    {
        var tags = FlvFile.Read(flv);
        var own = tags.Index().Last(tag => tag.Item.Type == FlvTagType.Video && tag.Item.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"id\":\"{id}\"")) > 0).Index;
        var file = IO.Path.Combine(Directory.CreateTempSubdirectory("sluice-cue-").FullName, "cue.flv");
        try
        {
            await File.WriteAllBytesAsync(file, [.. flv[..FlvFileHeader.Size], .. tags.Take(own + 1).Where(tag => tag.Type == FlvTagType.Video).SelectMany(FlvFile.Bytes)]);
            await using var ffmpeg = await Tool.RunAsync("ffmpeg", TimeSpan.FromSeconds(30), "-hide_banner", "-loglevel", "error", "-i", file,
                "-vf", "crop=iw:32:0:0,scale=16:2:flags=area,format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", $"{file}.gray");
            var bits = (await File.ReadAllBytesAsync($"{file}.gray"))[^32..];
            return Enumerable.Range(0, 16).Where(bit => bits[bit] > bits[bit + 16]).Sum(bit => 1 << bit);
        }
        finally
        {
            Directory.Delete(IO.Path.GetDirectoryName(file)!, recursive: true);
        }
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value);

    private sealed record Told(string[] Carriers, string[] States, Failure[] Fails, Raised[] Cues, double Latency);

    private sealed record Failure(string Url, string Reason);

    private sealed record Raised(string Id, int Picture, double Step);
}
