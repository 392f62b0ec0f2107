using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Makes parts and segments of one show's log, once for all who watch: pictures and sound together in fragmented MP4.</summary>
/// <remarks>
/// <code>
///   OnFrame ─▶ held until both tracks are known ─▶ OpenPart (pictures and sounds that wait) ─▶ HlsPart ─▶ a new HlsVersion
/// </code>
/// Fed under the stream's lock; anybody reads <see cref="Version"/>. A picture's place is known once the next one has come, so a part is complete one picture after its last. What
/// leads, pictures or, without any, sound, decides where parts and segments end. Memory: the segments of <see cref="SegmentWindow"/>.
/// </remarks>
internal sealed class Packager : IFrameSink
{
    /// <summary>A track without a header after this much media, in milliseconds, is taken for missing.</summary>
    private const long HeaderWait = 1000;

    /// <summary>The target duration, in milliseconds, of who has no segment yet: he waits for three of it.</summary>
    private const int FirstTarget = 3000;

    /// <summary>For the sound of a segment's last pictures, in milliseconds of media.</summary>
    private const long SoundWait = 300;

    /// <summary>Since the version before, for a segment's end that is a crumb: until then players append the part before it (<see cref="PartPlan"/>).</summary>
    private static readonly TimeSpan CrumbWait = TimeSpan.FromMilliseconds(250);

    private readonly StreamLog _log;
    private readonly HlsPublication _publication;
    private readonly SegmentWindow _window;
    private readonly SegmentIndex _index;
    private readonly OpenPart _part = new();
    private readonly PictureTimes _times = new();
    private readonly HeldFrames _held = new();
    private TrackHeaders _headers;
    private HlsInit? _init;
    private HlsSegment? _open;
    private Frame? _picture;                // the newest one: how long it lasts is not known yet
    private PictureTime _pictureTime;       // of the newest one
    private (long Dts, DateTimeOffset Utc) _epoch;
    private long _segmentStart;             // in the file, in the units of PictureTimes, as all starts, ends and steps below
    private long _partStart;
    private long _lastStep = 40 * PictureTimes.PerMs;
    private bool _tracksKnown;
    private bool _headersChanged;
    private bool _isChanging;               // the pictures to come have another header; what has come waits with them
    private bool _isEnding;                 // so does the first picture of the next segment, for the sound before it,
    private long _end;                      // which ends here, in milliseconds
    private long? _lastSound;               // its DTS
    private bool _hasPlainSound;
    private bool _isPartial;                // the open segment began before what the log retains: nobody sees it

    /// <summary>To be attached to the log at once, under its lock.</summary>
    public Packager(StreamLog log, PlayOptions play, TimeProvider time)
    {
        (_log, _window, _index) = (log, new SegmentWindow(play.GopCacheBytes), log.Segments);
        _publication = new HlsPublication(new HlsVersion("", [], FirstTarget, partTarget: 0, isEnded: false), time);
        _isPartial = log.Head > 0;
    }

    /// <summary>What there is now. Any thread.</summary>
    public HlsVersion Version => _publication.Version;

    /// <summary>Why the stream cannot be packaged; null where it can, or that is not known yet. Any thread.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Done once there is a newer version than the one read after it, or a refusal. Any thread.</summary>
    public Task Changed => _publication.Changed;

    public void OnFrame(in Frame frame)
    {
        if (frame.IsHeader) OnHeader(frame);
        else if (!frame.IsMedia || Refusal is not null) return;
        else if (!_tracksKnown) Hold(frame);
        else Take(frame);
    }

    public void OnEnd()
    {
        if (!_tracksKnown && !_held.IsEmpty) TakeHeld();
        if (_isChanging) Change();
        if (_isEnding) End();
        Flush();
        Publish(isEnded: true);
    }

    /// <summary>Gives all memory back. Who still reads a version finds its parts gone.</summary>
    public void Release()
    {
        _window.Clear();
        _open?.Release();
        _held.Release();
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
        // What came before it is decoded with the header before.
        if (before is not null && !_held.IsEmpty && !_tracksKnown) TakeHeld();
        if (_isEnding) End();
        header.Body.Retain();
        _headers = _headers.With(header);
        before?.Body.Release();
        _headersChanged = true;
        Refusal = null;
        // So is the sound of the last pictures, which comes later.
        if (_tracksKnown && header.Kind == TrackKind.Video && _init is { Video: not null, Sound: not null }) _isChanging = true;
        else if (_tracksKnown) Flush();
    }

