using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Output;

/// <summary>
/// A <see cref="StreamLog"/> muxed once for one container into contiguous bytes, with an index of where joiners may begin; shared by all cursors.
/// </summary>
/// <remarks>
/// <code>
///   entries[0] ≤ pins of the loops ≤ cursors ≤ Tail        below the least of entries[0] and all pins, slabs are reused
/// </code>
/// Written under the stream's lock; so is everything here but <see cref="Tail"/>, <see cref="Ended"/>, <see cref="Pictures"/>,
/// <see cref="BytesPerSecond"/>, <see cref="Read"/> and <see cref="Pin"/>, which the egress loops use on their own threads. A loop that begins a cursor does so under the lock,
/// and pins its position before it leaves the lock.
///
/// A video header that differs from the one before it: of the same size and rate, it is not written; instead its parameter sets go in-band before every keyframe while
/// anybody lives who was given another one. (A bare new AVC header freezes players; in-band sets do not.) Otherwise the last picture is sent twice more, then the header.
/// </remarks>
internal sealed class MuxLog : IFrameSink
{
    private const int PinStride = 8;   // one pin a cache line

    private readonly SlabLog _bytes = new();
    private readonly MessageMarks _marks = new();
    private readonly List<JoinEntry> _entries = [];
    private readonly List<HeaderSet> _versions = [HeaderSet.None];
    private readonly StreamLog _log;
    private readonly EgressLoops _loops;
    private readonly TimeProvider _time;
    private readonly long[] _pins;
    private HeaderSet _headers = HeaderSet.None;
    private Frame? _lastPicture;
    private bool _begun;
    private bool _inBand;
    private bool _ended;
    private long _pictures;
    private long _bytesPerSecond;

    public MuxLog(StreamLog log, Muxer muxer, EgressLoops loops, TimeProvider time)
    {
        (_log, Muxer, _loops, _time) = (log, muxer, loops, time);
        _pins = new long[loops.Count * PinStride];
        Array.Fill(_pins, long.MaxValue);
    }

    public Muxer Muxer { get; }

    public Lock Gate => _log.Gate;

    /// <summary>Subscribers that use it, waiting ones too.</summary>
    public int Users { get; set; }

    /// <summary>Runs while it has no users.</summary>
    public ITimer? IdleTimer { get; set; }

    /// <summary>The end of the whole messages. Any thread.</summary>
    public long Tail => _bytes.Tail;

    /// <summary>Nothing follows <see cref="Tail"/>. Any thread; read it before <see cref="Tail"/>.</summary>
    public bool Ended => Volatile.Read(ref _ended);

    /// <summary>How many pictures were written: what loops flush on. Any thread.</summary>
    public long Pictures => Volatile.Read(ref _pictures);

    /// <summary>Over the retained GOPs; 0 while unknown. Any thread.</summary>
    public long BytesPerSecond => Volatile.Read(ref _bytesPerSecond);

    public long LastDts { get; private set; }

    public int SlabCount => _bytes.SlabCount;

    /// <summary>The headers in force at the end.</summary>
    public HeaderSet Headers => _headers;

    public IReadOnlyList<JoinEntry> Entries => _entries;

    /// <summary>Whether joiners may begin: there is a place that is not old, and the headers of both tracks are known or a second of media says that one track is all.</summary>
    public bool CanJoin => _entries.Count > 0 && _entries[^1].Dts >= _log.JoinableFrom && ((_headers.HasAudio && _headers.HasVideo) || LastDts - _entries[0].Dts >= 1000 || _ended);

    public ReadOnlyMemory<byte> Read(long position, long limit) => _bytes.Read(position, limit);

    /// <summary>The oldest position that the loop of this index may touch; <see cref="long.MaxValue"/> when it has no cursor here. That loop only.</summary>
    public void Pin(int loop, long position) => Volatile.Write(ref _pins[loop * PinStride], position);

