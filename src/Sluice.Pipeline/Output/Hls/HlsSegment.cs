using System.Collections.Immutable;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>One media segment, complete or still growing: the parts that follow each other in it.</summary>
/// <param name="Number">Its media sequence number: the show's origin plus output time, in units of the segments' duration.</param>
/// <param name="Init">What a player needs before it.</param>
/// <param name="IsDiscontinuity">Whether an epoch or another init segment begins with it.</param>
/// <param name="Utc">When its first picture, or sound, is shown.</param>
/// <param name="Parts">Those that are complete.</param>
/// <param name="IsComplete">Nothing is added any more.</param>
public sealed record HlsSegment(long Number, HlsInit Init, bool IsDiscontinuity, DateTimeOffset Utc, ImmutableArray<HlsPart> Parts, bool IsComplete)
{
    /// <summary>In milliseconds.</summary>
    public int Duration => Parts.Sum(static part => part.Duration);

    public int Length => Parts.Sum(static part => part.Length);
}
