using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// The output's one time line: stamps the frames of whichever source is on so that video DTS keep their step, PTS never repeat, and sound stays
/// on its grid; nothing is carried from one splice to the next.
/// </summary>
/// <remarks>
/// <code>
///   A  … D(n-1)   D(n)   |                       D = DTS, one frame apart, across the cut too
///   B            key ────┘ D(n)+step …            P = D + cts + (headroom − cts of the source's keyframes)
/// </code>
/// Every source gets the same reorder headroom (PTS − DTS of its keyframes), so the DTS grid goes on exactly where the last source left it. Where the
/// last source had already sent a picture that is shown after the cut, the new one's first pictures are shown 1 ms apart behind it.
/// A gap in wall time leaves no gap here: the log's epochs know the wall time.
/// </remarks>
internal sealed class OutputTime
{
    /// <summary>A track that is this far behind the other at a splice had stopped while the other went on, in milliseconds.</summary>
    private const long StoppedTime = 1000;

    private readonly AudioGrid _sound = new();
    private long _dtsOffset;
    private long _ptsOffset;
    private long _reorder;
    private long? _headroom;
    private long? _lastDts;
    private long _lastStep = 40;
    private long _shownUntil = long.MinValue;
    private long _shownByLast = long.MinValue;
    private long _keyPts;
    private long _step = 40;
    private long _soundShift;
    private bool _soundPending;

    public int SoundReanchors => _sound.Reanchors;

    public void SetSoundFormat(AudioFormat format) => _sound.SetFormat(format);

    /// <summary>From here on the source whose frame <paramref name="first"/> is comes through; <paramref name="first"/> is stamped next.</summary>
    /// <param name="step">The source's usual frame duration, in milliseconds.</param>
    public void Splice(in Frame first, int step)
    {
        if (first.Kind == TrackKind.Video)
        {
            var dts = Place(_lastDts + _lastStep, _sound.Next);
            _headroom = Math.Max(_headroom ?? first.Cts, first.Cts);
            _dtsOffset = dts - first.Dts;
            _ptsOffset = dts + _headroom.Value - first.Pts;
            _reorder = _ptsOffset - _dtsOffset;
            _keyPts = dts + _headroom.Value;
        }
        else
        {
            var next = Place(_sound.Next, _lastDts + _lastStep);
            _dtsOffset = _ptsOffset = next - first.Dts;
            _reorder = 0;
        }
        _shownByLast = _shownUntil;
        _step = step;
        _soundPending = true;
    }

    /// <summary>The frame in output time; false: it has no place there (sound that was heard already).</summary>
    public bool TryStamp(in Frame frame, out Frame stamped)
    {
        if (frame.Kind == TrackKind.Video && frame.IsMedia) return StampPicture(frame, out stamped);
        if (frame.Kind == TrackKind.Audio && frame.IsMedia) return StampSound(frame, out stamped);
        stamped = frame with { Dts = Math.Max(0, frame.Dts + _ptsOffset) };
        return true;
    }

    /// <summary>A header, at the place where the output is.</summary>
    public Frame StampHeader(in Frame header) => header with { Dts = (header.Kind == TrackKind.Audio ? _sound.Next ?? _lastDts : _lastDts + _lastStep) ?? 0 };

    /// <summary>Where a track goes on at a splice: right behind its own last frame, or beside the other track where it had stopped before.</summary>
    private static long Place(long? own, long? other) => own is { } place && !(other - place > StoppedTime) ? place : other ?? 0;

    private bool StampPicture(in Frame frame, out Frame stamped)
    {
        var dts = Math.Max(frame.Dts + _dtsOffset, (_lastDts ?? -1) + 1);
        var pts = frame.Dts + _dtsOffset + frame.Cts + _reorder;
        if (pts <= _shownByLast) pts = _shownByLast + 1 + Math.Max(0, (pts - _keyPts) / _step);
        pts = Math.Max(pts, dts);
        if (_lastDts is { } last && dts - last is > 0 and < 1000) _lastStep = StepOf(dts - last);
        _lastDts = dts;
        _shownUntil = Math.Max(_shownUntil, pts);
        stamped = frame with { Dts = dts, Cts = (int)(pts - dts) };
        return true;
    }

    /// <summary>The source's usual step where the last one was about that; rates that are no whole milliseconds (33, 34, 33 …) keep their pattern.</summary>
    private long StepOf(long last) => Math.Abs(last - _step) <= 1 ? last : _step;

    private bool StampSound(in Frame frame, out Frame stamped)
    {
        stamped = frame;
        var time = frame.Dts + _ptsOffset;
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
