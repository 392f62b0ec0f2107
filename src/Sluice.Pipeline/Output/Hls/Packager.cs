using System.Collections.Immutable;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Makes parts and segments of one show's log, once for all who watch: pictures and sound together in fragmented MP4.</summary>
/// <remarks>
/// <code>
///   OnFrame ─▶ held until both tracks are known ─▶ OpenPart (pictures and sounds that wait) ─▶ HlsPart ─▶ a new HlsVersion
/// </code>
/// Fed under the stream's lock; anybody reads <see cref="Version"/>. A picture's place is known once the next one has come, so a part is complete one picture after its last. What
/// leads, pictures or, without any, sound, decides where parts and segments end. Memory: the segments of <see cref="HlsVersion.Kept"/>, at most <see cref="PlayOptions.GopCacheBytes"/>.
/// </remarks>
internal sealed class Packager : IFrameSink
{
    /// <summary>A track without a header after this much media, in milliseconds, is taken for missing.</summary>
    private const long HeaderWait = 1000;

    private const int FewestSegments = 4;

    private readonly StreamLog _log;
    private readonly long _maxBytes;
    private readonly int _duration;
    private readonly OpenPart _part = new();
    private readonly List<Frame> _held = [];
    private ImmutableArray<HlsSegment> _segments = [];
    private int _removedDiscontinuities;
    private TrackHeaders _headers;
    private HlsInit? _init;
    private HlsSegment? _open;
    private Frame? _picture;                // the newest one: how long it lasts is not known yet
    private SegmentClock? _clock;
    private (long Dts, DateTimeOffset Utc) _epoch;
    private long _partStart;
    private long _lastStep = 40;
    private bool _tracksKnown;
    private bool _headersChanged;
    private bool _isChanging;               // the pictures to come have another header; what has come waits with them
    private bool _hasPlainSound;
    private bool _isPartial;                // the open segment began before what the log retains: nobody sees it
    private bool _isDiscontinuous;
    private TaskCompletionSource _changed = NewSignal();
    private HlsVersion _version;

    /// <summary>To be attached to the log at once, under its lock.</summary>
    public Packager(StreamLog log, PlayOptions play)
    {
        (_log, _maxBytes) = (log, play.GopCacheBytes);
        _duration = SegmentClock.DurationFor(LongestGop(log));
        _isPartial = log.Head > 0;
        _version = new HlsVersion([], _duration, 0, isEnded: false);
    }

    /// <summary>What there is now. Any thread.</summary>
    public HlsVersion Version => Volatile.Read(ref _version);

    /// <summary>Why the stream cannot be packaged; null where it can, or that is not known yet. Any thread.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Done once there is a newer version than the one read after it, or a refusal. Any thread.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public void OnFrame(in Frame frame)
    {
        if (frame.IsHeader) OnHeader(frame);
        else if (!frame.IsMedia || Refusal is not null) return;
        else if (!_tracksKnown) Hold(frame);
        else if (_isChanging) HoldForChange(frame);
        else OnMedia(frame);
    }

    public void OnEnd()
    {
        if (!_tracksKnown && _held.Count > 0) TakeHeld();
        if (_isChanging) Change();
        Flush();
        Publish(isEnded: true);
    }

    /// <summary>Gives all memory back. Who still reads a version finds its parts gone.</summary>
    public void Release()
    {
        foreach (var segment in _segments) Release(segment);
        if (_open is { } open) Release(open);
        foreach (var frame in _held) frame.Body.Release();
        _held.Clear();
        _part.Release();
        _picture?.Body.Release();
        _picture = null;
        _headers.Video?.Body.Release();
        _headers.Audio?.Body.Release();
        _headers = default;
    }

