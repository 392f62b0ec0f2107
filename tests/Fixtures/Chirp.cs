namespace Fixtures;

/// <summary>Reads the time on the timeline from the pitch of its sound.</summary>
public static class Chirp
{
    /// <summary>Samples that one reading takes: 200 ms.</summary>
    public const int Window = Timeline.SampleRate / 5;

    private const double CoarseHertz = 4, FineHertz = 0.02;

    /// <summary>Every so many samples are enough to find about where the pitch is.</summary>
    private const int CoarseStride = 8;

    private static readonly double Lowest = Timeline.BaseHertz, Highest = Timeline.BaseHertz + Timeline.Seconds * Timeline.HertzPerSecond;

    private static readonly double[] Hann = [.. Enumerable.Range(0, Window).Select(i => 0.5 - 0.5 * Math.Cos(2 * Math.PI * i / Window))];

    /// <summary>The time of the middle of <paramref name="samples"/>, in milliseconds; right to a few.</summary>
    public static double Read(ReadOnlySpan<float> samples)
    {
        var (best, power) = (Lowest, 0.0);
        for (var hertz = Lowest - CoarseHertz; hertz <= Highest + CoarseHertz; hertz += CoarseHertz)
        {
            var found = Power(samples, hertz, CoarseStride);
            if (found > power) (best, power) = (hertz, found);
        }
        var (low, high) = (best - CoarseHertz, best + CoarseHertz);
        while (high - low > FineHertz)
        {
            var (left, right) = (low + (high - low) / 3, high - (high - low) / 3);
            if (Power(samples, left, 1) < Power(samples, right, 1)) low = left;
            else high = right;
        }
        return ((low + high) / 2 - Timeline.BaseHertz) / Timeline.HertzPerSecond * 1000;
    }

    /// <summary>Of one pitch in a window, by Goertzel's recurrence.</summary>
    private static double Power(ReadOnlySpan<float> samples, double hertz, int stride)
    {
        var turn = 2 * Math.Cos(2 * Math.PI * hertz * stride / Timeline.SampleRate);
        var (before, last) = (0.0, 0.0);
        for (var i = 0; i < Window; i += stride) (before, last) = (last, samples[i] * Hann[i] + turn * last - before);
        return last * last + before * before - turn * last * before;
    }
}
