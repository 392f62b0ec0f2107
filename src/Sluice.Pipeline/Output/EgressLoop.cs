using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sluice.Pipeline.Output;

/// <summary>One dedicated thread that makes every write of the subscribers it was given.</summary>
/// <remarks>
/// Each tick it walks its cursors and sends what is new with one non-blocking send each, 256 KB at most. It allocates nothing per tick and waits
/// for nobody but, shortly, for a stream's lock when a cursor joins, jumps or is looked after.
/// </remarks>
internal sealed partial class EgressLoop : IDisposable
{
    private const int IdleWait = 1000;
    private const double ComplaintInterval = 10_000;
    private const string StopReason = "the server stops";

    private readonly ConcurrentQueue<Subscriber> _asking = new();   // new ones, and those that have something to be done
    private readonly List<Feed> _feeds = [];
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEvent _stopped = new(false);
    private readonly TimeProvider _time;
    private readonly TickPace _pace;
    private readonly ILogger _logger;
    private readonly int _index;
    private Thread? _thread;
    private int _signalled;
    private volatile bool _stopping;
    private int _subscribers;
    private int _weight;
    private long _lateTold;
    private double _nextComplaint;

    public EgressLoop(int index, TimeSpan? tick, TimeProvider time, ILogger logger)
    {
        (_index, _time, _logger) = (index, time, logger);
        _pace = new TickPace(tick);
    }

    /// <summary>How many it serves. Any thread.</summary>
    public int Subscribers => Volatile.Read(ref _subscribers);

    /// <summary>What they are of work together. Any thread.</summary>
    public int Weight => Volatile.Read(ref _weight);

    public double Usage => _pace.Usage;

    public double Interval => _pace.Interval;

    public long Late => _pace.Late;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = $"egress {_index}" };
        _thread.Start();
    }

    public void Add(Subscriber subscriber)
    {
        Interlocked.Increment(ref _subscribers);
        Interlocked.Add(ref _weight, subscriber.Weight);
        Attend(subscriber);
    }

    /// <summary>A subscriber has something to be done. Any thread.</summary>
    public void Attend(Subscriber subscriber)
    {
        _asking.Enqueue(subscriber);
        Wake();
        if (_stopping && _asking.TryDequeue(out var late) && late.Feed is null) late.Finish(new(EndReason.Stopped, StopReason));
    }

    /// <summary>A picture came to some stream. Any thread; cheap.</summary>
    public void OnPicture()
    {
        if (!_pace.IsFixed && Subscribers > 0) Wake();
    }

    /// <summary>One walk over everything that is due.</summary>
    public void Tick()
    {
        TakeAsking();
        var now = Now;
        for (var i = _feeds.Count - 1; i >= 0; i--)
        {
            _feeds[i].Tick(now, _pace.IsFixed);
            if (_feeds[i].Count == 0) _feeds.RemoveAt(i);
        }
    }

    /// <summary>A walk has ended at <paramref name="now"/> and took <paramref name="busy"/>; milliseconds. A loop that falls behind says so, now and then.</summary>
    public void OnWalked(double now, double busy)
    {
        _pace.OnTick(now, busy);
        if (_pace.Late == _lateTold || now < _nextComplaint) return;
        Log.FallsBehind(_logger, _index, _pace.Late - _lateTold, _pace.Limit, Subscribers, _pace.Usage);
        (_lateTold, _nextComplaint) = (_pace.Late, now + ComplaintInterval);
    }

    /// <summary>It has been let go of.</summary>
    public void OnFinished(Subscriber subscriber)
    {
        Interlocked.Decrement(ref _subscribers);
        Interlocked.Add(ref _weight, -subscriber.Weight);
    }

    /// <summary>Ends the thread and lets go of everybody.</summary>
    public void Dispose()
    {
        _stopping = true;
        _stopped.Set();
        _wake.Set();
        _thread?.Join();
        TakeAsking();
        foreach (var feed in _feeds) feed.StopAll(StopReason);
        _feeds.Clear();
    }

    private long Now => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    private void Wake()
    {
        if (Interlocked.Exchange(ref _signalled, 1) == 0) _wake.Set();
    }

    private void Run()
    {
        while (!_stopping)
        {
            var began = _time.GetTimestamp();
            Interlocked.Exchange(ref _signalled, 0);
            Tick();
            var busy = _time.GetElapsedTime(began).TotalMilliseconds;
            OnWalked(_time.GetElapsedTime(0).TotalMilliseconds, busy);
            Wait(busy);
        }
    }

    /// <summary>Until the next tick is due: at a fixed time, or woken by a picture but not before the pace allows.</summary>
    private void Wait(double busy)
    {
        var rest = (int)(_pace.Interval - busy);
        if (rest > 0) _stopped.WaitOne(rest);
        if (_pace.IsFixed && _feeds.Count > 0) return;
        _wake.WaitOne(_feeds.Count > 0 ? (int)Feed.MaxWait / 4 : IdleWait);
    }

    private void TakeAsking()
    {
        while (_asking.TryDequeue(out var subscriber))
        {
            subscriber.BeginAttention();
            if (subscriber.Feed is { } feed) feed.Attend(subscriber);
            else FeedOf(subscriber.Mux).Add(subscriber);
        }
    }

    private Feed FeedOf(MuxLog mux)
    {
        foreach (var feed in _feeds)
            if (feed.Mux == mux) return feed;
        var added = new Feed(mux, _index);
        _feeds.Add(added);
        return added;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "egress loop {Loop} falls behind: {Count} walks took longer than {Limit} ms, with {Subscribers} subscribers, {Usage:P0} of its core; viewers get larger pieces less often")]
        public static partial void FallsBehind(ILogger logger, int loop, long count, double limit, int subscribers, double usage);
    }
}
