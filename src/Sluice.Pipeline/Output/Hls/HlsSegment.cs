using System.Collections.Immutable;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>One media segment, complete or still growing: the parts that follow each other in it.</summary>
/// <param name="Start">Where it begins in the log, and its number.</param>
/// <param name="Init">What a player needs before it.</param>
/// <param name="Utc">When its first picture, or sound, is shown.</param>
/// <param name="Parts">Those that are complete.</param>
/// <param name="IsComplete">Nothing is added any more.</param>
public sealed record HlsSegment(SegmentStart Start, HlsInit Init, DateTimeOffset Utc, ImmutableArray<HlsPart> Parts, bool IsComplete)
{
    /// <summary>Its media sequence number.</summary>
    public long Number => Start.Number;

    /// <summary>Whether an epoch or another init segment begins with it.</summary>
    public bool IsDiscontinuity => Start.IsDiscontinuity;

    /// <summary>In milliseconds.</summary>
    public int Duration => Parts.Sum(static part => part.Duration);

    public int Length => Parts.Sum(static part => part.Length);

    /// <summary>Gives its parts back: nobody can fetch them any more.</summary>
    internal void Release()
    {
        foreach (var part in Parts) part.Release();
    }
}
