using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace Sluice.Demo;

/// <summary>
/// The main job on real parts: four encoders of one show, three CDNs, viewers, and every fifteen seconds a fault of the encoder that is on.
/// </summary>
/// <remarks>
/// <code>
///   ffmpeg a b c d ─▶ Sluice live/show ─┬─▶ HTTP-FLV, RTMP watchers
///      ▲ kill, freeze                   └─▶ nginx-rtmp cdn-a b c ─▶ a watcher each
/// </code>
/// What is on and what happened is read from the server's own API, as an operator would; what viewers saw, from the bytes they got.
/// </remarks>
internal sealed class DemoShow(TextWriter output) : IAsyncDisposable
{
    private const string Path = "live/show";

    private static readonly TimeSpan FaultPeriod = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AwayTime = TimeSpan.FromSeconds(7);

    /// <summary>What is left of the show after its last fault, so that the switch is seen.</summary>
    private static readonly TimeSpan LastTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(40);

    private readonly List<Cdn> _cdns = [];
    private readonly List<Encoder> _encoders = [];
    private readonly List<Watcher> _watchers = [];
    private readonly HttpClient _http = new();
    private readonly Stopwatch _clock = new();
    private Host? _host;
    private readonly HashSet<string> _toldOfLastTime = [];
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-demo-data-").FullName;
    private DateTimeOffset _lastTime;
    private int _switches;

