using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources;

/// <summary>What is usual of a source's pictures: their duration, the distance of its keyframes, and how far those are reordered.</summary>
/// <remarks>Milliseconds.</remarks>
internal sealed class PictureRhythm
{
    private const int Settled = 8;
    private const int Memory = 1000;
    private const int Gops = 16;
    private const int KnownGops = 4;

    private readonly long[] _gops = new long[Gops];
    private long _gopCount;
    private double _stepSum;
    private double _stepCount;
    private int _outliers;
    private double _interval = 40;

    public long LastDts { get; private set; } = -1;

    public long LastKeyDts { get; private set; } = -1;

    /// <summary>From one picture to the next, as it is lately.</summary>
    public double Interval => _interval;

    /// <summary>The exact average duration of a picture: stamps in whole milliseconds hide that 29.97 a second last 33.367 each.</summary>
    public double PictureInterval => _stepCount >= Settled ? _stepSum / _stepCount : _interval;

    /// <summary>Between the last two keyframes; 0 before the second.</summary>
    public int GopMs { get; private set; }

    /// <summary>PTS − DTS of the last keyframe; −1 before the first.</summary>
    public int KeyCts { get; private set; } = -1;

    /// <summary>
    /// Time without a keyframe, as a part of the longest GOP lately; 0 while nothing can be said: too few GOPs, or of such lengths (cut at scenes) that the
    /// longest may still be to come.
    /// </summary>
    public double KeyframeDelay
    {
        get
        {
            if (_gopCount < KnownGops || LastKeyDts < 0) return 0;
            long longest = 0, shortest = long.MaxValue;
            for (var i = 0; i < Math.Min(_gopCount, Gops); i++)
            {
                longest = Math.Max(longest, _gops[i]);
                shortest = Math.Min(shortest, _gops[i]);
            }
            return longest - shortest > longest / 4 ? 0 : (double)(LastDts - LastKeyDts) / longest;
        }
    }

    public void Add(in Frame picture)
    {
        if (LastDts >= 0) AddStep(picture.Dts - LastDts);
        LastDts = picture.Dts;
        if (!picture.IsKey) return;
        KeyCts = picture.Cts;
        if (LastKeyDts >= 0)
        {
            GopMs = (int)Math.Min(int.MaxValue, picture.Dts - LastKeyDts);
            _gops[_gopCount++ % Gops] = GopMs;
        }
        LastKeyDts = picture.Dts;
    }

    /// <summary>A new session: its times have nothing to do with the last one's, its encoder may be set otherwise.</summary>
    public void Restart()
    {
        (LastDts, LastKeyDts, KeyCts, _gopCount) = (-1, -1, -1, 0);
        (_stepSum, _stepCount, _outliers) = (0, 0, 0);
    }

    private void AddStep(long step)
    {
        if (step is <= 0 or >= 1000) return;
        _interval += (step - _interval) / 8;
        // A picture left out is no longer picture.
        if (_stepCount >= Settled && Math.Abs(step - PictureInterval) > 0.6 * PictureInterval && ++_outliers < Settled) return;
        if (_outliers >= Settled) (_stepSum, _stepCount) = (0, 0);
        _outliers = 0;
        _stepSum += step;
        if (++_stepCount >= Memory) (_stepSum, _stepCount) = (_stepSum / 2, _stepCount / 2);
    }
}
