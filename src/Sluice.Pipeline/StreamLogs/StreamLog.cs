using Sluice.Pipeline.Cues;
using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.StreamLogs;

/// <summary>A place in a log where a joiner may begin: a keyframe, or a sound where there is no video.</summary>
public readonly record struct JoinPoint(long Position, long Dts);

/// <summary>
/// The bounded, append-only log of one stream's output: its frames on one gapless time line, its headers, and the index of its GOPs.
/// Everything that leaves the server is made from it.
/// </summary>
/// <remarks>
/// <code>
///        Head ≤ … keyframe … keyframe … ≤ Tail       positions count frames for ever; the ring holds [Head, Tail)
/// </code>
/// One writer at a time: every member is used under <see cref="Gate"/>, the stream's lock. The log holds a reference to the
/// body of each retained frame and of each header in force. Retention: <see cref="PlayOptions.GopCache"/> and
/// <see cref="PlayOptions.GopCacheBytes"/>, cut at join points; the newest GOP stays whole unless it alone is over the bytes.
/// </remarks>
public sealed class StreamLog(PlayOptions play, Lock? gate = null, TimeProvider? time = null)
{
    /// <summary>Without video a join point at most this often, in milliseconds.</summary>
    private const long AudioJoinInterval = 200;

    /// <summary>After a silence of more than this what was before it is old: who comes back would see it again. A publisher that connects anew takes less.</summary>
    private static readonly TimeSpan OldAfter = TimeSpan.FromSeconds(3);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly List<IFrameSink> _sinks = [];
    private readonly List<JoinPoint> _joinPoints = [];
    private readonly List<(long Dts, DateTimeOffset Utc)> _epochs = [];
    private Frame[] _ring = new Frame[256];
    private long _bytes;
    private TrackHeaders _headersAtHead;
    private TrackHeaders _headers;
    private SegmentIndex? _segments;
    private News _news = new();
    private long _appendedAt;
    private long _freshFrom = long.MinValue;
    private bool _wasSilent;

    /// <summary>The stream's lock.</summary>
    public Lock Gate { get; } = gate ?? new Lock();

    public long Head { get; private set; }

    public long Tail { get; private set; }

    public bool Ended { get; private set; }

    /// <summary>The headers in force at <see cref="Tail"/>.</summary>
    public TrackHeaders Headers => _headers;

    /// <summary>The retained places to begin, oldest first.</summary>
    public IReadOnlyList<JoinPoint> JoinPoints => _joinPoints;

    /// <summary>The largest DTS of any picture or sound so far; null before the first.</summary>
    public long? LastDts { get; private set; }

    /// <summary>Where joiners may begin: at join points from this DTS on; null: at none, until something new comes.</summary>
    public long? JoinableFrom => _wasSilent || (LastDts is not null && IsSilent) ? null : _freshFrom;

    /// <summary>Where output time meets wall time, newest last; a new epoch begins at each splice that left a gap in wall time.</summary>
    public IReadOnlyList<(long Dts, DateTimeOffset Utc)> Epochs => _epochs;

    /// <summary>
    /// The wall time of output time 0, in Unix milliseconds, by the show's first epoch; null before it. Later epochs leave it: output time plus this runs on without
    /// a gap, and whoever numbers by it (HLS) gets the same numbers from the same log, whenever it began to read.
    /// </summary>
    public long? Origin { get; private set; }

    /// <summary>Where segments begin: kept from the first time that somebody asks, or that frames are forgotten.</summary>
    internal SegmentIndex Segments => _segments ?? IndexSegments();

    /// <summary>The retained frame at <paramref name="position"/>, in [<see cref="Head"/>, <see cref="Tail"/>).</summary>
    public ref readonly Frame this[long position] => ref _ring[position & (_ring.Length - 1)];

    /// <summary>What players are to be told with certain pictures.</summary>
    public CueLine Cues { get; } = new();

    /// <summary>The newest of what pages beside the media are told. Any thread.</summary>
    public News News => Volatile.Read(ref _news);

    /// <summary>Appends one frame, in output time, and hands it to every sink; a picture with the cues that are due. Takes a reference to its body of its own.</summary>
    public void Append(in Frame frame)
    {
        if (Ended) return;
        if (!Cues.IsEmpty && frame is { Kind: TrackKind.Audio, IsMedia: true }) Cues.PassSound(frame, hasPictures: _headers.Video is not null);
        if (Cues.IsEmpty || frame is not { Kind: TrackKind.Video, IsMedia: true } || Cues.Mark(frame) is not { } marked)
        {
            Take(frame);
            return;
        }
        Take(marked);
        marked.Body.Release();
    }

    private void Take(in Frame frame)
    {
        if (_segments is null && Head < Tail && frame.Dts - this[Head].Dts > play.GopCache.TotalMilliseconds) IndexSegments();
        if (Tail - Head == _ring.Length) Grow();
        frame.Body.Retain();
        _ring[Tail & (_ring.Length - 1)] = frame;
        _bytes += frame.Body.Length;
        if (frame.IsHeader) PutInForce(ref _headers, frame);
        if (IsJoinPoint(frame)) _joinPoints.Add(new JoinPoint(Tail, frame.Dts));
        if (frame.IsMedia) NoteTime(frame);
        Tail++;
        Trim();
        foreach (var sink in _sinks) sink.OnFrame(frame);
    }

