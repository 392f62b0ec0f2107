namespace Sluice.Pipeline.Sources.Health;

/// <summary>
/// How fast a source's time stamps advance against the wall clock: 1 is real time, 0 a stall. Judged only where frames arrive: a silence is none
/// of its business, and neither is the burst behind one.
/// </summary>
/// <remarks>Milliseconds.</remarks>
internal sealed class Progress
{
    /// <summary>Below this the uplink or the encoder is too slow.</summary>
    public const double Least = 0.7;

    private const double Stall = 0.2;
    private const long Step = 100;
    private const long Window = 1000;
    private const int Slots = 16;

    private readonly (long At, long Dts)[] _samples = new (long, long)[Slots];
    private long _count;
    private long _slowSince = -1;

    /// <summary>Δ time stamps / Δ wall clock over the last second; 1 before it is known.</summary>
    public double Rate { get; private set; } = 1;

    /// <summary>How long it has been too slow.</summary>
    public long SlowFor { get; private set; }

    /// <summary>The time stamps hardly advance at all.</summary>
    public bool IsStalled => SlowFor > 0 && Rate < Stall;

    /// <summary>Something arrived; <paramref name="dts"/> is the newest time stamp of any track.</summary>
    public void OnArrival(long now, long dts)
    {
        if (_count > 0 && now - _samples[(_count - 1) % Slots].At < Step) return;
        _samples[_count++ % Slots] = (now, dts);
        if (!TryFindBefore(now - Window, out var then)) return;
        Rate = (double)(dts - then.Dts) / (now - then.At);
        if (Rate >= Least) _slowSince = -1;
        else if (_slowSince < 0) _slowSince = now - 1;
        SlowFor = _slowSince < 0 ? 0 : now - _slowSince;
    }

    /// <summary>This machine did not run for <paramref name="excused"/>.</summary>
    public void Excuse(long excused)
    {
        for (var i = 0; i < Slots; i++) _samples[i].At += excused;
        if (_slowSince >= 0) _slowSince += excused;
    }

    public void Clear() => (_count, _slowSince, Rate, SlowFor) = (0, -1, 1, 0);

    private bool TryFindBefore(long time, out (long At, long Dts) found)
    {
        found = default;
        for (var i = _count - 1; i >= 0 && i > _count - Slots; i--)
        {
            found = _samples[i % Slots];
            if (found.At <= time) return true;
        }
        return false;
    }
}
