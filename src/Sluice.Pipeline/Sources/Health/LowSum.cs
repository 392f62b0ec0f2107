namespace Sluice.Pipeline.Sources.Health;

/// <summary>
/// Tells when a rate has dropped, however slightly, for long enough to be no chance: the one-sided cumulative sum (CUSUM, Page 1954),
/// g = max(0, g + (μ − x) − k), alarm where g &gt; h.
/// </summary>
/// <param name="slack">k, as a part of μ: half of the smallest drop that matters.</param>
/// <param name="limit">h, as a part of μ.</param>
internal sealed class LowSum(double slack, double limit)
{
    private const int WarmUp = 5;
    private const double Adaptation = 0.02;

    /// <summary>A rate is normal again from this part of μ on.</summary>
    private const double Recovered = 0.95;

    /// <summary>What lasts this many samples is the new normal.</summary>
    private const int Patience = 60;

    private int _samples;
    private int _alarmed;

    /// <summary>μ: what is usual.</summary>
    public double Usual { get; private set; }

    /// <summary>g.</summary>
    public double Sum { get; private set; }

    /// <summary>How many samples the alarm has lasted; 0: there is none.</summary>
    public int Alarmed => _alarmed;

    public void Add(double sample)
    {
        if (_samples < WarmUp)
        {
            Usual += (sample - Usual) / ++_samples;
            return;
        }
        Sum = Math.Max(0, Sum + (Usual - sample) - slack * Usual);
        if (Sum > limit * Usual) _alarmed++;
        else _alarmed = 0;
        if (Sum == 0) Usual += (sample - Usual) * Adaptation;
        if (_alarmed > Patience) SetUsual(sample);
        else if (_alarmed > 0 && sample >= Recovered * Usual) (Sum, _alarmed) = (0, 0);
    }

    public void Clear() => (_samples, _alarmed, Usual, Sum) = (0, 0, 0, 0);

    /// <summary>Knows the usual from elsewhere.</summary>
    internal void SetUsual(double usual) => (Usual, Sum, _samples, _alarmed) = (usual, 0, WarmUp, 0);
}