    private void OnHeader(in Frame header)
    {
        if (header.Kind == TrackKind.Data) return;
        var before = _headers.Of(header.Kind);
        if (before is { } old && old.Codec == header.Codec && old.Body.Span.SequenceEqual(header.Body.Span)) return;
        header.Body.Retain();
        _headers = _headers.With(header);
        before?.Body.Release();
        _headersChanged = true;
        Refusal = null;
        // What came before it is decoded with the headers before, and so is the sound of the last pictures, which comes later.
        if (_tracksKnown && header.Kind == TrackKind.Video && _init is { Video: not null, Sound: not null }) _isChanging = true;
        else if (_tracksKnown) Flush();
    }

    /// <summary>Until the sound has come as far as the pictures before the change are shown: then both tracks end, and begin anew, at one time. Players leave no hole there.</summary>
    private void HoldForChange(in Frame frame)
    {
        frame.Body.Retain();
        _held.Add(frame);
        if (_held.Find(static held => held.Kind == TrackKind.Video) is not { Body: not null } first) return;
        if (frame.Dts - first.Dts >= HeaderWait || (frame.Kind == TrackKind.Audio && frame.Dts >= first.Pts)) Change();
    }

    private void Change()
    {
        _isChanging = false;
        var first = _held.FindIndex(static held => held.Kind == TrackKind.Video);
        var end = first < 0 ? long.MaxValue : _held[first].Pts;
        foreach (var frame in _held)
            if (frame.Kind == TrackKind.Audio && frame.Dts < end) _part.Add(frame);
        Flush();
        foreach (var frame in _held)
        {
            if (frame.Kind == TrackKind.Video || frame.Dts >= end) OnMedia(frame);
            frame.Body.Release();
        }
        _held.Clear();
    }

    private void Hold(in Frame frame)
    {
        frame.Body.Retain();
        _held.Add(frame);
        _hasPlainSound |= frame.Kind == TrackKind.Audio && _headers.Audio is null;
        if ((_headers.Video is not null && _headers.Audio is not null) || frame.Dts - _held[0].Dts >= HeaderWait) TakeHeld();
    }

    private void TakeHeld()
    {
        _tracksKnown = true;
        foreach (var frame in _held)
        {
            OnMedia(frame);
            frame.Body.Release();
        }
        _held.Clear();
    }

    private void OnMedia(in Frame frame)
    {
        if (_headersChanged || _init is null) UseHeaders();
        if (_init is not { } init) return;
        if (frame.Kind == TrackKind.Audio)
        {
            if (init.Sound is null) return;
            var last = _part.LastSound?.Dts;
            _part.Add(frame);
            if (init.Video is null) Lead(frame, last);
        }
        else if (init.Video is not null && (_picture is not null || _open is not null || frame.IsKey))
        {
            var last = _picture;
            if (last is { } picture) AddPicture(picture, frame.Dts - picture.Dts);
            frame.Body.Retain();
            _picture = frame;
            Lead(frame, last?.Dts);
        }
    }

    private void UseHeaders()
    {
        _headersChanged = false;
        var init = HlsInit.Of(_headers, _hasPlainSound, out var reason);
        if (init is null)
        {
            Refusal = reason;
            Publish(isEnded: false);
            return;
        }
        if (_init is { } old && old.Decodes(init)) return;
        _isDiscontinuous |= _init is not null;
        _init = init;
    }

    private void AddPicture(in Frame picture, long duration)
    {
        _part.Add(picture, duration);
        picture.Body.Release();
        _picture = null;
    }

    /// <summary>The frame that leads has come to <paramref name="next"/>: ends the part, or part and segment, before it where that is due.</summary>
    private void Lead(in Frame next, long? last)
    {
        var isKey = next.IsKey || _init!.Video is null;
        var epoch = EpochAt(next.Dts);
        if (_open is null)
        {
            // Behind a flush; or the very first one. Decoding begins with a keyframe.
            Open(next, epoch);
            return;
        }
        _lastStep = last is { } before ? next.Dts - before : _lastStep;
        if (epoch != _epoch || _clock!.IsCut(next.Dts, isKey, _lastStep))
        {
            _isDiscontinuous |= epoch != _epoch;
            ClosePart(next.Dts, isLast: true, isFlushed: false);
            Complete();
            Open(next, epoch);
        }
        else if (next.Dts + _lastStep - _partStart > HlsVersion.PartTarget)
        {
            ClosePart(next.Dts, isLast: false, isFlushed: false);
        }
    }