    /// <summary>Output time <paramref name="dts"/> is wall time <paramref name="utc"/> from here on.</summary>
    public void BeginEpoch(long dts, DateTimeOffset utc)
    {
        _epochs.Add((dts, utc));
        foreach (var cue in Cues.BeginEpoch(dts, utc)) Tell(cue);
        Origin ??= utc.ToUnixTimeMilliseconds() - dts;
        while (_epochs.Count > 1 && Head < Tail && _epochs[1].Dts < this[Head].Dts) _epochs.RemoveAt(0);
    }

    /// <summary>Pages beside the media are told of a cue.</summary>
    public void Tell(Cue cue) => Tell(new News(cue, _news.IsDark));

    /// <summary>They are told whether the show is dark, if that is news.</summary>
    public void TellDark(bool isDark)
    {
        if (isDark != _news.IsDark) Tell(new News(null, isDark));
    }

    /// <summary>The epoch that <paramref name="dts"/> lies in.</summary>
    public (long Dts, DateTimeOffset Utc) EpochAt(long dts)
    {
        for (var i = _epochs.Count - 1; i >= 0; i--)
            if (_epochs[i].Dts <= dts || i == 0) return _epochs[i];
        return (0, DateTimeOffset.UnixEpoch);
    }

    /// <summary>Feeds <paramref name="sink"/> the headers in force at <see cref="Head"/>, the retained frames, and then each new one.</summary>
    public void Attach(IFrameSink sink)
    {
        if (_headersAtHead.Metadata is { } metadata) sink.OnFrame(metadata);
        if (_headersAtHead.Video is { } video) sink.OnFrame(video);
        if (_headersAtHead.Audio is { } audio) sink.OnFrame(audio);
        for (var position = Head; position < Tail; position++) sink.OnFrame(this[position]);
        if (Ended) sink.OnEnd();
        else _sinks.Add(sink);
    }

    public void Detach(IFrameSink sink) => _sinks.Remove(sink);

    /// <summary>The show is over: tells the sinks, takes no more frames, gives back what it holds.</summary>
    public void End()
    {
        if (Ended) return;
        Ended = true;
        foreach (var sink in _sinks) sink.OnEnd();
        _news.End();
        _sinks.Clear();
        while (Head < Tail) DropOldest();
        _joinPoints.Clear();
        Release(ref _headersAtHead);
        Release(ref _headers);
    }

    private SegmentIndex IndexSegments()
    {
        Attach(_segments = new SegmentIndex(this));
        return _segments;
    }

    private void Tell(News news) => Volatile.Write(ref _news, _news.Follow(news));

    private bool IsSilent => _time.GetElapsedTime(_appendedAt) > OldAfter;

    /// <summary>After a silence the GOP that goes on, or begins, with the next picture is the first to join in; sound alone, where there are pictures, makes nothing new.</summary>
    private void NoteTime(in Frame frame)
    {
        _wasSilent |= LastDts is not null && IsSilent;
        _appendedAt = _time.GetTimestamp();
        LastDts = Math.Max(LastDts ?? frame.Dts, frame.Dts);
        if (!_wasSilent || (frame.Kind != TrackKind.Video && _headers.Video is not null)) return;
        _wasSilent = false;
        _freshFrom = _joinPoints.Count > 0 ? _joinPoints[^1].Dts : frame.Dts;
    }

    private bool IsJoinPoint(in Frame frame)
    {
        if (!frame.IsMedia) return false;
        if (frame.Kind == TrackKind.Video) return frame.IsKey;
        return _headers.Video is null && (_joinPoints.Count == 0 || frame.Dts - _joinPoints[^1].Dts >= AudioJoinInterval);
    }

    private void Trim()
    {
        var oldest = (LastDts ?? 0) - (long)play.GopCache.TotalMilliseconds;
        while (_joinPoints.Count > 1 && (_joinPoints[1].Dts <= oldest || _bytes > play.GopCacheBytes)) DropTo(_joinPoints[1].Position);
        if (_joinPoints.Count == 0 && Tail - Head > 1 && this[Head].Dts < oldest) DropTo(Head + 1);
        while (_bytes > play.GopCacheBytes && Tail - Head > 1) DropTo(Head + 1);
    }

    private void DropTo(long position)
    {
        while (Head < position) DropOldest();
        while (_joinPoints.Count > 0 && _joinPoints[0].Position < Head) _joinPoints.RemoveAt(0);
    }

    private void DropOldest()
    {
        ref var slot = ref _ring[Head & (_ring.Length - 1)];
        if (slot.IsHeader) PutInForce(ref _headersAtHead, slot);
        _bytes -= slot.Body.Length;
        slot.Body.Release();
        slot = default;
        Head++;
    }

    private static void PutInForce(ref TrackHeaders headers, in Frame frame)
    {
        var before = headers.Of(frame.Kind);
        frame.Body.Retain();
        headers = headers.With(frame);
        before?.Body.Release();
    }

    private static void Release(ref TrackHeaders headers)
    {
        headers.Metadata?.Body.Release();
        headers.Video?.Body.Release();
        headers.Audio?.Body.Release();
        headers = default;
    }

    private void Grow()
    {
        var larger = new Frame[_ring.Length * 2];
        for (var position = Head; position < Tail; position++) larger[position & (larger.Length - 1)] = this[position];
        _ring = larger;
    }
}
