using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Ingest.Pull;

namespace Sluice.Pipeline;

/// <summary>All streams and publish points by name: where sessions come in to publish and to watch, and what keeps the streams' time.</summary>
/// <remarks>
/// A name that is configured exists from the start; any other is made by its first publisher, with the settings of the pattern that fits, and goes
/// when nobody publishes or watches it any more. <c>_sync</c> guards names and leases; it is taken before a stream's lock, never inside one.
/// </remarks>
public sealed partial class StreamRegistry : IAsyncDisposable
{
    /// <summary>How long a second publisher waits for a silent first one.</summary>
    public static readonly TimeSpan TakeoverTime = TimeSpan.FromSeconds(2);

    // Each tick wakes two threads, so it comes only as often as something hangs on it.
    private static readonly TimeSpan FinePeriod = TimeSpan.FromMilliseconds(20);    // sources to be chosen from
    private static readonly TimeSpan PlainPeriod = TimeSpan.FromMilliseconds(250);  // plain publishes
    private static readonly TimeSpan IdlePeriod = TimeSpan.FromMilliseconds(500);   // nothing is on air

    private const long SweepPeriod = 1000;
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    private readonly Lock _sync = new();
    private readonly Dictionary<string, LiveStream> _streams = [];
    private readonly Dictionary<string, PublishPoint> _points = [];
    private readonly Dictionary<string, long> _idleSince = [];
    private readonly List<PublishPoint> _pulls = [];
    private readonly HashSet<string> _faulty = [];      // streams whose last tick failed
    private readonly HashSet<string> _configured;
    private readonly Func<string, StreamOptions> _optionsFor;
    private readonly PipelineContext _context;
    private readonly ITimer _timer;
    private readonly ILogger _logger;
    private TimeSpan _period = IdlePeriod;
    private long _lastTick;
    private long _lastSweep;
    private bool _isClosed;

    /// <param name="configured">The names that the configuration gives streams of their own.</param>
    /// <param name="optionsFor">The settings of any name, patterns and defaults merged in.</param>
    public StreamRegistry(IEnumerable<string> configured, Func<string, StreamOptions> optionsFor, PipelineContext context)
    {
        (_configured, _optionsFor, _context, _logger) = ([.. configured], optionsFor, context, context.Logs.CreateLogger<StreamRegistry>());
        foreach (var name in _configured) AddStream(name);
        _lastTick = Now;
        _timer = context.Time.CreateTimer(_ => Tick(), null, _period, _period);
    }

    /// <summary>The streams that viewers ask for by name, previews of single sources left out; by name.</summary>
    public IReadOnlyList<LiveStream> Streams
    {
        get { lock (_sync) return [.. _streams.Values.OrderBy(stream => stream.Name, StringComparer.Ordinal)]; }
    }

    public LiveStream? Find(string path)
    {
        lock (_sync) return _streams.GetValueOrDefault(path);
    }

