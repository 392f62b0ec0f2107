namespace Sluice.Pipeline.Alignment;

/// <summary>By what a source was found to show the same as the others, the best first.</summary>
public enum AlignmentMethod
{
    /// <summary>Nothing is known: it has sent no frame.</summary>
    None,

    /// <summary>Its payloads equal those of another source.</summary>
    Identical,

    /// <summary>Both write a wall clock into their pictures.</summary>
    Clock,

    /// <summary>The sizes of its frames rise and fall as those of another source do.</summary>
    Correlation,

    /// <summary>Nothing better than when its frames arrive.</summary>
    Arrival,
}

/// <summary>
/// Where one source stands on the stream's programme time, the one time line that all its sources share: programme time = source time + <paramref name="OffsetMs"/>.
/// </summary>
/// <param name="Method">By what it was placed: the weakest link between it and the source that carries the programme time. That source itself is as good
/// as the best of those that are tied to it; alone it stands by <see cref="AlignmentMethod.Arrival"/>.</param>
/// <param name="OffsetMs">In milliseconds, at present.</param>
/// <param name="Confidence">0 to 1: how sure that is.</param>
/// <param name="DriftPpm">How fast the offset grows, in millionths: the source's clock against that of the source that carries the programme time.</param>
public readonly record struct SourceAlignment(AlignmentMethod Method, double OffsetMs, double Confidence, double DriftPpm);

/// <summary>The tracks of two sources whose payloads are equal.</summary>
[Flags]
public enum EqualTracks
{
    None = 0,
    Video = 1,
    Audio = 2,
}
