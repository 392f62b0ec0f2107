using Sluice.Pipeline.Net;

namespace Sluice.Pipeline.Output;

/// <summary>The cursors that one egress loop has in one MuxLog. Used by the loop's thread.</summary>
/// <remarks>
/// <code>
///   slots  | steady: descriptor, position | steady | with its subscriber | steady | …
/// </code>
/// Nearly all cursors want nothing but the same new bytes, and what a visit costs beyond its send is the memory it touches. So a steady cursor on a plain socket is
/// a few words in a row of slots, and no object; it goes back to its <see cref="Subscriber"/> when that is attended, falls behind, is due for a look, or the stream ends.
/// </remarks>
internal sealed class Feed(MuxLog mux, int loop)
{
    /// <summary>Sound alone, and whoever is behind, waits no longer than this, in milliseconds.</summary>
    public const long MaxWait = 40;

    private const long WithSubscriber = -1;
    private const int NoDescriptor = -1;

    private Slot[] _slots = new Slot[16];
    private int _count;
    private ReadOnlyMemory<byte> _bytes;   // what lies between _from and _flushed, in one piece or,
    private ReadOnlyMemory<byte> _more;    // across the end of a slab, two
    private long _from = -1;
    private long _pin = long.MaxValue;
    private long _flushed;
    private long _flushedPictures;
    private long _unflushedSince = -1;
    private long _lastVisit;
    private bool _anyBehind;
    private bool _anyAttended;

    public MuxLog Mux => mux;

    public int Count => _count;

    public void Add(Subscriber subscriber)
    {
        if (_count == _slots.Length) Array.Resize(ref _slots, 2 * _count);
        var descriptor = subscriber.Sink is SocketSink sink && sink.TryBorrow(out var borrowed) ? borrowed : NoDescriptor;
        _slots[_count] = new Slot { Subscriber = subscriber, Position = WithSubscriber, Descriptor = descriptor };
        (subscriber.Feed, subscriber.Slot) = (this, _count++);
        _anyAttended = true;
    }

    /// <summary>A subscriber of this feed has something to be done.</summary>
    public void Attend(Subscriber subscriber)
    {
        if (subscriber.Slot < 0) return;   // it has ended meanwhile
        HandBack(ref _slots[subscriber.Slot]);
        _anyAttended = true;
    }

    /// <summary>Keeps the log's bytes from <paramref name="position"/> on. Under the stream's lock, where the position was chosen.</summary>
    public void PinFrom(long position)
    {
        _pin = Math.Min(_pin, position);
        mux.Pin(loop, _pin);
    }

    /// <summary>Visits the cursors if something is due.</summary>
    /// <param name="isFixed">The tick has a fixed period: whatever there is goes out.</param>
    public void Tick(long now, bool isFixed)
    {
        var ended = mux.Ended;
        var tail = mux.Tail;
        if (tail != _flushed && _unflushedSince < 0) _unflushedSince = now;
        var pictures = mux.Pictures;
        var flush = isFixed || ended || pictures != _flushedPictures || (_unflushedSince >= 0 && now - _unflushedSince >= MaxWait);
        if (flush) (_flushed, _flushedPictures, _unflushedSince) = (tail, pictures, -1);
        else if (!_anyAttended && !(_anyBehind && now - _lastVisit >= MaxWait / 4)) return;
        _lastVisit = now;
        Visit(now, ended);
    }

    /// <summary>Lets go of all, for one reason.</summary>
    public void StopAll(string reason)
    {
        while (_count > 0) End(_count - 1, new(EndReason.Stopped, reason));
        mux.Pin(loop, long.MaxValue);
    }

    private void Visit(long now, bool ended)
    {
        (_anyBehind, _anyAttended, _from) = (false, false, -1);
        var oldest = long.MaxValue;
        for (var i = _count - 1; i >= 0; i--)
        {
            ref var slot = ref _slots[i];
            if (Serve(ref slot, now, ended) is { } end)
            {
                End(i, end);
                continue;
            }
            oldest = Math.Min(oldest, slot.Position == WithSubscriber ? slot.Subscriber.Position : slot.Position);
        }
        (_bytes, _more, _pin) = (default, default, oldest);
        mux.Pin(loop, _pin);
    }

    /// <summary>Whatever is wrong with one connection, the others are served on.</summary>
    private SubscriberEnd? Serve(ref Slot slot, long now, bool ended)
    {
        try
        {
            if (slot.Position != WithSubscriber)
            {
                if (!ended && now < slot.LookAt && SendSteady(ref slot)) return null;
                HandBack(ref slot);
            }
            var subscriber = slot.Subscriber;
            var end = subscriber.Run(now, _flushed, ended, this);
            _anyBehind |= subscriber.IsBehind;
            if (subscriber.IsSteadyAt(_flushed)) (slot.Position, slot.LookAt) = (_flushed, subscriber.NextCheck);
            return end;
        }
        catch (Exception e)
        {
            return new(EndReason.Closed, $"sending failed: {e}");
        }
    }

    /// <returns>False when its subscriber must see to the rest.</returns>
    private bool SendSteady(ref Slot slot)
    {
        var length = _flushed - slot.Position;
        if (length == 0) return true;
        if (length > Subscriber.MaxBytesPerTick) return false;
        if (slot.Position != _from) Prepare(slot.Position);
        if (slot.Descriptor == NoDescriptor || !_more.IsEmpty) return SendThrough(slot.Subscriber.Sink, ref slot.Position);
        var sent = Libc.TrySend(slot.Descriptor, _bytes.Span);
        if (sent > 0) slot.Position += sent;
        return sent == length;
    }

    private bool SendThrough(IByteSink sink, ref long position)
    {
        var sent = _more.IsEmpty ? sink.Send(_bytes) : sink.Send(_bytes, _more);
        if (sent > 0) position += sent;
        return sent == _bytes.Length + _more.Length && sink.Flush();
    }

    private void Prepare(long from)
    {
        _from = from;
        _bytes = mux.Read(from, _flushed);
        _more = from + _bytes.Length < _flushed ? mux.Read(from + _bytes.Length, _flushed) : default;
    }

    private static void HandBack(ref Slot slot)
    {
        if (slot.Position == WithSubscriber) return;
        slot.Subscriber.OnSentUpTo(slot.Position);
        slot.Position = WithSubscriber;
    }

    private void End(int index, SubscriberEnd end)
    {
        ref var slot = ref _slots[index];
        HandBack(ref slot);
        var subscriber = slot.Subscriber;
        if (slot.Descriptor != NoDescriptor) ((SocketSink)subscriber.Sink).Return();
        subscriber.Slot = -1;
        slot = _slots[--_count];
        _slots[_count] = default;
        if (index < _count) slot.Subscriber.Slot = index;
        subscriber.Finish(end);
    }

    /// <summary>A cursor: its position here while it is steady, else <see cref="WithSubscriber"/>.</summary>
    private struct Slot
    {
        public Subscriber Subscriber;
        public long Position;
        public long LookAt;      // when its subscriber is to be looked after again
        public int Descriptor;   // of the sink's socket, borrowed; none: only the sink can send
    }
}
