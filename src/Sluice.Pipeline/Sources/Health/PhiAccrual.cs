namespace Sluice.Pipeline.Sources.Health;

/// <summary>
/// How suspicious a silence is, judged by the pauses seen so far: φ = −log10 of the chance that a pause lasts this long (Hayashibara et al., the φ
/// accrual failure detector, with the logistic approximation of the normal distribution that Akka uses).
/// </summary>
/// <remarks>Fed with the pauses between bursts, not between frames: what one read brings is one arrival. Milliseconds.</remarks>
internal sealed class PhiAccrual
{
    /// <summary>From here on the silence is no pause: a chance of 1 in 10⁸.</summary>
    public const double Threshold = 8;

    private const int Window = 1000;
    private const int LeastSamples = 20;
    private const double LeastDeviation = 20;

    /// <summary>Frames that come less than this apart are of one burst.</summary>
    private const int Burst = 2;

    private readonly int[] _pauses = new int[Window];
    private int _count;
    private int _next;
    private long _sum;
    private long _squares;

    /// <summary>A burst came, <paramref name="pause"/> after the last.</summary>
    public void Add(long pause)
    {
        if (pause < Burst) return;
        var sample = (int)Math.Min(pause, 10_000);
        if (_count == Window) Forget(_pauses[_next]);
        else _count++;
        _pauses[_next] = sample;
        _next = (_next + 1) % Window;
        _sum += sample;
        _squares += (long)sample * sample;
    }

    /// <summary>φ of a silence that has lasted <paramref name="silent"/> so far; infinite while too little is known to call any silence a pause.</summary>
    public double Of(long silent)
    {
        if (_count < LeastSamples) return double.PositiveInfinity;
        var mean = (double)_sum / _count;
        var deviation = Math.Sqrt(Math.Max(0, (double)_squares / _count - mean * mean));
        return Phi(silent, mean, Math.Max(deviation, LeastDeviation));
    }

    public void Clear() => (_count, _next, _sum, _squares) = (0, 0, 0, 0);

    internal static double Phi(double silent, double mean, double deviation)
    {
        var y = (silent - mean) / deviation;
        var e = Math.Exp(-y * (1.5976 + 0.070566 * y * y));
        return silent > mean ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - 1 / (1 + e));
    }

    private void Forget(int sample)
    {
        _sum -= sample;
        _squares -= (long)sample * sample;
    }
}
