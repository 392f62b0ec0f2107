using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Writes the pictures and sounds that it is given, in their order, into parts and segments, and publishes each of them.</summary>
/// <remarks>
/// A picture's place is known once the next one has come, so a part is complete one picture after its last. What leads, pictures or, without any, sound, decides where parts and segments end.
/// Used under the stream's lock; <see cref="Publication"/> is for anybody. Memory: the segments of <see cref="SegmentWindow"/>. Holds a reference to the newest picture's body.
/// </remarks>
internal sealed class SegmentWriter
{
    /// <summary>The target duration, in milliseconds, of who has no segment yet: he waits for three of it.</summary>
    private const int FirstTarget = 3000;

    /// <summary>Since the version before, for a segment's end that is a crumb: until then players append the part before it (<see cref="PartPlan"/>).</summary>
    private static readonly TimeSpan CrumbWait = TimeSpan.FromMilliseconds(250);

    private readonly StreamLog _log;
    private readonly SegmentIndex _index;
    private readonly SegmentWindow _window;
    private readonly OpenPart _part = new();
    private readonly PictureTimes _times = new();
    private HlsSegment? _open;
    private Frame? _picture;                // the newest one: how long it lasts is not known yet
    private PictureTime _pictureTime;       // of the newest one
    private (long Dts, DateTimeOffset Utc) _epoch;
    private long _segmentStart;             // in the file, in the units of PictureTimes, as all starts, ends and steps below
    private long _partStart;
    private long _lastStep = 40 * PictureTimes.PerMs;
    private bool _isPartial;                // the open segment began before what the log retains: nobody sees it

    public SegmentWriter(StreamLog log, PlayOptions play, TimeProvider time)
    {
        (_log, _index, _window) = (log, log.Segments, new SegmentWindow(play.GopCacheBytes));
        Publication = new HlsPublication(new HlsVersion("", [], FirstTarget, partTarget: 0, isEnded: false), time);
        _isPartial = log.Head > 0;
    }

    public HlsPublication Publication { get; }

    /// <summary>What the segments to come name. To be changed only behind a <see cref="Flush"/>.</summary>
    public HlsInit? Init { get; set; }

    /// <summary>Whether a segment is open.</summary>
    public bool IsOpen => _open is not null;

    /// <summary>The place in the index of what leads, where it begins a segment; null where it goes on with the open one.</summary>
    public SegmentStart? Begins(in Frame next) => _index.At(next.Dts) is var start && start.Number != _open?.Number ? start : null;

    /// <summary>Where <paramref name="picture"/> stands in the file if it comes next.</summary>
    public PictureTime PlaceOf(in Frame picture) => _times.Of(picture);

    /// <summary>Where these stand, the first of them, if they begin new decoders.</summary>
    public PictureTime PlaceOf(IReadOnlyList<Frame> pictures)
    {
        _times.Begin(pictures);
        return _times.Of(pictures[0]);
    }

    public void AddPicture(in Frame picture)
    {
        var last = _picture;
        var (lastTime, time) = (_pictureTime, _times.Take(picture));
        if (last is { } before) Place(before, lastTime, time.Decoded);
        picture.Body.Retain();
        (_picture, _pictureTime) = (picture, time);
        Lead(picture, time.Decoded, last is null ? null : lastTime.Decoded);
    }

    public void AddSound(in Frame sound)
    {
        var last = _part.LastSound?.Dts;
        _part.Add(sound);
        if (Init!.Video is null) Lead(sound, sound.Dts * PictureTimes.PerMs, last * PictureTimes.PerMs);
    }

    /// <summary>Ends part and segment with what has come: what follows has other headers, or is far away.</summary>
    /// <param name="next">Where in the file the next picture stands, up to which the last one lasts; null: as long as the one before it.</param>
    public void Flush(long? next = null)
    {
        var end = EndOf(next);
        EndAt(end, (end + PictureTimes.PerMs - 1) / PictureTimes.PerMs);
    }

    /// <summary>Nothing follows.</summary>
    public void End()
    {
        EndAt(EndOf(next: null), soundEnd: long.MaxValue);
        Publish(isEnded: true);
    }

    /// <summary>Makes a new version of what there is.</summary>
    public void Publish(bool isEnded = false)
    {
        var segments = _open is { } open && !_isPartial ? _window.Segments.Add(open) : _window.Segments;
        Publication.Publish(new HlsVersion($"{_log.Origin:x}", segments, _index.IsKnown ? _index.Target : FirstTarget, _index.PartTarget, isEnded));
    }

    /// <summary>Gives all memory back. Who still reads a version finds its parts gone.</summary>
    public void Release()
    {
        _window.Clear();
        _open?.Release();
        _part.Release();
        _picture?.Body.Release();
        _picture = null;
    }

    private void Place(in Frame picture, in PictureTime time, long next)
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
        var begins = Begins(next);
        if (_open is not { } open)
        {
            // Behind a flush; or the very first one. Decoding begins with a keyframe.
            _part.LeaveOut(before: time / PictureTimes.PerMs);
            Open(next, time, begins!.Value);
            return;
        }
        _lastStep = last is { } before ? time - before : _lastStep;
        if (begins is { } start)
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
        _open = new HlsSegment(start, Init!, UtcAt(first.Pts), [], IsComplete: false);
    }

    /// <summary>Where the newest picture, or sound where there are none, ends.</summary>
    private long EndOf(long? next)
    {
        var last = _picture is not null ? _pictureTime.Decoded : _part.LastSound?.Dts * PictureTimes.PerMs ?? _partStart;
        return _picture is not null && next is { } following && following - last is > 0 and < SegmentIndex.HeaderWait * PictureTimes.PerMs ? following : last + _lastStep;
    }

    private void EndAt(long end, long soundEnd)
    {
        if (_open is null) return;
        if (_picture is { } picture) Place(picture, _pictureTime, end);
        _part.Fit(end);
        ClosePart(end, soundEnd, isLast: true, isFlushed: true);
        Complete();
    }

    /// <param name="end">In the file.</param>
    /// <param name="soundEnd">In milliseconds; the sounds before it go with the part.</param>
    private void ClosePart(long end, long soundEnd, bool isLast, bool isFlushed = false)
    {
        var open = _open!;
        var duration = (int)Math.Round((end - _partStart) / (double)PictureTimes.PerMs);
        var sequence = (uint)(open.Number * 64 + open.Parts.Length);
        var part = _part.Close(open.Init, soundEnd, duration, sequence, UtcAt(_partStart / PictureTimes.PerMs), isLast, flushedAt: isFlushed ? end : null, _log.Cues);
        _partStart = end;
        if (part is null) return;
        _open = open with { Parts = open.Parts.Add(part) };
        if (!isLast) Publish();
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
        if (!isCrumb || Publication.Age >= CrumbWait) Publish();
    }

    private DateTimeOffset UtcAt(long time) => _epoch.Utc.AddMilliseconds(time - _epoch.Dts);
}
