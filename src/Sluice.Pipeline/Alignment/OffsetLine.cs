namespace Sluice.Pipeline.Alignment;

/// <summary>
/// An offset between two clocks that run almost alike, tracked as value and slope: offset(t) = value + slope · (t − at). Milliseconds.
/// </summary>
/// <remarks>An α-β filter: the first measurements weigh as much as a mean's, later ones a tenth, so that jitter of a millisecond is smoothed away and a drift
/// of 100 ppm is followed without lag.</remarks>
internal struct OffsetLine
{
    /// <summary>Encoder clocks differ by up to 100 ppm; what drifts faster than this is no clock.</summary>
    public const double MaxDriftPpm = 500;

    private const double Gain = 0.1;
    private const double SlopeGain = 0.006;

    private double _value;
    private double _slope;
    private long _at;
    private int _measured;

    public readonly double DriftPpm => _slope * 1e6;

    /// <summary>How many measurements there were since it was set.</summary>
    public readonly int Measured => _measured;

    public readonly double At(long now) => _value + _slope * (now - _at);

    /// <summary>Begins anew, with a slope of zero.</summary>
    public void Set(double value, long now) => (_value, _slope, _at, _measured) = (value, 0, now, 1);

    /// <summary>Moves to <paramref name="value"/> and keeps the slope.</summary>
    public void MoveTo(double value, long now) => (_value, _at) = (value, now);

    public void Measure(double value, long now)
    {
        if (_measured == 0)
        {
            Set(value, now);
            return;
        }
        var elapsed = now - _at;
        if (elapsed <= 0) return;
        var error = value - At(now);
        _measured++;
        _value = At(now) + error * Math.Max(Gain, 1.0 / _measured);
        _slope = Math.Clamp(_slope + error * SlopeGain / elapsed, -MaxDriftPpm / 1e6, MaxDriftPpm / 1e6);
        _at = now;
    }

    /// <summary>The clock that it is measured against becomes another one, which drifts by <paramref name="driftPpm"/> against the present one.</summary>
    public void Rebase(double driftPpm, long now)
    {
        _value = At(now);
        _at = now;
        _slope -= driftPpm / 1e6;
    }
}