    /// <summary>Where a joiner begins. Only when <see cref="CanJoin"/>.</summary>
    public JoinEntry EntryFor(JoinPolicy join)
    {
        var best = _entries[^1];
        var wanted = LastDts - (long)join.Behind.TotalMilliseconds;
        for (var i = _entries.Count - 2; i >= 0 && join.Behind > TimeSpan.Zero && _entries[i].Dts >= _log.JoinableFrom; i--)
            if (Math.Abs(_entries[i].Dts - wanted) <= Math.Abs(best.Dts - wanted)) best = _entries[i];
        return best;
    }

    /// <summary>Somebody was given these headers; <see cref="HeaderSet.Leave"/> ends it.</summary>
    public void Enter(HeaderSet headers)
    {
        if (!_versions.Contains(headers)) _versions.Add(headers);
        headers.Enter();
    }

    /// <summary>The first place between two messages at or after <paramref name="position"/>.</summary>
    public long BoundaryFrom(long position) => _marks.FirstFrom(position)?.Position ?? _bytes.Written;

    /// <summary>The times written before <paramref name="boundary"/>.</summary>
    public TrackTimes TimesBefore(long boundary) => _marks.FirstFrom(boundary)?.Before ?? Muxer.Times;

    /// <summary>How far behind the newest frame a cursor at <paramref name="position"/> is, in milliseconds.</summary>
    public long LagAt(long position) => _marks.FirstFrom(position) is { } mark ? Math.Max(0, LastDts - mark.Dts) : 0;

    public void OnFrame(in Frame frame)
    {
        if (frame.IsHeader) OnHeader(frame);
        else OnMessage(frame);
        _bytes.Publish();
        if (frame.Kind != TrackKind.Video) return;
        Volatile.Write(ref _pictures, _pictures + 1);
        _loops.OnPicture();
    }

    public void OnEnd()
    {
        Volatile.Write(ref _ended, true);
        ForgetPicture();
        _loops.OnPicture();
        if (Users == 0) Release();
    }

    public void StopIdleTimer()
    {
        IdleTimer?.Dispose();
        IdleTimer = null;
    }

    /// <summary>Gives all memory back; no cursor is left.</summary>
    public void Release()
    {
        ForgetPicture();
        _entries.Clear();
        _bytes.Release();
    }

    private void OnMessage(in Frame frame)
    {
        if (!_begun) Begin(frame.Dts);
        if (frame.IsMedia) LastDts = Math.Max(LastDts, frame.Dts);
        if (frame.Kind == TrackKind.Audio && !_headers.HasAudio || frame.Kind == TrackKind.Video && !_headers.HasVideo) PutInForce(_headers.WithTrack(frame.Kind));
        if (IsJoinPoint(frame)) AddEntry(frame.Dts);
        if (frame.Kind == TrackKind.Video) WritePicture(frame);
        else Write(frame.Kind == TrackKind.Audio ? MessageType.Audio : MessageType.Data, frame.Dts, frame.Body.Span);
    }

    private void Begin(long dts)
    {
        _begun = true;
        LastDts = dts;
        Muxer.Begin(dts);
    }

    private void WritePicture(in Frame frame)
    {
        frame.Body.Retain();
        ForgetPicture();
        _lastPicture = frame;
        if (!_inBand || !frame.IsKey || _headers.Avc is not { } avc)
        {
            Write(MessageType.Video, frame.Dts, frame.Body.Span, frame.Cts, frame.CtsOffset);
            return;
        }
        var body = avc.WithParameterSets(frame.Body, frame.PayloadOffset);
        Write(MessageType.Video, frame.Dts, body.Span, frame.Cts, frame.CtsOffset);
        body.Release();
    }

    private void OnHeader(in Frame header)
    {
        if (_headers.Of(header.Kind) is { } before && header.Body.Span.SequenceEqual(before)) return;
        var next = _headers.With(header);
        if (!_begun)
        {
            PutInForce(next);
            return;
        }
        if (header.Kind == TrackKind.Video && _headers.Video is not null)
        {
            var change = _headers.Avc is { } old && next.Avc is { } now ? AvcConfig.Compare(old, now) : ParameterChange.Reinit;
            if (change != ParameterChange.Reinit)
            {
                PutInForce(next);
                _inBand = NeedsInBand();
                return;
            }
            RepeatPicture(header.Dts);
        }
        PutInForce(next);
        if (header.Kind == TrackKind.Video) _inBand = false;
        Write(header.Kind switch { TrackKind.Video => MessageType.Video, TrackKind.Audio => MessageType.Audio, _ => MessageType.Data }, header.Dts, header.Body.Span);
    }

