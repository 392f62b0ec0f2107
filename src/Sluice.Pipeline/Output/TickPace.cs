namespace Sluice.Pipeline.Output;

/// <summary>
/// How long an egress loop waits between two ticks: a fixed time, or as short as the load allows. The number of sends is what costs, so under load waiting longer saves most.
/// </summary>
/// <param name="tick">Null: widen towards <see cref="MaxInterval"/> while the loop is busy for over a quarter of the time, narrow under 12 %.</param>
internal sealed class TickPace(TimeSpan? tick)
{
    public const double MaxInterval = 100;

    private const double Window = 500;
    private const double FirstStep = 20;
    private const double HighUsage = 0.25;
    private const double LowUsage = 0.12;

    private double _windowStart;
    private double _busy;

    public bool IsFixed => tick is not null;

    /// <summary>Least milliseconds from tick to tick.</summary>
    public double Interval { get; private set; } = tick?.TotalMilliseconds ?? 0;

    /// <summary>The part of one core that the loop used lately, 0 to 1.</summary>
    public double Usage { get; private set; }

    /// <summary>The longest that a walk may take, in milliseconds.</summary>
    public double Limit => IsFixed ? Interval : MaxInterval;

    /// <summary>Walks that took longer than <see cref="Limit"/>. Nothing is made up for: the next walk begins at once and sends larger pieces, so that the work falls as the lag grows.</summary>
    public long Late { get; private set; }

    /// <summary>A tick has ended at <paramref name="now"/> and took <paramref name="busy"/>; milliseconds.</summary>
    public void OnTick(double now, double busy)
    {
        if (busy > Limit) Late++;
        _busy += busy;
        var passed = now - _windowStart;
        if (passed < Window) return;
        Usage = Math.Min(1, _busy / passed);
        (_windowStart, _busy) = (now, 0);
        if (IsFixed) return;
        if (Usage > HighUsage) Interval = Math.Min(MaxInterval, Math.Max(FirstStep, Interval * 1.5));
        else if (Usage < LowUsage) Interval = Interval <= FirstStep ? 0 : Interval / 1.5;
    }
}