    /// <summary>Authorises a publisher and gives it the lease of its publish point; waits up to <see cref="TakeoverTime"/> where a silent session holds the point.</summary>
    public async ValueTask<PublishResult> PublishAsync(PublishRequest request, CancellationToken stop)
    {
        if (!StreamPath.IsValid(request.Path)) return new(null, PublishRefusal.NotPublishable, $"'{request.Path}' is no app/name");
        var access = await _context.Access.AuthoriseAsync(new AccessRequest(AccessAction.Publish, request.Path, request.Query, request.Remote), stop);
        if (!access.IsAllowed) return new(null, PublishRefusal.Denied, access.Reason);

        var began = Now;
        (PublishLease Lease, long Bytes)? first = null;
        while (true)
        {
            PublishLease holder;
            lock (_sync)
            {
                if (_isClosed) return new(null, PublishRefusal.Busy, "the server stops");
                var point = _points.GetValueOrDefault(request.Path);
                if (point is null && _streams.ContainsKey(request.Path))
                    return new(null, PublishRefusal.NotPublishable, $"{request.Path} is made of its sources; publish to one of those");
                if (point?.Source.Options.Pull is not null) return new(null, PublishRefusal.NotPublishable, $"{request.Path} is pulled; nobody can publish it");
                point ??= AddStream(request.Path);
                if (point!.Holder is not { } taken) return new(Lease(point, ClientKind.Publisher, request));
                holder = taken;
                if (first?.Lease != holder) (first, began) = ((holder, holder.Client.BytesIn), Now);
                if (holder.Client.BytesIn != first.Value.Bytes) return new(null, PublishRefusal.Busy, $"{request.Path} is being published by {holder.Client.Remote}");
                if (Now - began >= (long)TakeoverTime.TotalMilliseconds)
                {
                    holder.Close(JournalReasons.Takeover);
                    holder.Client.Close($"silent, and {request.Remote} took over");
                    continue;
                }
            }
            await Task.WhenAny(holder.Released, Task.Delay(Poll, _context.Time, stop));
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Authorises a viewer and finds its stream, waiting up to <see cref="PlayOptions.Wait"/> for a publisher.</summary>
    public async ValueTask<PlayResult> PlayAsync(PlayRequest request, CancellationToken stop)
    {
        if (!StreamPath.IsValid(request.Path)) return new(null, PlayRefusal.NotFound, $"'{request.Path}' is no app/name");
        var access = await _context.Access.AuthoriseAsync(new AccessRequest(AccessAction.Play, request.Path, request.Query, request.Remote), stop);
        if (!access.IsAllowed) return new(null, PlayRefusal.Denied, access.Reason);

        if (Watchable(request.Path) is { } running) return new(running);
        var patience = request.Waits ? (long)_optionsFor(request.Path).Play.Wait.TotalMilliseconds : 0;
        var began = Now;
        while (true)
        {
            if (Watchable(request.Path) is { } stream) return new(stream);
            if (Now - began >= patience) return new(null, PlayRefusal.NotFound, $"nobody publishes {request.Path}");
            await Task.Delay(Poll, _context.Time, stop);
        }
    }

    /// <summary>The lease of a source that is pulled; only its own pull ever asks, once the last lease is back.</summary>
    internal PublishLease LeasePull(PublishPoint point, PublishRequest request)
    {
        lock (_sync) return Lease(point, ClientKind.Pull, request);
    }

    /// <summary>What keeps the sources connected that are pulled; each is run once.</summary>
    public IReadOnlyList<Pull> MakePulls() => [.. _pulls.Select(point => new Pull(point, this, _context))];

    internal void Release(PublishPoint point, PublishLease lease, string reason)
    {
        lock (_sync) point.Release(lease, reason);
    }

    /// <summary>Ends all shows: viewers get what is muxed, pushes say goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync();
        lock (_sync)
        {
            _isClosed = true;
            foreach (var stream in All()) stream.End("server stops");
        }
    }

    private long Now => (long)_context.Time.GetElapsedTime(0).TotalMilliseconds;

    private PublishLease Lease(PublishPoint point, ClientKind kind, PublishRequest request)
    {
        var client = _context.Clients.Add(kind, request.Protocol, request.Path, request.Remote);
        client.OnClose(request.Close);
        var lease = new PublishLease(this, point, client, request);
        point.Take(lease);
        TickEvery(FinePeriod);   // until the next tick knows better
        return lease;
    }

    /// <summary>Makes a stream and the points that feed it. Returns the point of the stream's own path, where it has one.</summary>
    private PublishPoint? AddStream(string name)
    {
        var stream = new LiveStream(name, _optionsFor(name), _context);
        _streams[name] = stream;
        foreach (var source in stream.Sources)
        {
            var path = stream.PathOf(source);
            var point = _points[path] = new PublishPoint(path, stream, source);
            if (source.Options.Pull is not null) _pulls.Add(point);
        }
        return _points.GetValueOrDefault(name);
    }

    /// <summary>A preview decides nothing that is news.</summary>
    private sealed class Unwritten : IJournal
    {
        public void Write(JournalEntry entry)
        {
            // What its source does is told by the stream that the source belongs to.
        }
    }

    private LiveStream? Watchable(string path)
    {
        lock (_sync)
        {
            if (_streams.TryGetValue(path, out var stream)) return stream.IsOnAir ? stream : null;
            if (!_points.TryGetValue(path, out var point) || point.Holder is null) return null;
            if (point.Preview is null) point.AddPreview(new LiveStream(path, _optionsFor(path) with { Sources = [], Push = [] }, _context with { Journal = new Unwritten() }));
            return point.Preview;
        }
    }

    private IEnumerable<LiveStream> All() => _streams.Values.Concat(_points.Values.Select(point => point.Preview).OfType<LiveStream>());

    private void Tick()
    {
        lock (_sync)
        {
            var now = Now;
            var late = now - _lastTick - (long)_period.TotalMilliseconds;
            _lastTick = now;
            var period = IdlePeriod;
            foreach (var stream in All())
            {
                TickOne(stream, late > 2 * FinePeriod.TotalMilliseconds ? late : 0);
                if (stream.IsOnAir) period = stream.HasChoice ? FinePeriod : period == IdlePeriod ? PlainPeriod : period;
            }
            TickEvery(period);
            Sweep(now);
        }
    }

    /// <summary>A fault of ours in one stream is none of the others'; uncaught, on the timer's thread, it would end the server.</summary>
    private void TickOne(LiveStream stream, long excused)
    {
        try
        {
            stream.Tick(excused);
            _faulty.Remove(stream.Name);
        }
        catch (Exception error)
        {
            if (_faulty.Add(stream.Name)) Log.CannotTick(_logger, error, stream.Name);
        }
    }

    private void TickEvery(TimeSpan period)
    {
        if (period == _period || _isClosed) return;
        _period = period;
        _lastTick = Now;
        _timer.Change(period, period);
    }

    /// <summary>Forgets unconfigured streams that have ended, and previews, once nobody watches them.</summary>
    private void Sweep(long now)
    {
        if (now - _lastSweep < SweepPeriod) return;
        _lastSweep = now;
        foreach (var point in _points.Values) point.Measure();
        foreach (var stream in All().ToList())
        {
            var point = _points.GetValueOrDefault(stream.Name);
            var isPreview = point?.Preview == stream;
            var wanted = stream.Output.SubscriberCount > 0 || _context.Clients.Hls.CountOf(stream.Name) > 0 || (!isPreview && (stream.IsOnAir || point?.Holder is not null || _configured.Contains(stream.Name)));
            if (wanted) _idleSince.Remove(stream.Name);
            else if (!_idleSince.TryAdd(stream.Name, now)) Forget(stream, point!, isPreview);
        }
    }

    private void Forget(LiveStream stream, PublishPoint point, bool isPreview)
    {
        _idleSince.Remove(stream.Name);
        stream.End("nobody watches");
        if (isPreview)
        {
            point.RemovePreview();
            return;
        }
        _streams.Remove(stream.Name);
        _points.Remove(stream.Name);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Stream}: its switch failed; tried again at the next tick")]
        public static partial void CannotTick(ILogger logger, Exception error, string stream);
    }
}
