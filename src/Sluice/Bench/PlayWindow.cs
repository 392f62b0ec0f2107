using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>The times of one measurement, known from the start: viewers come at 500 a second, settle for two seconds, and then are measured.</summary>
/// <remarks>Times are those of <see cref="Stopwatch.GetTimestamp"/>.</remarks>
internal sealed class PlayWindow(int viewers, TimeSpan length)
{
    private const int ViewersPerSecond = 500;
    private const double SettleSeconds = 2;

    private readonly long _opening = Stopwatch.GetTimestamp();

    public TimeSpan Length => length;

    public long Start => _opening + (long)(((double)viewers / ViewersPerSecond + SettleSeconds) * Stopwatch.Frequency);

    public long End => Start + (long)(length.TotalSeconds * Stopwatch.Frequency);

    /// <summary>When viewer number <paramref name="index"/> connects.</summary>
    public long OpenAt(int index) => _opening + index * Stopwatch.Frequency / ViewersPerSecond;

    /// <summary>Milliseconds until <paramref name="time"/>, rounded up; 0 where it has passed.</summary>
    public static int MillisecondsUntil(long time) => (int)Math.Max(0, Math.Ceiling((time - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency));
}
