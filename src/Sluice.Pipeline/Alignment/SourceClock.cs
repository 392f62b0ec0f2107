namespace Sluice.Pipeline.Alignment;

/// <summary>The wall clock that a source writes into its pictures, against its time stamps; a clock that stands still, leaps or runs at another speed is none.</summary>
internal sealed class SourceClock
{
    /// <summary>Readings are averaged over this long, in milliseconds.</summary>
    private const long Period = 1000;

    private const double LeapLimit = 500;
    private const double MostUnrest = 100;
    private const double SoundDriftPpm = 400;
    private const int LeastMeasured = 3;

    /// <summary>Some encoders write the clock into keyframes only.</summary>
    private const long Freshness = 12_000;

    private OffsetLine _line;
    private long _base;
    private long _since = -1;
    private long _last;
    private double _sum;
    private int _count;
    private double _unrest;

    public bool IsSound(long now) =>
        _line.Measured >= LeastMeasured && now - _last <= Freshness && _unrest <= MostUnrest && Math.Abs(_line.DriftPpm) <= SoundDriftPpm;

    /// <summary>Wall clock − source time, in milliseconds.</summary>
    public double At(long now) => _base + _line.At(now);

    public void Add(long clock, long pts, long now)
    {
        if (_since < 0) (_since, _base) = (now, clock - pts);
        if (now - _since >= Period && _count > 0) Close(now);
        _sum += clock - pts - _base;
        _count++;
        _last = now;
    }

    public void Clear()
    {
        _line = default;
        (_since, _sum, _count, _unrest) = (-1, 0, 0, 0);
    }

    private void Close(long now)
    {
        var mean = _sum / _count;
        _unrest = _line.Measured == 0 ? 0 : Math.Abs(mean - _line.At(now));
        if (_unrest > LeapLimit) _line.Set(mean, now);
        else _line.Measure(mean, now);
        (_since, _sum, _count) = (now, 0, 0);
    }
}
