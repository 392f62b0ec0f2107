namespace Sluice.Pipeline.Alignment;

/// <summary>
/// How the sizes of one track's frames rise and fall, in order of presentation, for the last half minute: what the content does to every encoder alike.
/// </summary>
/// <remarks>
/// A feature is log(size + 1) less the running mean of frames of its class (place in the mini-GOP, distance from the keyframe), so that an encoder's own
/// rhythm does not drown the content's. Keyframes are left out; whoever reads on a grid bridges the gaps.
/// </remarks>
internal sealed class SizeTrail
{
    public const int Capacity = 2048;

    /// <summary>Older frames are of no use, in milliseconds.</summary>
    public const long Kept = 30_000;

    private const int Mask = Capacity - 1;
    private const int Classes = 32;
    private const float MeanGain = 1f / 32;
    private const long LongestStep = 1000;

    private readonly long[] _pts = new long[Capacity];
    private readonly float[] _features = new float[Capacity];
    private readonly float[] _means = new float[Classes];
    private readonly int[] _seen = new int[Classes];
    private long _end;

    public int Count { get; private set; }

    public long First => PtsAt(0);

    public long Last => PtsAt(Count - 1);

    /// <summary>The mean time from one frame to the next, in milliseconds; 0 while that cannot be told.</summary>
    public double Interval { get; private set; }

    public long PtsAt(int i) => _pts[_end - Count + i & Mask];

    public float FeatureAt(int i) => _features[_end - Count + i & Mask];

    /// <param name="size">Coded bytes.</param>
    /// <param name="kind">The class of the frame: 0 to 31.</param>
    public void Add(long pts, int size, int kind)
    {
        var value = MathF.Log(size + 1);
        ref var mean = ref _means[kind];
        var feature = _seen[kind] == 0 ? 0 : value - mean;
        mean += (value - mean) * Math.Max(MeanGain, 1f / ++_seen[kind]);
        var at = _end++;
        if (Count < Capacity) Count++;
        for (var first = _end - Count; at > first && _pts[at - 1 & Mask] > pts; at--)
        {
            _pts[at & Mask] = _pts[at - 1 & Mask];
            _features[at & Mask] = _features[at - 1 & Mask];
        }
        _pts[at & Mask] = pts;
        _features[at & Mask] = feature;
        while (Last - First > Kept) Count--;
    }

    /// <summary>Finds out <see cref="Interval"/> anew.</summary>
    public void Measure()
    {
        Interval = 0;
        if (Count < 8) return;
        // Gaps (keyframes, losses) are no intervals: what is much longer than the mean of the shorter half is left out.
        var usual = MeanOfSteps(LongestStep);
        for (var pass = 0; pass < 3; pass++) usual = MeanOfSteps(1.4 * usual);
        Interval = usual;
    }

    /// <summary>The frame nearest to <paramref name="pts"/>; −1 without any.</summary>
    public int Nearest(double pts)
    {
        var (low, high) = (0, Count - 1);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (PtsAt(middle) < pts) low = middle + 1;
            else high = middle;
        }
        return low > 0 && pts - PtsAt(low - 1) < PtsAt(low) - pts ? low - 1 : Count - 1 < 0 ? -1 : low;
    }

    public void Clear()
    {
        Array.Clear(_seen);
        (Count, _end, Interval) = (0, 0, 0);
    }

    private double MeanOfSteps(double longest)
    {
        var (sum, count) = (0L, 0);
        for (var i = 1; i < Count; i++)
        {
            var step = PtsAt(i) - PtsAt(i - 1);
            if (step <= 0 || step > longest) continue;
            sum += step;
            count++;
        }
        return count == 0 ? 0 : (double)sum / count;
    }
}