    /// <summary>The last picture twice more, 1 and 2 ms behind it: what a player still holds back when the header comes is then none of the real ones.</summary>
    private void RepeatPicture(long limit)
    {
        if (_lastPicture is not { } last) return;
        for (var i = 1; i <= 2; i++)
            Write(MessageType.Video, Math.Min(last.Dts + i, Math.Max(limit, last.Dts)), last.Body.Span, last.Cts, last.CtsOffset);
    }

    private void PutInForce(HeaderSet next)
    {
        _headers = next;
        _versions.RemoveAll(static version => version.Viewers == 0);
        _versions.Add(next);
    }

    /// <summary>Whether somebody who plays, or may yet join at a retained entry, was given another video header than the one in force.</summary>
    private bool NeedsInBand()
    {
        foreach (var version in _versions)
            if (version.Viewers > 0 && !version.Decodes(_headers)) return true;
        foreach (var entry in _entries)
            if (!entry.Headers.Decodes(_headers)) return true;
        return false;
    }

    private bool IsJoinPoint(in Frame frame)
    {
        if (!frame.IsMedia) return false;
        if (frame.Kind == TrackKind.Video) return frame.IsKey;
        return !_headers.HasVideo && (_entries.Count == 0 || frame.Dts - _entries[^1].Dts >= 200);
    }

    private void AddEntry(long dts)
    {
        if (_headers.HasVideo && _entries.Count > 0 && !_entries[^1].Headers.HasVideo) _entries.Clear();   // sound that came before the first picture
        Muxer.BeforeJoinPoint(_bytes, dts);
        _entries.Add(new JoinEntry(_bytes.Written, dts, UtcAt(dts), Muxer.Times, _headers));
        Reclaim();
        if (_inBand) _inBand = NeedsInBand();
        Measure();
    }

    private void Measure()
    {
        if (_entries.Count == 0) return;
        var first = _entries[0];
        var milliseconds = _entries[^1].Dts - first.Dts;
        if (milliseconds > 0) Volatile.Write(ref _bytesPerSecond, (_bytes.Written - first.Position) * 1000 / milliseconds);
    }

    private void Write(MessageType type, long dts, ReadOnlySpan<byte> body, int cts = 0, int ctsOffset = -1)
    {
        _marks.Add(new MessageMark(_bytes.Written, dts, Muxer.Times));
        var slabs = _bytes.SlabCount;
        Muxer.Write(_bytes, new Message(type, dts, body, cts, ctsOffset));
        if (_bytes.SlabCount != slabs) Reclaim();
    }

    private void Reclaim()
    {
        // Joiners find what the stream's log retains. Without an entry nobody can join: all that no cursor needs may go.
        var oldest = _log.JoinPoints.Count > 0 ? _log.JoinPoints[0].Dts : long.MaxValue;
        var drop = 0;
        while (drop < _entries.Count && _entries[drop].Dts < oldest) drop++;
        _entries.RemoveRange(0, drop);
        var limit = _entries.Count > 0 ? _entries[0].Position : _bytes.Tail;
        for (var i = 0; i < _pins.Length; i += PinStride) limit = Math.Min(limit, Volatile.Read(ref _pins[i]));
        _marks.RemoveBelow(limit);
        _bytes.ReleaseBelow(limit);
    }

    private long UtcAt(long dts)
    {
        var epochs = _log.Epochs;
        for (var i = epochs.Count - 1; i >= 0; i--)
            if (epochs[i].Dts <= dts || i == 0) return epochs[i].Utc.ToUnixTimeMilliseconds() + dts - epochs[i].Dts;
        return _time.GetUtcNow().ToUnixTimeMilliseconds() - (LastDts - dts);
    }

    private void ForgetPicture()
    {
        _lastPicture?.Body.Release();
        _lastPicture = null;
    }
}