    private void Take(in Frame frame)
    {
        if (_isChanging) HoldForChange(frame);
        else if (_isEnding) HoldForEnd(frame);
        else OnMedia(frame);
    }

    /// <summary>Until the sound has come as far as the pictures before the change are shown: then both tracks end, and begin anew, at one time. Players leave no hole there.</summary>
    private void HoldForChange(in Frame frame)
    {
        _held.Add(frame);
        if (_held.Pictures.FirstOrDefault() is not { Body: not null } first) return;
        if (frame.Dts - first.Dts >= HeaderWait || (frame.Kind == TrackKind.Audio && frame.Dts >= BeginOfHeld() / PictureTimes.PerMs)) Change();
    }

    /// <summary>Where in the file the held pictures begin.</summary>
    private long? BeginOfHeld()
    {
        List<Frame> pictures = [.. _held.Pictures];
        if (pictures.Count == 0) return null;
        _times.Begin(pictures);
        return _times.Of(pictures[0]).Decoded;
    }

    private void Change()
    {
        _isChanging = false;
        var begin = BeginOfHeld();
        var end = begin / PictureTimes.PerMs ?? long.MaxValue;
        var held = _held.Take();
        foreach (var frame in held)
            if (frame.Kind == TrackKind.Audio && frame.Dts < end) _part.Add(frame);
        Flush(begin);
        foreach (var frame in held)
        {
            if (frame.Kind == TrackKind.Video || frame.Dts >= end) Take(frame);
            frame.Body.Release();
        }
    }

    /// <summary>Until the sound has come as far as the next segment's first picture is shown: both tracks of a segment begin at one time, as players place it by the one that is first.</summary>
    private void HoldForEnd(in Frame frame)
    {
        _held.Add(frame);
        if ((frame.Kind == TrackKind.Audio && frame.Dts >= _end) || frame.Dts - _held.First.Dts >= SoundWait) End();
    }

    private void End()
    {
        _isEnding = false;
        var held = _held.Take();
        foreach (var frame in held)
            if (frame.Kind == TrackKind.Audio) OnMedia(frame);
        OnPicture(held[0]);
        foreach (var frame in held.AsSpan(1))
            if (frame.Kind == TrackKind.Video) Take(frame);
        foreach (var frame in held) frame.Body.Release();
    }

    private void Hold(in Frame frame)
    {
        _held.Add(frame);
        _hasPlainSound |= frame.Kind == TrackKind.Audio && _headers.Audio is null;
        var length = frame.Dts - _held.First.Dts;
        var areTracksKnown = (_headers.Video is not null && _headers.Audio is not null) || length >= HeaderWait;
        if (!areTracksKnown) return;
        if (_headersChanged) UseHeaders();
        if (_index.IsKnown) TakeHeld();
    }

