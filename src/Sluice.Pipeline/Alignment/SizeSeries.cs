using System.Numerics;
using System.Runtime.InteropServices;

namespace Sluice.Pipeline.Alignment;

/// <summary>
/// A <see cref="SizeTrail"/> on an even grid of time, without its slow changes, ready to be correlated. Made anew for each search; its memory stays.
/// </summary>
internal sealed class SizeSeries
{
    /// <summary>Grid points beyond a gap of this many steps are empty.</summary>
    private const int LongestBridge = 6;

    /// <summary>A single scene cut must not decide alone: features are cut off at this many standard deviations.</summary>
    private const float Clip = 3;

    /// <summary>Sizes that differ by less than about a per cent tell nothing: padding, silence, a still picture.</summary>
    private const double LeastDeviation = 0.012;

    private readonly float[] _values = new float[SizeTrail.Capacity + Vector<float>.Count];
    private readonly float[] _raw = new float[SizeTrail.Capacity];
    private readonly float[] _energy = new float[SizeTrail.Capacity + 1];

    public int Count { get; private set; }

    /// <summary>Source time of the first grid point.</summary>
    public long Base { get; private set; }

    /// <summary>Whether there is anything to compare.</summary>
    public bool HasSignal { get; private set; }

    /// <param name="step">Of the grid, in milliseconds.</param>
    /// <param name="smoothing">The mean over this many points to both sides is taken off.</param>
    public void Fill(SizeTrail trail, double step, int smoothing)
    {
        Sample(trail, step);
        TakeMeanOff(smoothing);
        Level();
    }

    /// <summary>The correlation of <paramref name="a"/>[i] with <paramref name="b"/>[i − lag] over all i where both are, −1 to 1, and how many those are.</summary>
    public static float Correlate(SizeSeries a, SizeSeries b, int lag, out int overlap)
    {
        var from = Math.Max(0, lag);
        overlap = Math.Max(0, Math.Min(a.Count, b.Count + lag) - from);
        if (overlap == 0) return 0;
        var energy = MathF.Sqrt((a._energy[from + overlap] - a._energy[from]) * (b._energy[from - lag + overlap] - b._energy[from - lag]));
        return energy < 1e-6f ? 0 : Dot(a._values.AsSpan(from, overlap), b._values.AsSpan(from - lag, overlap)) / energy;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector<float>.Zero;
        var wideA = MemoryMarshal.Cast<float, Vector<float>>(a);
        var wideB = MemoryMarshal.Cast<float, Vector<float>>(b);
        for (var i = 0; i < wideA.Length; i++) sum += wideA[i] * wideB[i];
        var dot = Vector.Sum(sum);
        for (var i = wideA.Length * Vector<float>.Count; i < a.Length; i++) dot += a[i] * b[i];
        return dot;
    }

    private void Sample(SizeTrail trail, double step)
    {
        Base = trail.First;
        Count = Math.Min(SizeTrail.Capacity, (int)((trail.Last - Base) / step) + 1);
        var next = 1;
        for (var i = 0; i < Count; i++)
        {
            var time = Base + i * step;
            while (next < trail.Count - 1 && trail.PtsAt(next) < time) next++;
            var (before, after) = (trail.PtsAt(next - 1), trail.PtsAt(next));
            var part = after == before ? 0 : Math.Clamp((time - before) / (after - before), 0, 1);
            _raw[i] = after - before > LongestBridge * step ? 0 : (float)(trail.FeatureAt(next - 1) * (1 - part) + trail.FeatureAt(next) * part);
        }
    }

    private void TakeMeanOff(int smoothing)
    {
        double sum = 0;
        var (from, to) = (0, 0);
        for (var i = 0; i < Count; i++)
        {
            for (; to < Math.Min(Count, i + smoothing + 1); to++) sum += _raw[to];
            for (; from < i - smoothing; from++) sum -= _raw[from];
            _values[i] = _raw[i] - (float)(sum / (to - from));
        }
    }

    private void Level()
    {
        double squares = 0;
        for (var i = 0; i < Count; i++) squares += _values[i] * _values[i];
        var deviation = Count == 0 ? 0 : Math.Sqrt(squares / Count);
        HasSignal = deviation >= LeastDeviation;
        var scale = HasSignal ? (float)(1 / deviation) : 0;
        for (var i = 0; i < Count; i++)
        {
            _values[i] = Math.Clamp(_values[i] * scale, -Clip, Clip);
            _energy[i + 1] = _energy[i] + _values[i] * _values[i];
        }
    }
}
