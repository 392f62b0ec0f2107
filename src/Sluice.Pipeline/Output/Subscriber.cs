using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Output;

/// <summary>
/// A cursor in a MuxLog with a connection and a lag policy: a viewer or a push. All its writes are made by one <see cref="EgressLoop"/>.
/// </summary>
/// <remarks>
/// <code>
///   opening ─▶ (waits for a keyframe) ─▶ preface ─▶ log bytes … [boundary: private bytes | jump: preface] … ─▶ (shutdown) ─▶ Finished
/// </code>
/// The owner keeps the connection: it reads, and disposes the socket after <see cref="Finished"/>, never before. Fields without a lock belong to the loop's thread.
/// </remarks>
public sealed partial class Subscriber
{
    internal const int MaxBytesPerTick = 256 << 10;
    private const int MaxPrivateBytes = 64 << 10;
    private const int MinNotSentLimit = 64 << 10;
    private const long CheckInterval = 1000;
    private const long CheckIntervalBehind = 500;
    private const long NoBoundary = -1;

    private readonly TaskCompletionSource<SubscriberEnd> _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);   // the lock, too: one of its own is 40 bytes more a viewer
    private readonly StreamOutput _output;
    private readonly EgressLoop _loop;
    private readonly Client? _client;
    private readonly JoinPolicy _join;
    private readonly uint _messageStreamId;
    private readonly bool _asPublisher;
    private readonly bool _shutdownAtEnd;
    private volatile SharedBuffer? _inbox;  // changed under the lock: private bytes that wait for a boundary
    private volatile string? _stopReason;
    private bool _isClosed;                 // under the lock
    private int _isAttended;                // 1: stands in the loop's queue
    private volatile bool _endsEarly;
    private SharedBuffer? _sending;         // goes before any more log bytes
    private HeaderSet? _headers;
    private long _boundary = NoBoundary;    // where log bytes stop for private bytes or a jump
    private bool _jumps;
    private bool _isJoined;
    private long _timeBase;
    private long _joinPosition;
    private long _joinTime;
    private long _burstBytesPerSecond;      // 0: not in a burst
    private long _graceUntil;
    private int _notSentLimit;
    private long _droppedGops;
    private int _lagMs;

    internal Subscriber(StreamOutput output, MuxLog mux, SubscribeRequest request, IByteSink sink, EgressLoop loop)
    {
        (_output, Mux, Sink, _loop) = (output, mux, sink, loop);
        // Not the request itself: a viewer stays for hours, and its opening is sent once.
        (Protocol, _client, _join, _messageStreamId) = (request.Protocol, request.Client, request.Join, request.MessageStreamId);
        (_asPublisher, _shutdownAtEnd) = (request.AsPublisher, request.ShutdownAtEnd);
        Weight = 1 + (int)(mux.BytesPerSecond >> 20);
        if (!request.Opening.IsEmpty) _inbox = SharedBuffer.CopyOf(request.Opening.Span);
    }

    /// <summary>Done when the loop has let go of the connection; never faulted.</summary>
    public Task<SubscriberEnd> Finished => _finished.Task;

    /// <summary>Groups of pictures that it was moved over because it was too slow. Any thread.</summary>
    public long DroppedGops => Volatile.Read(ref _droppedGops);

    /// <summary>How far it is behind the stream, what the kernel holds included; in milliseconds, checked once a second, twice while it is behind. Any thread.</summary>
    public int LagMs => Volatile.Read(ref _lagMs);

    internal string Protocol { get; }

    internal MuxLog Mux { get; }

    internal IByteSink Sink { get; }

    /// <summary>What part of a loop's work it is, at least 1: a send costs as much as a few tens of KB in it.</summary>
    internal int Weight { get; }

    /// <summary>Where it stands with its loop; null until that has taken it. The feed sets both.</summary>
    internal Feed? Feed { get; set; }

    internal int Slot { get; set; } = -1;

    /// <summary>The next log byte to send; a boundary until the first is sent. Behind while the feed sends for it, until <see cref="OnSentUpTo"/>.</summary>
    internal long Position { get; private set; } = long.MaxValue;

    /// <summary>When it wants to be looked after, however well it goes.</summary>
    internal long NextCheck { get; private set; }

    /// <summary>Whether it wants a visit though no new bytes have come.</summary>
    internal bool IsBehind { get; private set; }

    /// <summary>Sends bytes at the next message boundary: an RTMP session's answers, in whole chunks on chunk streams that the media does not use. Any thread.</summary>
    /// <remarks>The bytes are copied. After <see cref="Finished"/> they go nowhere.</remarks>
    public void SendPrivate(ReadOnlySpan<byte> bytes)
    {
        lock (_finished)
        {
            if (_isClosed) return;
            _inbox ??= SharedBuffer.Rent(bytes.Length);
            if (_inbox.Length > MaxPrivateBytes) _stopReason ??= "it asks and does not read the answers";
            else _inbox.Append(bytes);
        }
        Attend();
    }

    /// <summary>Asks the loop to let go; the first reason counts. Any thread; returns at once.</summary>
    public void Stop(string reason)
    {
        _stopReason ??= reason;
        Attend();
    }

    /// <summary>Ends it like the end of the show, at the next message boundary. Any thread; returns at once.</summary>
    public void EndEarly()
    {
        _endsEarly = true;
        Attend();
    }

    /// <summary>Asks the loop for a visit soon: its connection has something to send besides the log. Any thread.</summary>
    internal void Attend()
    {
        if (Interlocked.Exchange(ref _isAttended, 1) == 0) _loop.Attend(this);
    }

    /// <summary>The loop looks at what was asked; whatever is asked from now on stands in its queue again.</summary>
    internal void BeginAttention() => Interlocked.Exchange(ref _isAttended, 0);

    /// <summary>Whether log bytes from <paramref name="tail"/> on are all that it waits for.</summary>
    internal bool IsSteadyAt(long tail) =>
        Position == tail && _isJoined && !IsBehind && _sending is null && _boundary == NoBoundary && !_jumps && _burstBytesPerSecond == 0;

    /// <summary>The feed has sent the log bytes below <paramref name="position"/>.</summary>
    internal void OnSentUpTo(long position)
    {
        _client?.AddBytesOut(position - Position);
        Position = position;
    }

    /// <summary>Sends what there is to send. Returns why it is over; null while it is not.</summary>
    /// <param name="tail">How far log bytes may go now.</param>
    internal SubscriberEnd? Run(long now, long tail, bool ended, Feed feed)
    {
        IsBehind = false;
        if (Sink.Error is not null) return Gone();
        if (_stopReason is { } reason) return new(EndReason.Stopped, reason);
        if (!SendPrivateBytes()) return Blocked();
        if (!_isJoined)
        {
            TakeInbox();
            if (!SendPrivateBytes()) return Blocked();
            if (_endsEarly || !TryJoin(now, feed)) return ended || _endsEarly ? EndInOrder() : Sink.Flush() ? null : Blocked();
            if (!SendPrivateBytes()) return Blocked();
        }
        if (now >= NextCheck && Check(now) is { } tooSlow) return tooSlow;
        return SendLog(now, tail, ended);
    }

    /// <summary>The loop has let go: gives back what is held and tells the owner.</summary>
    internal void Finish(SubscriberEnd end)
    {
        _headers?.Leave();
        _sending?.Release();
        _sending = null;
        lock (_finished)
        {
            _inbox?.Release();
            _inbox = null;
            _isClosed = true;
        }
        _loop.OnFinished(this);
        _output.Close(this);
        _finished.TrySetResult(end);   // last: who waits for it finds it uncounted
    }

    private SubscriberEnd? SendLog(long now, long tail, bool ended)
    {
        var budget = MaxBytesPerTick;
        while (true)
        {
            if (_boundary == NoBoundary && (_inbox is not null || _jumps || _endsEarly)) lock (Mux.Gate) _boundary = Mux.BoundaryFrom(Position);
            var limit = Math.Min(Math.Min(_boundary == NoBoundary ? tail : _boundary, Position + budget), BurstLimit(now));
            while (Position < limit)
            {
                var bytes = Mux.Read(Position, limit);
                var sent = Sink.Send(bytes);
                if (sent < 0) return Gone();
                OnSentUpTo(Position + sent);
                budget -= sent;
                if (sent < bytes.Length) return Blocked();
            }
            if (Position != _boundary) break;
            _boundary = NoBoundary;
            if (_endsEarly) return EndInOrder();
            if (_jumps) Jump();
            else TakeInbox();
            if (!SendPrivateBytes()) return Blocked();
        }
        if (Position < tail || !Sink.Flush()) return Blocked();
        _burstBytesPerSecond = 0;
        return ended ? EndInOrder() : null;
    }

    /// <summary>Now and then: how far behind it is, and what follows from that.</summary>
    private SubscriberEnd? Check(long now)
    {
        LimitNotSent();
        var notSent = Sink.NotSent;
        long lag;
        bool canJump, isLost;
        lock (Mux.Gate)
        {
            lag = Mux.LagAt(Math.Max(_joinPosition, Position - notSent));
            canJump = Mux.Muxer.CanJump && NewestEntryBehind(Position) is not null;
            isLost = Mux.Tail - Position > _output.MaxBytesBehind;
        }
        NextCheck = now + (lag > CheckIntervalBehind ? CheckIntervalBehind : CheckInterval);
        Volatile.Write(ref _lagMs, (int)lag);
        _client?.SetLag((int)lag);
        if (lag <= (long)_output.Egress.MaxLag.TotalMilliseconds || now < _graceUntil) return null;
        if (!Mux.Muxer.CanJump || isLost)
        {
            _output.CountDrop();
            return new(EndReason.TooSlow, $"{lag} ms behind, {_output.Egress.MaxLag.TotalMilliseconds:0} ms allowed");
        }
        _jumps |= canJump;
        return null;
    }

    private void LimitNotSent()
    {
        var wanted = (int)Math.Clamp(Mux.BytesPerSecond / 2, MinNotSentLimit, int.MaxValue / 2);
        if (Math.Abs(wanted - _notSentLimit) * 4L <= _notSentLimit) return;
        _notSentLimit = wanted;
        Sink.SetNotSentLimit(wanted);
    }

    private SubscriberEnd? EndInOrder()
    {
        TakeInbox();
        if (!SendPrivateBytes() || !Sink.Flush()) return Blocked();
        if (_shutdownAtEnd && !Sink.Finish()) return Blocked();
        return new(EndReason.StreamEnded, "the stream has ended");
    }

    /// <returns>False when something of it is still to be sent.</returns>
    private bool SendPrivateBytes()
    {
        if (_sending is not { } buffer) return true;
        while (buffer.Length > 0)
        {
            var sent = Sink.Send(buffer.Memory);
            if (sent <= 0) return false;
            buffer.TrimStart(sent);
            _client?.AddBytesOut(sent);
        }
        _sending = null;
        buffer.Release();
        return true;
    }

    private void TakeInbox()
    {
        if (_inbox is null) return;
        lock (_finished) (_sending, _inbox) = (_inbox, null);
    }

    private SubscriberEnd? Blocked()
    {
        if (Sink.Error is not null) return Gone();
        IsBehind = true;
        return null;
    }

    private SubscriberEnd Gone() => new(EndReason.Closed, Sink.Error ?? "closed");
}