    private void Open(in Frame first, (long Dts, DateTimeOffset Utc) epoch)
    {
        _clock ??= new SegmentClock(_log.Origin ?? 0, _duration);
        _epoch = epoch;
        _clock.Open(first.Dts);
        _partStart = first.Dts;
        _open = new HlsSegment(_clock.Number, _init!, _isDiscontinuous, UtcAt(first.Pts), [], IsComplete: false);
        _isDiscontinuous = false;
    }

    /// <summary>Ends part and segment with all that has come: what follows has other headers, or nothing does.</summary>
    private void Flush()
    {
        if (_open is null || _init is null)
        {
            _part.Release();
            return;
        }
        var end = ((_picture ?? _part.LastSound)?.Dts ?? _partStart) + _lastStep;
        if (_picture is { } picture) AddPicture(picture, _lastStep);
        ClosePart(end, isLast: true, isFlushed: true);
        _part.Release();
        Complete();
    }

    private void ClosePart(long end, bool isLast, bool isFlushed)
    {
        var open = _open!;
        var duration = (int)(end - _partStart);
        var sequence = (uint)(open.Number * 64 + open.Parts.Length);
        var part = _part.Close(open.Init, isFlushed ? long.MaxValue : end, duration, sequence, UtcAt(_partStart), isLast, isFlushed, _log.Cues.WrittenIn(_partStart, end));
        _partStart = end;
        if (part is null) return;
        _open = open with { Parts = open.Parts.Add(part) };
        if (!isLast) Publish(isEnded: false);
    }

    private void Complete()
    {
        var segment = _open! with { IsComplete = true };
        if (_isPartial || segment.Parts.Length == 0) Release(segment);
        else _segments = _segments.Add(segment);
        _isPartial = false;
        _open = null;
        Reclaim();
        Publish(isEnded: false);
    }

    private void Reclaim()
    {
        var bytes = _segments.Sum(static segment => (long)segment.Length);
        while (_segments.Length > HlsVersion.Kept || (bytes > _maxBytes && _segments.Length > FewestSegments))
        {
            var oldest = _segments[0];
            bytes -= oldest.Length;
            if (oldest.IsDiscontinuity) _removedDiscontinuities++;
            Release(oldest);
            _segments = _segments.RemoveAt(0);
        }
    }

    private void Publish(bool isEnded)
    {
        var segments = _open is { } open && !_isPartial ? _segments.Add(open) : _segments;
        Volatile.Write(ref _version, new HlsVersion(segments, _duration, _removedDiscontinuities, isEnded));
        var changed = _changed;
        Volatile.Write(ref _changed, NewSignal());
        changed.TrySetResult();
    }

    private DateTimeOffset UtcAt(long time) => _epoch.Utc.AddMilliseconds(time - _epoch.Dts);

    private (long Dts, DateTimeOffset Utc) EpochAt(long dts)
    {
        var epochs = _log.Epochs;
        for (var i = epochs.Count - 1; i >= 0; i--)
            if (epochs[i].Dts <= dts || i == 0) return epochs[i];
        return (0, DateTimeOffset.UnixEpoch);
    }

    private static long LongestGop(StreamLog log)
    {
        var longest = 0L;
        for (var i = 1; i < log.JoinPoints.Count; i++) longest = Math.Max(longest, log.JoinPoints[i].Dts - log.JoinPoints[i - 1].Dts);
        return longest;
    }

    private static void Release(HlsSegment segment)
    {
        foreach (var part in segment.Parts) part.Release();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
