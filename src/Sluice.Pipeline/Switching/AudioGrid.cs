using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// The sound's place on the output's time line: a counter of samples, so that it neither jitters nor drifts, whatever the sources' rounded
/// milliseconds say (standards: adding 21 ms a frame drifts 56 s an hour).
/// </summary>
/// <remarks>
/// time(n) = base + ⌊n · samples · 1000 / rate⌋. Where grid and source differ by more than half a frame for a second, or by ten frames at once,
/// the grid is re-anchored: it moves forward to the source, or drops frames until the source has caught up; it never goes back.
/// </remarks>
internal sealed class AudioGrid
{
    /// <summary>How long a difference must last to be one, in milliseconds.</summary>
    private const long Persistence = 1000;

    private const int GapFrames = 10;

    /// <summary>Source and grid are both rounded to milliseconds.</summary>
    private const int Rounding = 1;

    private long _base;
    private long _count;
    private AudioFormat _format = AudioFormat.Variable;
    private long _offSince = -1;
    private bool _anchored;

    /// <summary>Where the next frame belongs; null before the first.</summary>
    public long? Next => _anchored ? Time(_count) : null;

    /// <summary>How often the grid had to move to the source.</summary>
    public int Reanchors { get; private set; }

    private double FrameMs => _format.Samples * 1000.0 / _format.Rate;

    /// <summary>Frames have this length from here on. Without a constant length there is no grid: times pass, never back.</summary>
    public void SetFormat(AudioFormat format)
    {
        if (format == _format) return;
        if (Next is { } next) Anchor(next);
        _format = format;
    }

    /// <summary>Whether a frame at <paramref name="time"/> lies so far before the grid's next place that it would be heard twice.</summary>
    public bool IsBefore(long time) => Next is { } next && time < next - FrameMs / 2;

    /// <summary>The grid time of the next frame, which the source would put at <paramref name="time"/>; null: drop it, the sound is ahead.</summary>
    public long? Stamp(long time)
    {
        if (!_anchored) Anchor(time);
        if (_format == AudioFormat.Variable) return Pass(time);
        var difference = time - Time(_count);
        if (Math.Abs(difference) <= FrameMs / 2) _offSince = -1;
        else if (_offSince < 0) _offSince = time;
        var off = _offSince >= 0 && time - _offSince >= Persistence;
        if (difference < 0 && (off || difference < -GapFrames * FrameMs)) return Drop();
        if (difference > 0 && (off || difference > GapFrames * FrameMs)) Move(time);
        return Time(_count++);
    }

    /// <summary>
    /// Goes on with the sound of another source, whose first frame would be at <paramref name="time"/>: at the next place of the grid
    /// if that is within half a frame, else at <paramref name="time"/>.
    /// </summary>
    /// <returns>What to add to the source's times from here on: at most half a frame.</returns>
    public long Continue(long time)
    {
        if (Next is { } next && Math.Abs(time - next) <= FrameMs / 2 + Rounding)
        {
            _offSince = -1;
            return next - time;
        }
        Anchor(Math.Max(time, Next ?? time));
        return 0;
    }

    private long Pass(long time)
    {
        var place = Math.Max(time, Time(_count));
        Anchor(place + 1);
        return place;
    }

    private long? Drop()
    {
        Reanchors++;
        return null;
    }

    private void Move(long time)
    {
        Reanchors++;
        Anchor(time);
    }

    private void Anchor(long time)
    {
        (_base, _count, _offSince, _anchored) = (time, 0, -1, true);
    }

    private long Time(long count) => _base + count * _format.Samples * 1000 / _format.Rate;
}
