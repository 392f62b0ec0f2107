using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.StreamLogs;

namespace Pipeline.Tests.Simulation;

/// <summary>The real registry, sources, switch and log under a fake clock, fed by simulated encoders; records the output and the journal.</summary>
public sealed class SimulatedShow : IAccess, IJournal, IFrameSink, IAsyncDisposable
{
    private readonly Dictionary<string, Feed> _feeds = [];
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
    private StreamLog? _attached;

    public SimulatedShow(StreamOptions options, string name = "live/show", EgressLoops? loops = null)
    {
        Name = name;
        Clients = new Clients(_time);
        Registry = new StreamRegistry(options.Sources.Count > 0 ? [name] : [], path => path == name ? options : new StreamOptions(), new PipelineContext
        {
            Access = this, Journal = this, Clients = Clients, Loops = loops ?? TestLoops.Make(_time), Egress = new EgressOptions(), Time = _time,
        });
    }

    public string Name { get; }

    public FakeTimeProvider Time => _time;

    public StreamRegistry Registry { get; }

    public Clients Clients { get; }

    public LiveStream Stream => Registry.Find(Name)!;

    /// <summary>Show time, in milliseconds.</summary>
    public long Now { get; private set; }

    public List<(long At, Frame Frame)> Output { get; } = [];

    /// <summary>Gets each frame of the output, which then is not kept in <see cref="Output"/>: for shows of hours.</summary>
    public Action<long, Frame>? Watcher { get; init; }

    public List<JournalEntry> Journal { get; } = [];

    public bool Ended { get; private set; }

    public IEnumerable<Frame> Pictures => Output.Select(o => o.Frame).Where(f => f is { Kind: TrackKind.Video, IsMedia: true });

    public IEnumerable<Frame> Sounds => Output.Select(o => o.Frame).Where(f => f is { Kind: TrackKind.Audio, IsMedia: true });

    public IEnumerable<JournalEntry> Cuts => Journal.Where(entry => entry.Kind is "switch" or "resume");

    /// <summary>Two to four sources <c>a b c d</c> that are published to <c>live/show-a</c> …</summary>
    public static StreamOptions WithSources(int count, SwitchOptions? options = null, params int[] priorities) => new()
    {
        Sources = [.. Enumerable.Range(0, count).Select(i => new SourceOptions
        {
            Name = ((char)('a' + i)).ToString(), Publish = $"live/show-{(char)('a' + i)}", Priority = priorities.Length > i ? priorities[i] : 100,
        })],
        Switch = options ?? new SwitchOptions { Mode = SwitchMode.Keyframe },
    };

    public static string PathOf(string source) => $"live/show-{source}";

    /// <summary>A publisher appears on <paramref name="path"/> and sends from now on.</summary>
    public PublishLease Start(string path, SimulatedEncoder encoder) => Start(path, encoder.Frames(Now, long.MaxValue));

    /// <summary>A publisher appears whose <paramref name="frames"/> come at these show times; each brings one reference to its body.</summary>
    public PublishLease Start(string path, IEnumerable<(long At, Frame Frame)> frames)
    {
        var result = Registry.PublishAsync(new PublishRequest(path, "", "test", null, _ => { }), default).AsTask().Result;
        Assert.NotNull(result.Lease);
        Attach();
        _feeds[path] = new Feed(result.Lease, frames.GetEnumerator());
        return result.Lease;
    }

    /// <summary>The publisher's connection closes.</summary>
    public void Kill(string path)
    {
        _feeds.Remove(path, out var feed);
        feed!.Lease.Close("closed");
    }

    /// <summary>The publisher goes silent but stays connected.</summary>
    public void Freeze(string path) => _feeds[path].Frozen = true;

    /// <summary>It goes on at the present place of the show.</summary>
    public void Thaw(string path)
    {
        var feed = _feeds[path];
        while (feed.Next.At < Now) feed.Move();
        feed.Frozen = false;
    }

    /// <summary>It sends what it could not send since, at once, and goes on.</summary>
    public void ThawWithBacklog(string path) => _feeds[path].Frozen = false;

    /// <summary>This machine does nothing for a while; then its clock looks first, and what came in meanwhile is read.</summary>
    public void Stall(long milliseconds)
    {
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Now += milliseconds;
    }

    public void Run(long milliseconds)
    {
        for (var end = Now + milliseconds; Now < end; Now++)
        {
            foreach (var feed in _feeds.Values.ToList())
                while (!feed.Frozen && feed.Next.At <= Now)
                {
                    feed.Lease.Client.AddBytesIn(feed.Next.Frame.Body.Length);
                    feed.Lease.OnFrame(feed.Next.Frame);
                    feed.Move();
                }
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Attach();
        }
    }

    ValueTask<AccessDecision> IAccess.AuthoriseAsync(AccessRequest request, CancellationToken stop) => new(AccessDecision.Allowed);

    /// <summary>The stream whose journal is broken: each of its entries throws.</summary>
    public string? BrokenJournal { get; set; }

    void IJournal.Write(JournalEntry entry)
    {
        if (entry.Stream == BrokenJournal) throw new IOException("the journal is broken");
        Journal.Add(entry);
    }

    void IFrameSink.OnFrame(in Frame frame)
    {
        if (Watcher is not null)
        {
            Watcher(Now, frame);
            return;
        }
        frame.Body.Retain();
        Output.Add((Now, frame));
    }

    void IFrameSink.OnEnd() => Ended = true;

    public ValueTask DisposeAsync() => Registry.DisposeAsync();

    private void Attach()
    {
        if (Registry.Find(Name)?.Log is not { } log || log == _attached) return;
        _attached = log;
        lock (log.Gate) log.Attach(this);
    }

    private sealed class Feed(PublishLease lease, IEnumerator<(long At, Frame Frame)> frames)
    {
        private bool _started;

        public PublishLease Lease => lease;

        public bool Frozen { get; set; }

        public (long At, Frame Frame) Next
        {
            get
            {
                if (!_started) _started = frames.MoveNext();
                return frames.Current;
            }
        }

        public void Move()
        {
            frames.Current.Frame.Body.Release();
            frames.MoveNext();
        }
    }
}
