using System.Collections.Immutable;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>What a stream's HLS consists of at one moment: what its playlists are made from.</summary>
/// <remarks>Immutable but for its cache of rendered playlists; each part makes a new one.</remarks>
public sealed class HlsVersion
{
    /// <summary>How many complete segments a playlist names.</summary>
    internal const int Listed = 10;

    /// <summary>How many are kept for those who have an older playlist.</summary>
    internal const int Kept = Listed + 5;

    /// <summary>For how many target durations players may say that they know the rest (RFC 8216bis §4.4.3.8: at least six).</summary>
    private const int SkipTargets = 6;

    /// <summary>Parts are named in segments that end in the last so many target durations; further back players take whole ones (RFC 8216bis §6.2.2).</summary>
    private const int TargetsWithParts = 3;

    private readonly int _firstWithParts;

    internal HlsVersion(string show, ImmutableArray<HlsSegment> segments, int targetDuration, int partTarget, bool isEnded)
    {
        Show = show;
        All = segments;
        TargetDuration = targetDuration;
        PartTarget = partTarget;
        IsEnded = isEnded;
        var complete = segments.Length > 0 && !segments[^1].IsComplete ? segments.Length - 1 : segments.Length;
        var first = Math.Max(0, complete - Listed);
        Segments = segments[first..];
        var behind = 0;
        for (_firstWithParts = Segments.Length; _firstWithParts > 0 && behind <= TargetsWithParts * targetDuration; _firstWithParts--) behind += Segments[_firstWithParts - 1].Duration;
    }

    /// <summary>What the names of media begin with: the show's origin, so that no later show has the same names, whatever its numbers.</summary>
    public string Show { get; }

    /// <summary>Those that can still be fetched, oldest first; only the last may be incomplete.</summary>
    public ImmutableArray<HlsSegment> All { get; }

    /// <summary>Those that a playlist names.</summary>
    public ImmutableArray<HlsSegment> Segments { get; }

    /// <summary>In milliseconds; the same from the first segment on, as long as the show lasts.</summary>
    public int TargetDuration { get; }

    /// <summary>The longest part, in milliseconds; likewise.</summary>
    public int PartTarget { get; }

    /// <summary>How many discontinuities there were before those that are named.</summary>
    public long DiscontinuitySequence => Segments.Length == 0 ? 0 : Segments[0].Start.Discontinuities - (Segments[0].IsDiscontinuity ? 1 : 0);

    /// <summary>The show is over: nothing follows.</summary>
    public bool IsEnded { get; }

    /// <summary>Whether there is a whole segment: players that know nothing of parts give up on a playlist without one.</summary>
    public bool IsPlayable => Segments.Length > 0 && Segments[0].IsComplete;

    /// <summary>In milliseconds: what is older a playlist may leave out for those who ask so.</summary>
    public int SkipBoundary => SkipTargets * TargetDuration;

    /// <summary>The number of the segment that is growing, or of the one that will come next.</summary>
    public long NextNumber => Segments.Length == 0 ? 0 : Segments[^1] is { IsComplete: false } last ? last.Number : Segments[^1].Number + 1;

    /// <summary>The parts that there are of <see cref="NextNumber"/>.</summary>
    public int NextPart => Segments.Length > 0 && Segments[^1] is { IsComplete: false } last ? last.Parts.Length : 0;

    internal HlsRenderings Renderings { get; } = new();

    /// <summary>Whether a playlist names the parts of the segment at <paramref name="index"/> of <see cref="Segments"/>.</summary>
    internal bool ListsParts(int index) => index >= _firstWithParts;

    /// <summary>Whether segment <paramref name="number"/>, or that part of it, is in the playlist, or has been. A part that its segment turned out not to have is the next one's first.</summary>
    public bool Has(long number, int? part)
    {
        if (part >= Find(number)?.Parts.Length && Find(number) is { IsComplete: true }) return Has(number + 1, 0);
        return IsEnded || number < NextNumber || (number == NextNumber && part < NextPart);
    }

    public HlsSegment? Find(long number)
    {
        if (All.Length == 0) return null;
        var index = number - All[0].Number;
        return index >= 0 && index < All.Length ? All[(int)index] : null;
    }
}
