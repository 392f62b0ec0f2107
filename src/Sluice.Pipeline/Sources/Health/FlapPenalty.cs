namespace Sluice.Pipeline.Sources.Health;

/// <summary>What a source that fails again and again has to be well in addition before the switch returns to it: 10, 20, 40 … 300 s; nothing for a first failure.</summary>
/// <remarks>Milliseconds.</remarks>
internal sealed class FlapPenalty
{
    private const long Memory = 5 * 60_000;
    private const long First = 10_000;
    private const long Most = 300_000;

    private long _last = long.MinValue / 2;
    private int _failures;

    public void Count(long now)
    {
        _failures = Failures(now) + 1;
        _last = now;
    }

    /// <summary>How often it failed, each time within five minutes of the last.</summary>
    public int Failures(long now) => now - _last > Memory ? 0 : _failures;

    public long Of(long now) => Failures(now) is > 1 and var failures ? Math.Min(Most, First << Math.Min(failures - 2, 10)) : 0;
}