    /// <summary>Runs for <paramref name="length"/>, or until <paramref name="stop"/>, and sums up.</summary>
    /// <returns>Whether no viewer and no CDN connection was cut and no DTS went back.</returns>
    public async Task<bool> RunAsync(TimeSpan? length, CancellationToken stop)
    {
        await StartPartsAsync(stop);
        _clock.Start();
        try
        {
            await HurtAsync(length, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop: what was seen up to now is summed up.
        }
        foreach (var watcher in _watchers) await watcher.StopAsync();
        await TellJournalAsync(CancellationToken.None);
        return await SumUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var watcher in _watchers) await watcher.DisposeAsync();
        foreach (var encoder in _encoders) await encoder.DisposeAsync();
        if (_host is not null) await _host.DisposeAsync();
        foreach (var cdn in _cdns) await cdn.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private async Task StartPartsAsync(CancellationToken stop)
    {
        await output.WriteLineAsync("making the test programme …");
        var programme = await Programme.MakeAsync(stop);
        foreach (var name in (string[])["cdn-a", "cdn-b", "cdn-c"]) _cdns.Add(await Cdn.StartAsync(name, stop));
        _host = await Host.StartAsync(Options(), null, stop);
        var (rtmp, http) = (Port("rtmp"), Port("http"));
        _http.BaseAddress = new Uri($"http://127.0.0.1:{http}/");

        await output.WriteLineAsync("starting four encoders and three CDNs …");
        var began = DateTimeOffset.UtcNow;
        foreach (var letter in (string[])["a", "b", "c", "d"])
        {
            var encoder = new Encoder(letter, $"rtmp://127.0.0.1:{rtmp}/live/show-{letter}", programme, began);
            _encoders.Add(encoder);
            encoder.Start();
        }
        await UntilAsync(IsUp, stop);

        _watchers.Add(new Watcher("HTTP-FLV viewer", $"http://127.0.0.1:{http}/{Path}.flv"));
        _watchers.Add(new Watcher("RTMP viewer", $"rtmp://127.0.0.1:{rtmp}/{Path}"));
        _watchers.AddRange(_cdns.Select(cdn => new Watcher($"viewer of {cdn.Name}", cdn.Url)));
        foreach (var watcher in _watchers) watcher.Start();
        await output.WriteLineAsync($"""

            The show is on. Run it from the console:
              http://127.0.0.1:{http}/console/#/{Path}

            Watch it:
              http://127.0.0.1:{http}/{Path}.flv       mpv, VLC, any mpegts.js page
              rtmp://127.0.0.1:{rtmp}/{Path}
              {string.Join("\n  ", _cdns.Select(cdn => $"{cdn.Url}   by way of {cdn.Name}"))}
            One source alone: http://127.0.0.1:{http}/{Path}-a.flv      State: http://127.0.0.1:{http}/api/v1/streams/{Path}

            """);
    }

    private SluiceOptions Options() => new()
    {
        Listen = new ListenOptions { Rtmp = new IPEndPoint(IPAddress.Loopback, 0), Http = new IPEndPoint(IPAddress.Loopback, 0) },
        Data = _data,
        Streams =
        [
            new StreamEntry(Path, new StreamOptions
            {
                Sources = [.. "abcd".Select(letter => new SourceOptions { Name = letter.ToString(), Publish = $"{Path}-{letter}" })],
                Push = [.. _cdns.Select(cdn => new PushOptions(cdn.Name, $"rtmp://127.0.0.1:{cdn.Port}/{{app}}/{{name}}"))],
            }),
        ],
    };

    private int Port(string name) => ((IPEndPoint)_host!.Bound.Single(bound => bound.Name == name).Address).Port;

    private static bool IsUp(JsonElement stream) =>
        stream.GetProperty("sources").EnumerateArray().All(source => source.GetProperty("state").GetString() == "healthy")
        && stream.GetProperty("push").EnumerateArray().All(push => push.GetProperty("state").GetString() == "connected");

    private async Task UntilAsync(Func<JsonElement, bool> condition, CancellationToken stop)
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < StartTime)
        {
            if (condition(await _http.GetFromJsonAsync<JsonElement>($"api/v1/streams/{Path}", stop))) return;
            await Task.Delay(200, stop);
        }
        throw new IOException($"the show did not get going in {StartTime.TotalSeconds} s: {await _http.GetStringAsync($"api/v1/streams/{Path}", stop)}");
    }

    /// <summary>Every period the encoder that is on is killed or frozen, in turn, and comes back a while later.</summary>
    private async Task HurtAsync(TimeSpan? length, CancellationToken stop)
    {
        (Encoder Encoder, TimeSpan Since)? away = null;
        var faults = 0;
        while (length is not { } end || _clock.Elapsed < end)
        {
            await Task.Delay(200, stop);
            await TellJournalAsync(stop);
            if (away is { } gone && _clock.Elapsed - gone.Since >= AwayTime)
            {
                await gone.Encoder.BringBackAsync();
                await SayAsync($"encoder {gone.Encoder.Letter} is started again");
                away = null;
            }
            if (away is not null || _clock.Elapsed < FaultPeriod * (faults + 1) || length - _clock.Elapsed < LastTime) continue;
            if (await ActiveAsync(stop) is not { } active) continue;
            away = (active, _clock.Elapsed);
            if (faults++ % 2 == 0)
            {
                await SayAsync($"KILL encoder {active.Letter}, which is on");
                await active.KillAsync();
            }
            else
            {
                await SayAsync($"FREEZE encoder {active.Letter}, which is on");
                active.Freeze();
            }
        }
    }

    private async Task<Encoder?> ActiveAsync(CancellationToken stop)
    {
        var stream = await _http.GetFromJsonAsync<JsonElement>($"api/v1/streams/{Path}", stop);
        var active = stream.GetProperty("active").GetString();
        return _encoders.FirstOrDefault(encoder => encoder.Letter == active);
    }

    private async Task TellJournalAsync(CancellationToken stop)
    {
        var answer = await _http.GetFromJsonAsync<JsonElement>($"api/v1/journal?stream={Path}&limit=100", stop);
        foreach (var entry in answer.GetProperty("entries").EnumerateArray().Reverse())
        {
            var time = entry.GetProperty("time").GetDateTimeOffset();
            if (time < _lastTime) continue;
            if (time > _lastTime) _toldOfLastTime.Clear();
            _lastTime = time;
            if (!_toldOfLastTime.Add(entry.GetRawText())) continue;
            if (JournalSentence.Of(entry) is { } sentence) await SayAsync($"journal: {sentence}");
            if (entry.GetProperty("kind").GetString() == "switch") _switches++;
        }
    }

    private Task SayAsync(string text) => output.WriteLineAsync($"{_clock.Elapsed.TotalSeconds,6:0.0} s  {text}");

    private async Task<bool> SumUpAsync()
    {
        var stream = await _http.GetFromJsonAsync<JsonElement>($"api/v1/streams/{Path}");
        var lost = stream.GetProperty("push").EnumerateArray().Count(push => push.GetProperty("reconnects").GetInt64() > 0 || push.GetProperty("state").GetString() != "connected");
        await output.WriteLineAsync($"""

            {"",-18}{"pictures",9}{"sounds",8}{"DTS back",10}{"longest step",14}{"longest wait",14}  connection
            """);
        foreach (var watcher in _watchers)
            await output.WriteLineAsync($"{watcher.Name,-18}{watcher.Pictures,9}{watcher.Sounds,8}{watcher.DtsBack,10}{watcher.LongestStepMs,11} ms{watcher.LongestWaitMs,11} ms  {(watcher.Cut is { } cut ? $"CUT: {cut}" : "never cut")}");
        var good = lost == 0 && _watchers.All(watcher => watcher.IsSatisfied);
        await output.WriteLineAsync($"\n{_switches} automatic switches, {lost} CDN connections lost, {_watchers.Count(watcher => watcher.Cut is not null)} viewers cut: {(good ? "one unbroken stream" : "NOT unbroken")}");
        return good;
    }
}
