using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using Sluice.Pipeline;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.WsFlv;
using Sluice.Pipeline.Sources;

namespace Sluice.Control.Monitor;

/// <summary>
/// Every instrument of the server, with OpenTelemetry names and units; <see cref="PrometheusText"/> makes <c>sluice_…</c> of them.
/// </summary>
/// <remarks>
/// What is state (streams, sources, connections) is read when somebody collects; events are counted as they happen. Labels are bounded: no client has one of its own.
/// Safe from any thread.
/// </remarks>
public sealed class Metrics : IDisposable
{
    /// <summary>Streams are read once for all instruments of one collection.</summary>
    private static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(200);

    private static readonly InstrumentAdvice<double> GapBuckets = new() { HistogramBucketBoundaries = [0.02, 0.04, 0.08, 0.15, 0.3, 0.5, 1, 2, 5, 10] };

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Counter<long> _switches;
    private readonly Histogram<double> _gap;
    private readonly Histogram<double> _detection;
    private readonly Counter<long> _refusals;
    private IReadOnlyList<StreamSnapshot> _streams = [];
    private long _readAt;

    public Metrics(TimeProvider time)
    {
        _time = time;
        Meter = new Meter("Sluice", Version);
        _switches = Meter.CreateCounter<long>("sluice.switch", "{switch}", "Cuts from one source to another.");
        _gap = Meter.CreateHistogram("sluice.switch.gap", "s", "Wall time between the outputs around a cut.", advice: GapBuckets);
        _detection = Meter.CreateHistogram("sluice.switch.detection", "s", "From the old source's last frame to the decision.", advice: GapBuckets);
        _refusals = Meter.CreateCounter<long>("sluice.auth.failures", "{request}", "Requests refused by the access rules.");
        Meter.CreateObservableGauge("sluice.build.info", () => new Measurement<int>(1, Tag("version", Version)), null, "Which server this is; always 1.");
    }

    /// <summary>The meter of this server's instruments.</summary>
    public Meter Meter { get; }

