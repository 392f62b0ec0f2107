using System.Diagnostics;
using System.Net;
using System.Tests.Parts;
using Fixtures;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests.Matrix;

/// <summary>
/// One run of one cell in real time: real publishers, the real server, a viewer over HTTP-FLV and a CDN that it pushes to; both recordings are judged by
/// what their frames are known to contain, and the viewer's by what a decoder shows as well.
/// </summary>
internal sealed class LiveCell(Cell cell, Nginx cdn, string folder) : IAsyncDisposable
{
    /// <summary>The timeline begins here on the cell's clock, once the server is up.</summary>
    private const long StartMs = 2000;

    private const long ViewerAt = StartMs + 6000;

    private const long FaultAt = StartMs + 15_000;

    private const long CascadeMs = 6000;

    /// <summary>What it takes to cut a file for an encoder that comes back, and some.</summary>
    private const long RestartMs = 1500;

    /// <summary>What a clock of a machine that does other things too may be wrong by, in milliseconds.</summary>
    private const long Noise = 60;

    /// <summary>Decoding takes a core for seconds: one at a time, so that the other cells' clocks go right.</summary>
    private static readonly SemaphoreSlim Decoding = new(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Dictionary<string, LiveSource> _sources = [];
    private readonly string _id = $"{cell.Mode}-{cell.Fault}-{cell.Sources}-{Guid.NewGuid():N}".ToLowerInvariant();
    private TestServer? _server;
    private IPAddress _address = IPAddress.Loopback;

    /// <summary>Why it cannot be run here; null: it can.</summary>
    public static string? WhyNot(Cell cell) => NeedsNetwork(cell) ? NetworkNamespace.WhyNot : null;

    public async Task<Result> RunAsync(StallWatch watch)
    {
        var network = NeedsNetwork(cell) ? await NetworkNamespace.MakeAsync() : null;
        if (network is not null) _address = network.Address;
        _server = await TestServer.StartAsync(Options(), _address);
        for (var i = 0; i < cell.Sources; i++) await StartAsync(i, i == 0 ? network : null);
        await UntilAsync(ViewerAt);
        using var viewer = new RecordingViewer(_server.HttpPort, "live/show", _clock);
        await UntilAsync(FaultAt);
        var active = await ActiveAsync();
        var faultAt = _clock.ElapsedMilliseconds;
        await ActAsync(active);
        await UntilAsync(EndMs);
        var endAt = _clock.ElapsedMilliseconds;
        var file = Path.Combine(folder, _id + "-viewer.flv");
        var showing = viewer.Finish(file);
        var methods = await MethodsAsync();
        await StopAsync();

        var verdict = Verdict.On(showing, faultAt, endAt);
        List<string> faults = [.. Expectation.Of(cell, verdict.SilenceBeforeMs, Noise + watch.WorstMs).Faults(verdict), .. CdnFaults(), .. await DecodedFaultsAsync(file, showing)];
        return new Result(cell, verdict, faults, methods);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private static bool NeedsNetwork(Cell cell) => cell.Fault is Fault.Drop or Fault.SlowUplink;

    /// <summary>ffmpeg would mend what is to be seen here.</summary>
    private static bool NeedsOurPublisher(Cell cell) =>
        cell.Fault is Fault.JumpForward10S or Fault.JumpBack10S or Fault.JumpForward1H or Fault.JumpBack1H or Fault.Wrap or Fault.SoundLoss;

    private long EndMs => FaultAt + cell.Fault switch
    {
        Fault.Stop => 16_000,
        Fault.SlowUplink => 14_000,
        Fault.Return => 25_000,
        Fault.Cascade => (cell.Sources - 1) * CascadeMs + 4000,
        Fault.AllDead => 17_000,
        _ => 10_000,
    };

    private SluiceOptions Options() => new()
    {
        Access = new AccessOptions { Publish = AccessRule.Open, Play = AccessRule.Open, Api = AccessRule.Loopback },
        Streams =
        [
            new StreamEntry("live/show", new StreamOptions
            {
                Sources = [.. Enumerable.Range(0, cell.Sources).Select(i => new SourceOptions { Name = NameOf(i), Publish = PathOf(NameOf(i)), Priority = i })],
                Switch = cell.Options,
                Push = [new PushOptions("cdn", cdn.Url("live/" + _id))],
            }),
        ],
    };

    private static string NameOf(int i) => ((char)('a' + i)).ToString();

    private static string PathOf(string source) => $"live/show-{source}";

    private string UrlOf(string source) => $"rtmp://{_address}:{_server!.RtmpPort}/{PathOf(source)}";

    private async Task StartAsync(int i, NetworkNamespace? network)
    {
        var encode = cell.EncodeOf(i);
        var source = _sources[NameOf(i)] = new LiveSource(network);
        var origin = i == 0 && cell.Fault == Fault.Wrap ? (1L << 32) - (FaultAt - StartMs) : 1_000_000L * i * i + 12_345 * i;
        if (i == 0 && NeedsOurPublisher(cell))
        {
            source.Publish(Recording.Of(encode), origin, _clock, StartMs, UrlOf(NameOf(i)));
            return;
        }
        // Links of one encoder carry the same at the same time; encoders of their own begin where they do.
        await UntilAsync(StartMs + encode.FirstPicture * Timeline.PictureMs + (cell.EncodeOf(0) == encode ? 60 * i : 0));
        source.Publish(EncodeFiles.PathOf(encode), origin / 1000.0, UrlOf(NameOf(i)));
    }

    private async Task RestartAsync(string name)
    {
        var file = Path.Combine(folder, $"{_id}-{name}-again.flv");
        var begin = LiveSource.Cut(Recording.Of(cell.EncodeOf(name[0] - 'a')), _clock.ElapsedMilliseconds - StartMs + RestartMs, file);
        await UntilAsync(StartMs + (long)begin);
        var source = _sources[name + " again"] = new LiveSource();
        source.Publish(file, 777.777, UrlOf(name));
    }

    private async Task ActAsync(string active)
    {
        var source = _sources[active];
        switch (cell.Fault)
        {
            case Fault.Kill:
                source.Kill();
                break;
            case Fault.Stop:
                source.Signal("STOP");
                await UntilAsync(FaultAt + 6000);
                source.Signal("CONT");
                break;
            case Fault.Drop:
                await _sources["a"].DropAsync();
                break;
            case Fault.SlowUplink:
                await _sources["a"].LimitAsync(Recording.Of(cell.EncodeOf(0)).BytesPerSecond / 2);
                break;
            case Fault.JumpForward10S or Fault.JumpBack10S or Fault.JumpForward1H or Fault.JumpBack1H:
                _sources["a"].Jump(cell.JumpMs);
                break;
            case Fault.SoundLoss:
                _sources["a"].Mute();
                break;
            case Fault.Operator:
                using (var answer = await _server!.Http.PostAsync("api/v1/streams/live/show/switch", new StringContent("""{"source":"b"}""", null, "application/json")))
                    answer.EnsureSuccessStatusCode();
                break;
            case Fault.Return:
                source.Kill();
                await UntilAsync(FaultAt + 3000);
                await RestartAsync(active);
                break;
            case Fault.Cascade:
                for (var left = cell.Sources - 1; left > 0; left--)
                {
                    _sources[await ActiveAsync()].Kill();
                    await UntilAsync(_clock.ElapsedMilliseconds + CascadeMs);
                }
                break;
            case Fault.AllDead:
                foreach (var one in _sources.Values) one.Kill();
                await UntilAsync(FaultAt + 5000);
                await RestartAsync("b");
                break;
            default:
                break;   // the wrap comes by itself
        }
    }

    private async Task<string> ActiveAsync() => (await _server!.StreamAsync("live/show")).GetProperty("active").GetString() ?? "a";

    private async Task<string> MethodsAsync()
    {
        var journal = await _server!.GetAsync("api/v1/journal?stream=live/show&limit=100");
        return string.Join(", ", journal.GetProperty("entries").EnumerateArray()
            .Where(entry => entry.GetProperty("kind").GetString() is "switch" or "resume").Select(entry => entry.GetProperty("method").GetString()).OfType<string>().Distinct());
    }

    private Task UntilAsync(long ms) => Task.Delay(TimeSpan.FromMilliseconds(Math.Max(0, ms - _clock.ElapsedMilliseconds)));

    private async Task StopAsync()
    {
        foreach (var source in _sources.Values) await source.DisposeAsync();
        _sources.Clear();
        if (_server is not null) await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>What is wrong with what the CDN recorded; it notes no arrival times, so neither silence nor delay can be seen there.</summary>
    private IEnumerable<string> CdnFaults()
    {
        var showing = new Showing(frame => Recording.Contents.Of(frame));
        var (_, frames) = Recording.Read(Path.Combine(folder, _id + ".flv"));
        foreach (var frame in frames)
        {
            showing.Add(frame.Dts, frame);
            frame.Body.Release();
        }
        var expectation = Expectation.Of(cell, silenceBefore: 0) with { MaySilence = null };
        return expectation.Faults(Verdict.On(showing, faultAt: 0, endAt: frames[^1].Dts) with { BehindMs = 0 }).Select(fault => "CDN: " + fault);
    }

    /// <summary>Where a decoder sees something else than what the frames are known to contain, or complains.</summary>
    private static async Task<IReadOnlyList<string>> DecodedFaultsAsync(string file, Showing showing)
    {
        await Decoding.WaitAsync();
        try
        {
            var decoded = await Task.Run(() => Decoded.Of(file));
            List<string> faults = [];
            var known = showing.Pictures.OrderBy(picture => picture.Pts).Select(picture => picture.Content?.Number ?? -1);
            if (!decoded.Numbers.SequenceEqual(known)) faults.Add($"a decoder shows {decoded.Numbers.Count} pictures other than the {showing.Pictures.Count} sent");
            if (decoded.Warnings.Length > 0) faults.Add($"ffmpeg warns: {decoded.Warnings.Split('\n')[0].Trim()}");
            return faults;
        }
        finally
        {
            Decoding.Release();
        }
    }
}
