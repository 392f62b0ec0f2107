using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// The output's one time line: stamps the frames of whichever source is on so that video DTS keep their step, PTS never repeat, and sound stays
/// on its grid; nothing is carried from one splice to the next.
/// </summary>
/// <remarks>
/// <code>
///   A  … D(n-1)   D(n)   |                       D = DTS, one frame apart, across the cut too
///   B            key ────┘ D(n)+step …            PTS = source PTS + offset;  DTS = source DTS + (PTS − DTS of its keyframes) + offset − headroom
/// </code>
/// Every source gets the same reorder headroom (PTS − DTS of keyframes), so two sources whose pictures are shown on one grid are decoded on one grid too.
/// A gap in wall time leaves no gap here: the log's epochs know the wall time.
/// </remarks>
/// <param name="headroom">The least headroom, in milliseconds: what sources to come may need.</param>
internal sealed class OutputTime(int headroom = 0)
{
    /// <summary>A track that is this far behind the other at a splice had stopped while the other went on, in milliseconds.</summary>
    private const long StoppedTime = 1000;

    private readonly AudioGrid _sound = new();
    private int _headroom = headroom;
    private int _keyCts;
    private long? _lastDts;
    private long? _place;       // the last one taken of the grid
    private long _lastStep = 40;
    private long _shownByLast = long.MinValue;
    private long _keyPts;
    private long _step = 40;
    private long _soundShift;
    private bool _soundPending;

    /// <summary>Output time less the time of the source that is on, in milliseconds.</summary>
    public long Offset { get; private set; }

    /// <summary>The greatest PTS so far.</summary>
    public long ShownUntil { get; private set; } = long.MinValue;

    /// <summary>Where the next frame of sound belongs; null before the first.</summary>
    public long? NextSound => _sound.Next;

    public int SoundReanchors => _sound.Reanchors;

    public void SetSoundFormat(AudioFormat format) => _sound.SetFormat(format);

    /// <summary>
    /// The output goes on with <paramref name="first"/>, which is stamped next, whatever its content: its DTS is one step behind the last one. Where pictures were given out
    /// that are shown after it, the next ones are shown 1 ms apart behind those.
    /// </summary>
    /// <param name="step">The source's usual frame duration, in milliseconds.</param>
    public void Resume(in Frame first, int step)
    {
        if (first.Kind == TrackKind.Video)
        {
            var dts = Place(_lastDts + _lastStep, _sound.Next);
            _headroom = Math.Max(_headroom, first.Cts);
            _keyCts = first.Cts;
            _keyPts = dts + _headroom;
            Offset = _keyPts - first.Pts;
        }
        else
        {
            Offset = Place(_sound.Next, _lastDts + _lastStep) - first.Dts;
            _keyCts = _headroom;
        }
        _shownByLast = ShownUntil;
        _step = step;
        _soundPending = true;
    }

    /// <summary>Another source comes through with <paramref name="offset"/>, which puts its content where the last source's left off.</summary>
    /// <param name="keyCts">PTS − DTS of its keyframes, in milliseconds. More than ever before: DTS catch up in steps of 1 ms, once.</param>
    public void Splice(long offset, int keyCts, int step)
    {
        Offset = offset;
        _keyCts = keyCts;
        _headroom = Math.Max(_headroom, keyCts);
        _shownByLast = long.MinValue;
        _step = step;
        _soundPending = true;
    }

    /// <summary>A source of identical frames comes through: only its times differ. Of its sound, what was heard is left out.</summary>
    public void Merge(long offset) => (Offset, _soundPending) = (offset, true);

    /// <summary>Where a frame of sound would stand by its time, as near the grid as the source's first one was put.</summary>
    public long SoundTime(long dts) => dts + Offset + _soundShift;

    /// <summary>The frame in output time; false: it has no place there (sound that was heard already).</summary>
    public bool TryStamp(in Frame frame, out Frame stamped)
    {
        if (frame.Kind == TrackKind.Video && frame.IsMedia)
        {
            var pts = frame.Pts + Offset;
            if (pts <= _shownByLast) pts = _shownByLast + 1 + Math.Max(0, (pts - _keyPts) / _step);
            stamped = StampPicture(frame, Natural(frame), pts);
            return true;
        }
        if (frame.Kind == TrackKind.Audio && frame.IsMedia) return StampSound(frame, out stamped);
        stamped = frame with { Dts = Math.Max(0, frame.Dts + Offset) };
        return true;
    }

    /// <summary>Silence at the sound's next place; the sound that comes after it goes on right behind it.</summary>
    public bool TryStampSilence(in Frame silence, out Frame stamped)
    {
        _soundPending = true;
        stamped = silence;
        if (_sound.Stamp(silence.Dts) is not { } dts) return false;
        stamped = silence with { Dts = dts };
        return true;
    }

    /// <summary>A picture that is shown at <paramref name="pts"/> instead of its own time; it takes no step of the DTS grid, but 1 ms.</summary>
    public Frame StampBetween(in Frame picture, long pts) => StampPicture(picture, long.MinValue, pts);

    /// <summary>The same, right before the next place of the grid instead of right behind the last: a picture that is shown for 1 ms is decoded for 1 ms, so that no player takes it to last longer.</summary>
    /// <param name="left">How many of its kind there are from it on.</param>
    public Frame StampBeforeNext(in Frame picture, long pts, int left)
    {
        var (step, place) = (_lastStep, _place);
        var stamped = StampPicture(picture, place + step - left ?? 0, pts);
        (_lastStep, _place) = (step, place);
        return stamped;
    }

    /// <summary>A picture behind one that took no step of the grid though its source gave it one: <paramref name="back"/> such steps earlier.</summary>
    public Frame StampBack(in Frame picture, int back) => StampPicture(picture, Natural(picture) - back * _step, picture.Pts + Offset);

    /// <summary>A header, at the place where the output is.</summary>
    public Frame StampHeader(in Frame header) => header with { Dts = (header.Kind == TrackKind.Audio ? _sound.Next ?? _lastDts : _lastDts + _lastStep) ?? 0 };

    /// <summary>Where a track goes on at a splice: right behind its own last frame, or beside the other track where it had stopped before.</summary>
    private static long Place(long? own, long? other) => own is { } place && !(other - place > StoppedTime) ? place : other ?? 0;

    private long Natural(in Frame picture) => picture.Dts + _keyCts + Offset - _headroom;

    private Frame StampPicture(in Frame frame, long natural, long pts)
    {
        var dts = Math.Max(natural, (_lastDts ?? -1) + 1);
        pts = Math.Max(pts, dts);
        if (_lastDts is { } last && dts - last is > 1 and < 1000) _lastStep = StepOf(dts - last);
        (_lastDts, _place) = (dts, dts);
        ShownUntil = Math.Max(ShownUntil, pts);
        return frame with { Dts = dts, Cts = (int)(pts - dts) };
    }

    /// <summary>The source's usual step where the last one was about that; rates that are no whole milliseconds (33, 34, 33 …) keep their pattern.</summary>
    private long StepOf(long last) => Math.Abs(last - _step) <= 1 ? last : _step;

    private bool StampSound(in Frame frame, out Frame stamped)
    {
        stamped = frame;
        var time = frame.Dts + Offset;
        if (time < 0) return false;
        if (_soundPending)
        {
            if (_sound.IsBefore(time)) return false;
            _soundShift = _sound.Continue(time);
            _soundPending = false;
        }
        if (_sound.Stamp(time + _soundShift) is not { } dts) return false;
        stamped = frame with { Dts = dts };
        return true;
    }
}
