namespace Sluice.Pipeline.Switching;

/// <summary>How the output goes from one feed to the next.</summary>
internal enum CutMethod
{
    /// <summary>On with the next feed's keyframe, whatever its content.</summary>
    Keyframe,

    /// <summary>The last feed's pictures up to the next one's keyframe: nothing lost, nothing repeated.</summary>
    Lookahead,

    /// <summary>The next feed's GOP from its keyframe: what was shown already goes by in steps of 1 ms.</summary>
    Replay,

    /// <summary>On with the frame behind the last one: the feeds' frames are identical.</summary>
    Merge,
}

/// <summary>A place where the output goes over to another feed.</summary>
/// <param name="To">The feed that plays from here on.</param>
/// <param name="Key">Where it begins.</param>
/// <param name="Offset">Output time less source time of <paramref name="To"/>, in milliseconds.</param>
/// <param name="Residual">How much of <paramref name="Offset"/> is due to the grid of pictures: taken out again before the next cut is computed, so that nothing adds up.</param>
/// <param name="At">The first PTS that only <paramref name="To"/> shows, in output time.</param>
/// <param name="Whole">Every picture before this PTS was shown by the feed before.</param>
/// <param name="LastNeeded">The last position of the feed before that is played.</param>
/// <param name="Straddlers">Positions of the feed before whose pictures lie behind the cut but are references of pictures before it.</param>
internal sealed record Cut(
    CutMethod Method, SourceFeed To, KeyPoint Key, long Offset, double Residual, long At, long Whole, long LastNeeded, IReadOnlyList<long> Straddlers);

/// <summary>What plays before a cut that is sought: a feed, its place in output time, and how far it has been played.</summary>
/// <param name="Position">The next position to play.</param>
/// <param name="ShownUntil">The greatest PTS given out, in output time; what lies before it cannot be changed any more.</param>
internal readonly record struct Playing(SourceFeed Feed, long Offset, double Residual, long Position, long ShownUntil)
{
    /// <summary>Output time less source time of <paramref name="to"/>, by content alone.</summary>
    public double Ideal(SourceFeed to) => Offset - Residual + (to.Alignment - Feed.Alignment);
}
