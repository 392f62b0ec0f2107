using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Tests.Parts;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Pipeline;
using Sluice.Wire.Flv;

namespace System.Tests.Browser;

/// <summary>sluice-player in a page: cues come with their picture, failures are passed over, and both are reported.</summary>
[Collection(nameof(Screen))]
public sealed partial class SluicePlayerTests(Screen screen)
{
    private const string Path = "live/drawn";

    private const string FallBack = "fall-back";

    private const double Frame = 1.0 / 25;

    private const double TenthOfASecond = 0.1;

    /// <summary>Times on the wire are whole milliseconds.</summary>
    private const double Rounding = 0.002;

    /// <summary>So many pictures a browser short of time leaves out at the end.</summary>
    private const int LeftOut = 5;

    /// <summary>So many pictures are in a part: hls.js leaves out the last one where most of its segment is there and the playlist that ends names no parts.</summary>
    private const int Part = 9;

    private static readonly SwitchOptions NoDelay = new() { Mode = SwitchMode.Replay, Delay = TimeSpan.Zero };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);

    /// <summary>In media time: by SEI within a frame of its picture, by emsg and feed within 100 ms; a player without cues in its pictures joins when they have been sent.</summary>
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
        foreach (var (id, seconds) in ids.Zip((double[])[6, 8.01, 9]))
        {
            using var answer = await server.Http.PostAsync($"api/v1/streams/{Path}/cues", JsonContent.Create(new { id, payload = "{}", at = now.AddSeconds(seconds) }));
            var cue = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>();
            var byFeed = new { id = $"{id} by feed", pts = cue.GetProperty("ptsMs").GetInt64(), utc = cue.GetProperty("at").GetString(), payload = "{}" };
            foreach (var carrier in players.Keys) await chromium.EvaluateAsync($"tell({Json(carrier)}, {Json(byFeed)})");
        }
        await PlayAsync(chromium, FallBack, new { urls = (string[])[$"{server.Flv(Path)}?deaf"], cues = $"http://127.0.0.1:{server.HttpPort}/{Path}.cues" });
        await show.KillAsync("a", "d");

        foreach (var carrier in players.Keys) await UntilAsync(chromium, carrier, told => told.Cues.Length == 2 * ids.Length);
        await UntilAsync(chromium, FallBack, told => told.Cues.Length == ids.Length);
        await Task.Delay(TimeSpan.FromSeconds(1));   // pictures behind the last cue
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
                Judge(told, carrier, id, due, carrier == "hls" ? TenthOfASecond : Frame, shown);
                Judge(told, carrier, $"{id} by feed", due, TenthOfASecond, shown);
            }
            Judge(await ToldAsync(chromium, FallBack), FallBack, id, due, TenthOfASecond, shown);
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
        var kicked = await ToldAsync(chromium, "one");
        Assert.Equal([urls[0], urls[1]], kicked.Fails.Select(fail => fail.Url));
        Assert.StartsWith("the connection was closed (", kicked.Fails[1].Reason);
        Assert.DoesNotContain("ended", kicked.States);
        await UntilAsync(chromium, "one", _ => chromium.Reports.Count(report => report.Contains("e=t", StringComparison.Ordinal)) > 1);
        await chromium.EvaluateAsync("leave('one')");
        await UntilAsync(chromium, "one", _ => chromium.Reports.Any(report => report.Contains("sta=q", StringComparison.Ordinal)));

        var reports = chromium.Reports.ToList();
        Assert.All(reports, report => Assert.StartsWith("application/cmcd\n", report));
        Assert.All(reports, report => Assert.Contains($"cid=\"{Path}\"", report));
        Assert.True(HasReport(chromium, "e=e", $"ec=(\"{kicked.Fails[1].Reason}\")"));
        Assert.False(HasReport(chromium, "sta=e"));
        foreach (var status in (string[])["rc=0", "rc=101", "rc=200"]) Assert.Contains(reports, report => report.Contains("e=rr", StringComparison.Ordinal) && report.Contains(status, StringComparison.Ordinal));
        Assert.Contains(reports, report => report.Contains("e=ps", StringComparison.Ordinal) && report.Contains("sta=p", StringComparison.Ordinal) && report.Contains("msd=", StringComparison.Ordinal));
        Assert.Single(reports.SelectMany(report => report.Split('\n')), line => line.Contains("msd=", StringComparison.Ordinal));
        var shownAt = reports.SelectMany(report => PlayheadTime().Matches(report)).Select(match => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.InRange((DateTimeOffset.UtcNow - shownAt.Last()).TotalSeconds, 0, 20);
        Assert.Contains(reports, report => report.Contains("e=t", StringComparison.Ordinal) && report.Contains("bl=", StringComparison.Ordinal) && report.Contains("ltc=", StringComparison.Ordinal));
    }

    /// <summary>What is buffered when the show is over is half a second of it at least, and more than one in HLS.</summary>
    [Fact]
    public async Task A_show_is_shown_to_its_last_picture_and_the_next_one_plays()
    {
        await using var chromium = await StartAsync();
        await using var server = await TestServer.StartAsync(Show.Entry(Path, NoDelay with { End = TimeSpan.FromMilliseconds(100) }));
        var programme = screen.Encodes.Begin();
        await using var encoder = await programme.PublishAsync("a", server.Rtmp($"{Path}-a"));
        await server.WaitForLiveAsync(Path);
        var players = new Dictionary<string, string> { ["wsflv"] = $"ws://127.0.0.1:{server.HttpPort}/{Path}.flv", ["flv"] = server.Flv(Path), ["hls"] = $"http://127.0.0.1:{server.HttpPort}/{Path}.m3u8" };
        foreach (var (carrier, url) in players) await PlayAsync(chromium, carrier, new { urls = (string[])[url], reports = new { url = chromium.ReportUrl, contentId = carrier } });
        var bytes = new MemoryStream();
        var watched = WatchAsync(server, bytes, CancellationToken.None);
        foreach (var carrier in players.Keys) await UntilAsync(chromium, carrier, told => told.Pictures.Length > 10);

        encoder.Signal("INT");
        await watched;
        var last = await NumberAsync(bytes.ToArray(), FlvFile.Read(bytes.ToArray()));
        foreach (var carrier in players.Keys)
        {
            await UntilAsync(chromium, carrier, told => told.States is [.., "ended"]);
            var told = await ToldAsync(chromium, carrier);
            Assert.Empty(told.Fails);
            Assert.InRange((await chromium.EvaluateAsync($"held({Json(carrier)})")).GetInt32(), last - LeftOut - (carrier == "hls" ? Part : 0), last);
        }

        await using var next = await programme.PublishAsync("b", server.Rtmp($"{Path}-b"));
        foreach (var carrier in players.Keys)
        {
            await UntilAsync(chromium, carrier, told => told.States[^1] == "playing" && told.Pictures.Any(picture => picture.Number / Picture.PerSource == 1));
            Assert.Empty((await ToldAsync(chromium, carrier)).Fails);
            Assert.Single((await ToldAsync(chromium, carrier)).States, "ended");
            Assert.False(HasReport(chromium, "e=e", $"cid=\"{carrier}\""));
        }
    }

    /// <summary>Twice as long as a player is patient, and no longer than the server keeps its viewers.</summary>
    [Fact]
    public async Task In_the_dark_players_stand_at_the_last_picture_and_go_on_from_there()
    {
        await using var chromium = await StartAsync();
        await using var server = await TestServer.StartAsync(Show.Entry(Path, NoDelay));
        var programme = screen.Encodes.Begin();
        await using var encoder = await programme.PublishAsync("a", server.Rtmp($"{Path}-a"));
        await server.WaitForLiveAsync(Path);
        var players = new Dictionary<string, string> { ["wsflv"] = $"ws://127.0.0.1:{server.HttpPort}/{Path}.flv", ["flv"] = server.Flv(Path), ["hls"] = $"http://127.0.0.1:{server.HttpPort}/{Path}.m3u8" };
        foreach (var (carrier, url) in players) await PlayAsync(chromium, carrier, new { urls = (string[])[url] });
        foreach (var carrier in players.Keys) await UntilAsync(chromium, carrier, told => told.Pictures.Length > 10);

        encoder.Signal("KILL");
        await server.WaitForAsync(Path, stream => stream.GetProperty("darkSince").ValueKind == JsonValueKind.String);
        await PlayAsync(chromium, "late", new { urls = (string[])[server.Flv(Path)] });
        await Task.Delay(TimeSpan.FromSeconds(12));
        foreach (var player in (string[])[.. players.Keys, "late"])
        {
            var told = await ToldAsync(chromium, player);
            Assert.Empty(told.Fails);
            if (player != "late") Assert.Equal("rebuffering", told.States[^1]);
        }

        await using var next = await programme.PublishAsync("b", server.Rtmp($"{Path}-b"));
        foreach (var player in (string[])[.. players.Keys, "late"])
        {
            await UntilAsync(chromium, player, told => told.States[^1] == "playing" && told.Pictures.Any(picture => picture.Number / Picture.PerSource == 1));
            Assert.Empty((await ToldAsync(chromium, player)).Fails);
        }
    }

    /// <summary>The connection to the first URL stands still, open, while it plays.</summary>
    [Fact]
    public async Task A_player_whose_connection_freezes_goes_on_with_the_next_url()
    {
        const int patience = 3000;
        await using var chromium = await StartAsync();
        await using var server = await TestServer.StartAsync(Show.Entry(Path, NoDelay));
        var programme = screen.Encodes.Begin();
        await using var encoder = await programme.PublishAsync("a", server.Rtmp($"{Path}-a"));
        await server.WaitForLiveAsync(Path);
        using var relay = new TcpRelay(IPAddress.Loopback, server.HttpPort);
        string[] urls = [$"http://127.0.0.1:{relay.Port}/{Path}.flv", $"http://127.0.0.1:{server.HttpPort}/{Path}.m3u8"];
        await PlayAsync(chromium, "one", new { urls, patience, reports = new { url = chromium.ReportUrl, contentId = Path, interval = 1000 } });
        await UntilAsync(chromium, "one", told => told.Carriers is ["flv"] && told.Pictures.Length > 5);
        relay.Freeze();
        await UntilAsync(chromium, "one", told => told.Carriers is ["flv", "hls"]);

        var told = await ToldAsync(chromium, "one");
        var fail = Assert.Single(told.Fails);
        Assert.Equal((urls[0], "no picture came"), (fail.Url, fail.Reason));
        Assert.InRange(fail.After, patience - 500, patience + 2000);
        Assert.InRange(told.ResumedAfter, 0, 6000);
        var pictures = told.Pictures.Length;
        await UntilAsync(chromium, "one", now => now.Pictures.Length > pictures + 5);
        await UntilAsync(chromium, "one", _ => HasReport(chromium, "e=rr", "ot=av", "rc=200", "ttfb=", "ttlb=", ".m4s\""));
        Assert.True(HasReport(chromium, "e=e", "bsa=(1)"));
        Assert.True(HasReport(chromium, "e=t", "sta=p", "sf=h", "br=(", "bsda="));
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
        return await NumberAsync(flv, tags.Take(own + 1));
    }

    /// <summary>The number in the last of these pictures.</summary>
    private static async Task<int> NumberAsync(byte[] flv, IEnumerable<FlvFileTag> tags)
    {
        var file = IO.Path.Combine(Directory.CreateTempSubdirectory("sluice-cue-").FullName, "cue.flv");
        try
        {
            await File.WriteAllBytesAsync(file, [.. flv[..FlvFileHeader.Size], .. tags.Where(tag => tag.Type == FlvTagType.Video).SelectMany(FlvFile.Bytes)]);
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

    /// <summary>It came with its picture, or so near to it as is allowed; where the browser left out pictures, with the first that it showed then.</summary>
    private static void Judge(Told told, string player, string id, int due, double limit, StringBuilder shown)
    {
        var cue = told.Cues.Single(cue => cue.Id == id);
        var time = TimeOf(told, due);
        var late = cue.At - time;
        var leftOut = (int)Math.Round((cue.At - cue.Before) / Frame) - 1;
        shown.AppendLine(CultureInfo.InvariantCulture, $"{id} on {player}: {late * 1000:0} ms after its picture, {leftOut} not shown before");
        Assert.True(late >= -limit - Rounding, shown.ToString());
        Assert.True(late <= limit + Rounding || (leftOut > 0 && cue.Before < time + limit - Rounding), shown.ToString());
    }

    /// <summary>When a picture stands in the player's media time, by those around it: a browser short of time may show a picture later than it says.</summary>
    private static double TimeOf(Told told, int number)
    {
        var times = told.Pictures.Where(picture => picture.Number >= 0 && Math.Abs(picture.Number - number) <= 25).Select(picture => picture.Time + (number - picture.Number) * Frame).Order().ToList();
        Assert.NotEmpty(times);
        return times[times.Count / 2];
    }

    private static bool HasReport(Chromium chromium, params string[] parts) =>
        chromium.Reports.SelectMany(report => report.Split('\n')).Any(line => parts.All(part => line.Contains(part, StringComparison.Ordinal)));

    [GeneratedRegex(@"pt=(\d+)")]
    private static partial Regex PlayheadTime();

    private static string Json<T>(T value) => JsonSerializer.Serialize(value);

    private sealed record Told(string[] Carriers, string[] States, Failure[] Fails, Raised[] Cues, Shown[] Pictures, double Latency, double ResumedAfter);

    /// <param name="After">So many milliseconds after the last picture.</param>
    private sealed record Failure(string Url, string Reason, double After);

    /// <param name="At">The media time of the picture on screen.</param>
    /// <param name="Before">That of the one before.</param>
    private sealed record Raised(string Id, double At, double Before);

    private sealed record Shown(double Time, int Number);
}
