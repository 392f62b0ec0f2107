namespace Sluice.Pipeline.Output;

/// <summary>The cursors that one egress loop has in one MuxLog. Used by the loop's thread.</summary>
internal sealed class Feed(MuxLog mux, int loop)
{
    /// <summary>Sound alone, and whoever is behind, waits no longer than this, in milliseconds.</summary>
    public const long MaxWait = 40;

    private readonly List<Subscriber> _subscribers = [];
    private long _pin = long.MaxValue;
    private long _flushed;
    private long _flushedPictures;
    private long _unflushedSince = -1;
    private long _lastVisit;
    private bool _anyBehind;

    public MuxLog Mux => mux;

    public int Count => _subscribers.Count;

    public void Add(Subscriber subscriber)
    {
        _subscribers.Add(subscriber);
        _anyBehind = true;
    }

    /// <summary>Keeps the log's bytes from <paramref name="position"/> on. Under the stream's lock, where the position was chosen.</summary>
    public void PinFrom(long position)
    {
        _pin = Math.Min(_pin, position);
        mux.Pin(loop, _pin);
    }

    /// <summary>Visits the cursors if something is due.</summary>
    /// <param name="isFixed">The tick has a fixed period: whatever there is goes out.</param>
    /// <param name="isAttended">A subscriber asked for a visit.</param>
    public void Tick(long now, bool isFixed, bool isAttended)
    {
        var ended = mux.Ended;
        var tail = mux.Tail;
        if (tail != _flushed && _unflushedSince < 0) _unflushedSince = now;
        var pictures = mux.Pictures;
        var flush = isFixed || ended || pictures != _flushedPictures || (_unflushedSince >= 0 && now - _unflushedSince >= MaxWait);
        if (flush) (_flushed, _flushedPictures, _unflushedSince) = (tail, pictures, -1);
        else if (!isAttended && !(_anyBehind && now - _lastVisit >= MaxWait / 4)) return;
        _lastVisit = now;
        Visit(now, ended);
    }

    /// <summary>Lets go of all, for one reason.</summary>
    public void StopAll(string reason)
    {
        foreach (var subscriber in _subscribers) subscriber.Finish(new(EndReason.Stopped, reason));
        _subscribers.Clear();
        mux.Pin(loop, long.MaxValue);
    }

    private void Visit(long now, bool ended)
    {
        _anyBehind = false;
        var oldest = long.MaxValue;
        for (var i = _subscribers.Count - 1; i >= 0; i--)
        {
            var subscriber = _subscribers[i];
            if (Serve(subscriber, now, ended) is { } end)
            {
                _subscribers[i] = _subscribers[^1];
                _subscribers.RemoveAt(_subscribers.Count - 1);
                subscriber.Finish(end);
                continue;
            }
            _anyBehind |= subscriber.IsBehind;
            oldest = Math.Min(oldest, subscriber.Position);
        }
        _pin = oldest;
        mux.Pin(loop, _pin);
    }

    /// <summary>Whatever is wrong with one connection, the others are served on.</summary>
    private SubscriberEnd? Serve(Subscriber subscriber, long now, bool ended)
    {
        try
        {
            return subscriber.Run(now, _flushed, ended, this);
        }
        catch (Exception e)
        {
            return new(EndReason.Closed, $"sending failed: {e}");
        }
    }
}