    private void TakeHeld()
    {
        _tracksKnown = true;
        foreach (var frame in _held.Take())
        {
            Take(frame);
            frame.Body.Release();
        }
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
            _lastSound = frame.Dts;
            if (init.Video is null) Lead(frame, frame.Dts * PictureTimes.PerMs, last * PictureTimes.PerMs);
        }
        else if (init.Video is not null && (_picture is not null || _open is not null || frame.IsKey))
        {
            if (_open is { } open && _index.At(frame.Dts).Number != open.Number && LacksSoundBefore(frame)) HoldForEnd(frame);
            else OnPicture(frame);
        }
    }

    /// <summary>Whether the sound up to a picture is still to come, and can be expected to.</summary>
    private bool LacksSoundBefore(in Frame picture)
    {
        if (_init!.Sound is null || _lastSound is not { } last || picture.Dts - last >= SoundWait) return false;
        _end = _times.Of(picture).Decoded / PictureTimes.PerMs;
        return _isEnding = last < _end;
    }

    private void OnPicture(in Frame frame)
    {
        var last = _picture;
        var (lastTime, time) = (_pictureTime, _times.Take(frame));
        if (last is { } picture) AddPicture(picture, lastTime, time.Decoded);
        frame.Body.Retain();
        (_picture, _pictureTime) = (frame, time);
        Lead(frame, time.Decoded, last is null ? null : lastTime.Decoded);
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
        if (_init is not { } old || !old.Decodes(init)) _init = init;
    }

    private void AddPicture(in Frame picture, in PictureTime time, long next)
    {
        _part.Add(picture, time, next);
        picture.Body.Release();
        _picture = null;
    }

    /// <summary>The track that leads has come to <paramref name="next"/>: ends the part, or part and segment, before it where that is due.</summary>
    /// <param name="time">Its place in the file.</param>
    /// <param name="last">That of the one before it.</param>
    private void Lead(in Frame next, long time, long? last)
    {
        var start = _index.At(next.Dts);
        if (_open is not { } open)
        {
            // Behind a flush; or the very first one. Decoding begins with a keyframe.
            Open(next, time, start);
            return;
        }
        _lastStep = last is { } before ? time - before : _lastStep;
        if (start.Number != open.Number)
        {
            if (start.IsDiscontinuity) _part.Fit(time);
            ClosePart(time, time / PictureTimes.PerMs, isLast: true);
            Complete();
            Open(next, time, start);
        }
        else if (time - _segmentStart >= ((open.Parts.Length + 1) * open.Start.PartStep - open.Start.Picture / 2) * PictureTimes.PerMs || time + _lastStep - _partStart > _index.PartTarget * PictureTimes.PerMs)
        {
            ClosePart(time, next.Dts, isLast: false);
        }
    }

    private void Open(in Frame first, long time, in SegmentStart start)
    {
        _window.Expect(start.Number);
        _epoch = _log.EpochAt(first.Dts);
        _segmentStart = _partStart = time;
        _open = new HlsSegment(start, _init!, UtcAt(first.Pts), [], IsComplete: false);
    }

    /// <summary>Ends part and segment with all that has come: what follows has other headers, or nothing does.</summary>
    /// <param name="next">Where in the file the next picture stands, up to which the last one lasts; null: none has come.</param>
    private void Flush(long? next = null)
    {
        if (_open is null || _init is null)
        {
            _part.Release();
            return;
        }
        var last = _picture is not null ? _pictureTime.Decoded : _part.LastSound?.Dts * PictureTimes.PerMs ?? _partStart;
        var end = _picture is not null && next is { } following && following - last is > 0 and < HeaderWait * PictureTimes.PerMs ? following : last + _lastStep;
        if (_picture is { } picture) AddPicture(picture, _pictureTime, end);
        _part.Fit(end);
        ClosePart(end, soundEnd: null, isLast: true);
        _part.Release();
        Complete();
    }

    /// <param name="end">In the file.</param>
    /// <param name="soundEnd">The sounds before it go with the part; null: all do, as nothing follows on this time line.</param>
    private void ClosePart(long end, long? soundEnd, bool isLast)
    {
        var open = _open!;
        var duration = (int)Math.Round((end - _partStart) / (double)PictureTimes.PerMs);
        var sequence = (uint)(open.Number * 64 + open.Parts.Length);
        var part = _part.Close(open.Init, soundEnd ?? long.MaxValue, duration, sequence, UtcAt(_partStart / PictureTimes.PerMs), isLast, isFlushed: soundEnd is null, _log.Cues);
        _partStart = end;
        if (part is null) return;
        _open = open with { Parts = open.Parts.Add(part) };
        if (!isLast) Publish(isEnded: false);
    }

    private void Complete()
    {
        var segment = _open! with { IsComplete = true };
        if (_isPartial || segment.Parts.Length == 0) segment.Release();
        else _window.Add(segment);
        _isPartial = false;
        _open = null;
        // A crumb that a forced cut left is named with the first part behind the cut.
        var isCrumb = segment.Parts.Length > 1 && segment.Parts[^1].Duration <= PartPlan.ShortestLast;
        if (!isCrumb || _publication.Age >= CrumbWait) Publish(isEnded: false);
    }

    private void Publish(bool isEnded)
    {
        var segments = _open is { } open && !_isPartial ? _window.Segments.Add(open) : _window.Segments;
        _publication.Publish(new HlsVersion($"{_log.Origin:x}", segments, _index.IsKnown ? _index.Target : FirstTarget, _index.PartTarget, isEnded));
    }

    private DateTimeOffset UtcAt(long time) => _epoch.Utc.AddMilliseconds(time - _epoch.Dts);
}