    /// <summary>The server's version, without the build's metadata.</summary>
    public static string Version { get; } =
        typeof(Metrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>Adds the instruments that are read off the running server. Called once.</summary>
    public void Observe(StreamRegistry registry, Clients clients, JournalStore journal, EgressLoops loops)
    {
        ObserveStreams(registry);
        ObserveSources(registry);
        ObservePushes(registry);
        Meter.CreateObservableGauge("sluice.clients", () => clients.Traffic().Select(t => new Measurement<int>(t.Count, Of(t))), "{client}", "Connections that carry media now, and viewers of HLS.");
        Meter.CreateObservableCounter("sluice.ingest.bytes", () => Carried(clients, ClientKind.Publisher, ClientKind.Pull), "By", "Received from publishers and pulls.");
        Meter.CreateObservableCounter("sluice.egress.bytes", () => Carried(clients, ClientKind.Viewer, ClientKind.Push), "By", "Sent to viewers and pushes.");
        Meter.CreateObservableGauge("sluice.egress.usage", () => OfLoops(loops, load => load.Usage), null, "Part of one core that an egress loop uses.");
        Meter.CreateObservableCounter("sluice.egress.late", () => OfLoops(loops, load => load.Late), "{walk}", "Walks of an egress loop over its subscribers that took longer than a tick.");
        Meter.CreateObservableCounter("sluice.journal.lost", () => journal.Lost, "{entry}", "Journal entries that the disk did not take.");
    }

    /// <summary>Counts what an entry of the journal tells of.</summary>
    public void Count(JournalEntry entry)
    {
        if (entry.Kind != JournalKinds.Switch) return;
        _switches.Add(1, Tag("stream", entry.Stream), Tag("cause", entry.Reason ?? "unknown"), Tag("mode", entry.Method ?? "unknown"));
        if (entry.GapMs is { } gap) _gap.Record(gap / 1000.0, Tag("stream", entry.Stream));
        if (entry.DetectMs is { } detection) _detection.Record(detection / 1000.0, Tag("stream", entry.Stream));
    }

    /// <param name="reason">A short fixed word, as it becomes a label.</param>
    public void CountRefusal(AccessAction action, string reason) => _refusals.Add(1, Tag("action", Word(action)), Tag("reason", reason));

    public void Dispose() => Meter.Dispose();

    private void ObserveStreams(StreamRegistry registry)
    {
        Meter.CreateObservableGauge("sluice.stream.state", () => Read(registry).SelectMany(stream =>
            Enum.GetValues<StreamState>().Select(state => new Measurement<int>(stream.State == state ? 1 : 0, Of(stream), Tag("state", Word(state))))), null, "1 for the state that a stream is in.");
        Meter.CreateObservableGauge("sluice.stream.dark", () => Read(registry).Select(stream =>
            new Measurement<double>(stream.DarkSince is { } since ? (_time.GetUtcNow() - since).TotalSeconds : 0, Of(stream))), "s", "How long no source has been on while the show is held open; 0: it is not dark.");
        Meter.CreateObservableGauge("sluice.stream.delay", () => Read(registry).Select(stream => new Measurement<double>(stream.DelayMs / 1000.0, Of(stream))), "s", "How far the output runs behind its sources.");
        Meter.CreateObservableGauge("sluice.stream.viewers", () => Read(registry).SelectMany(stream => new[]
        {
            new Measurement<int>(stream.Viewers.Flv, Of(stream), Tag("protocol", "flv")),
            new Measurement<int>(stream.Viewers.WsFlv, Of(stream), Tag("protocol", WsFlvViewer.Protocol)),
            new Measurement<int>(stream.Viewers.Rtmp, Of(stream), Tag("protocol", "rtmp")),
            new Measurement<int>(stream.Viewers.Hls, Of(stream), Tag("protocol", "hls")),
        }), "{viewer}", "Viewers of a stream.");
    }

    private void ObserveSources(StreamRegistry registry)
    {
        Meter.CreateObservableGauge("sluice.source.state", () => Read(registry).SelectMany(stream => stream.Sources.SelectMany(source =>
            Enum.GetValues<SourceState>().Select(state => new Measurement<int>(source.State == state ? 1 : 0, Of(stream), Of(source), Tag("state", Word(state)))))), null, "1 for the state that a source is in.");
        Source("sluice.source.active", null, "1 for the source that is on.", source => source.Active ? 1 : 0);
        Source("sluice.source.score", null, "0 to 100: how fit a source is to be on.", source => source.Score);
        Source("sluice.source.frames", "{frame}/s", "Pictures per second.", source => source.Fps);
        Source("sluice.source.media", "By/s", "Media received per second.", source => source.Kbps * 125);
        Source("sluice.source.gop", "s", "Between the last two keyframes.", source => source.GopMs / 1000.0);
        Source("sluice.source.lag", "s", "How much later frames come than the promptest did.", source => source.LagMs / 1000.0);
        Source("sluice.source.alignment.offset", "s", "Source time less reference time of the same picture.", source => source.Alignment?.OffsetMs / 1000.0);
        Source("sluice.source.alignment.confidence", null, "0 to 1: how sure the alignment is.", source => source.Alignment?.Confidence);
        Meter.CreateObservableCounter("sluice.source.time_repairs", () => Read(registry).SelectMany(stream => stream.Sources.Select(source => new Measurement<long>(source.TimeRepairs, Of(stream), Of(source)))), "{repair}", "Faults taken out of time stamps.");
        Source("sluice.source.rtt", "s", "Round trip to the sender.", source => source.RttMs / 1000.0);
        Source("sluice.source.loss", "1", "Packets lost on the way here.", source => source.LossPct / 100.0);

        void Source(string name, string? unit, string description, Func<SourceSnapshot, double?> value) =>
            Meter.CreateObservableGauge(name, () => Read(registry).SelectMany(stream => stream.Sources
                .Select(source => (Source: source, Value: value(source))).Where(pair => pair.Value is not null)
                .Select(pair => new Measurement<double>(pair.Value!.Value, Of(stream), Of(pair.Source)))), unit, description);
    }

    private void ObservePushes(StreamRegistry registry)
    {
        Meter.CreateObservableGauge("sluice.push.state", () => Read(registry).SelectMany(stream => stream.Push.SelectMany(push =>
            Enum.GetValues<PushState>().Select(state => new Measurement<int>(push.State == state ? 1 : 0, Of(stream), Of(push), Tag("state", Word(state)))))), null, "1 for the state that a push is in.");
        Meter.CreateObservableGauge("sluice.push.sent", () => Pushes(push => push.Kbps * 125), "By/s", "Media sent per second.");
        Meter.CreateObservableGauge("sluice.push.lag", () => Pushes(push => push.LagMs / 1000.0), "s", "How far a push is behind the stream.");
        Meter.CreateObservableCounter("sluice.push.dropped_gops", () => Pushes(push => push.DroppedGops), "{gop}", "Groups of pictures left out because the other side was too slow.");
        Meter.CreateObservableCounter("sluice.push.reconnects", () => Pushes(push => push.Reconnects), "{connection}", "Connections after the first.");

        IEnumerable<Measurement<double>> Pushes(Func<PushSnapshot, double> value) =>
            Read(registry).SelectMany(stream => stream.Push.Select(push => new Measurement<double>(value(push), Of(stream), Of(push))));
    }

    private static IEnumerable<Measurement<T>> OfLoops<T>(EgressLoops loops, Func<EgressLoad, T> value) where T : struct =>
        loops.Load.Select((load, index) => new Measurement<T>(value(load), Tag("loop", index.ToString(CultureInfo.InvariantCulture))));

    private static IEnumerable<Measurement<long>> Carried(Clients clients, ClientKind one, ClientKind other) => clients.Traffic()
        .Where(traffic => traffic.Kind == one || traffic.Kind == other)
        .Select(traffic => new Measurement<long>(one == ClientKind.Publisher ? traffic.BytesIn : traffic.BytesOut, Of(traffic)));

    private IReadOnlyList<StreamSnapshot> Read(StreamRegistry registry)
    {
        lock (_gate)
        {
            if (_readAt == 0 || _time.GetElapsedTime(_readAt) > Freshness)
            {
                _streams = [.. registry.Streams.Select(stream => stream.Snapshot())];
                _readAt = _time.GetTimestamp();
            }
            return _streams;
        }
    }

    private static KeyValuePair<string, object?>[] Of(ClientTraffic traffic) => [Tag("kind", Word(traffic.Kind)), Tag("protocol", traffic.Protocol)];

    private static KeyValuePair<string, object?> Of(StreamSnapshot stream) => Tag("stream", stream.Name);

    private static KeyValuePair<string, object?> Of(SourceSnapshot source) => Tag("source", source.Name);

    private static KeyValuePair<string, object?> Of(PushSnapshot push) => Tag("push", push.Name);

    private static KeyValuePair<string, object?> Tag(string name, object? value) => new(name, value);

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
