using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <summary>Finds where the output can go from one feed to another so that each picture is shown once (standards: aligned splice, GOP replay).</summary>
/// <remarks>
/// <code>
///   A  … 7 8 9 | 10 11 …        lookahead: B's keyframe 10 was received, 10 was not given out yet, A is whole up to 9
///   B  … 8 9   | K10 11 …
///
///   A  … 7 8 9 ✕                replay: A ended; K5 … 9 of B are shown within a few milliseconds behind 9, then 10 in its place
///   B  K5 6 7 8 9 | 10 11 …
/// </code>
/// Each splice is computed from the sources' alignment and put on the grid of pictures of the feed before; how far that moves it
/// (<see cref="Cut.Residual"/>, at most half a picture) is taken out again at the next one.
/// </remarks>
internal static class CutSearch
{
    private static readonly IReadOnlyList<long> None = [];

    /// <summary>The best keyframe of <paramref name="to"/> between what has been given out and what the feed before is whole to; null: there is none now.</summary>
    public static Cut? Lookahead(in Playing from, SourceFeed to)
    {
        var whole = from.Feed.WholeUntil() + from.Offset;
        Cut? best = null;
        foreach (var key in to.History.Keys)
        {
            var (at, offset, residual) = Place(from, to, key);
            if (at <= from.ShownUntil || at > whole) continue;
            var (last, straddlers) = Rest(from, at);
            if (best is not null && straddlers.Count >= best.Straddlers.Count) continue;
            best = new Cut(CutMethod.Lookahead, to, key, offset, residual, at, at, last, straddlers);
            if (straddlers.Count == 0) break;
        }
        return best;
    }

    /// <summary>
    /// The newest keyframe of <paramref name="to"/> before all that the feed before may not have shown; the cut is where both feeds are whole to, or right behind what has been given out; null: there is none, or <paramref name="to"/>
    /// has nothing new to show yet.
    /// </summary>
    public static Cut? Replay(in Playing from, SourceFeed to)
    {
        var ideal = from.Ideal(to);
        var whole = from.Feed.CompleteUntil() + from.Offset;   // sound that has stopped is silence already where pictures have been shown
        var next = from.ShownUntil == long.MinValue ? long.MinValue : from.Feed.Snap(from.ShownUntil - from.Offset + from.Feed.Step) + from.Offset;
        var both = from.Feed.Snap(Math.Min(whole, to.CompleteUntil() + ideal) - from.Offset) + from.Offset;
        var at = Math.Max(next, both);
        if (to.CompleteUntil() + ideal < at - to.Step / 2) return null;
        var keys = to.History.Keys;
        for (var i = keys.Count - 1; i >= 0; i--)
        {
            var (place, offset, residual) = Place(from, to, keys[i]);
            if (place > Math.Min(whole, at)) continue;
            var (last, straddlers) = Rest(from, at);
            return new Cut(CutMethod.Replay, to, keys[i], offset, residual, at, Math.Min(whole, at), last, straddlers);
        }
        return null;
    }

    /// <summary>The oldest keyframe of <paramref name="to"/> with content behind all that the feed before has; null: none.</summary>
    public static KeyPoint? Beyond(in Playing from, SourceFeed to)
    {
        var end = Math.Max(from.ShownUntil, from.Feed.CompleteUntil() + from.Offset - 1);
        foreach (var key in to.History.Keys)
            if (key.Pts + from.Ideal(to) > end) return key;
        return null;
    }

    /// <summary>Pictures lost where the output goes on with <paramref name="key"/> at once.</summary>
    public static int LostBefore(in Playing from, SourceFeed to, in KeyPoint key) =>
        Math.Max(0, (int)Math.Round((key.Pts + from.Ideal(to) - from.ShownUntil) / from.Feed.Step) - 1);

    /// <summary>Whether <paramref name="to"/> has received all that it could share with the feed before.</summary>
    public static bool HasPassed(in Playing from, SourceFeed to) => to.CompleteUntil() + from.Ideal(to) >= from.Feed.WholeUntil() + from.Offset;

    private static (long At, long Offset, double Residual) Place(in Playing from, SourceFeed to, in KeyPoint key)
    {
        var ideal = key.Pts + from.Ideal(to);
        var at = from.Feed.Snap(ideal - from.Offset) + from.Offset;
        return (at, at - key.Pts, at - ideal);
    }

    /// <summary>What of the feed before is still to be played: up to the last picture before the cut, and which pictures behind the cut that one needs.</summary>
    private static (long Last, IReadOnlyList<long> Straddlers) Rest(in Playing from, long at)
    {
        var history = from.Feed.History;
        var last = from.Position - 1;
        for (var p = history.Tail - 1; p >= from.Position && last < from.Position; p--)
            if (IsPicture(history[p]) && history[p].Pts + from.Offset < at) last = p;
        List<long>? straddlers = null;
        for (var p = from.Position; p < last; p++)
            if (IsPicture(history[p]) && history[p].Pts + from.Offset >= at && !Reference.IsDisposable(history[p])) (straddlers ??= []).Add(p);
        return (last, straddlers ?? None);
    }

    private static bool IsPicture(in Frame frame) => frame is { Kind: TrackKind.Video, IsMedia: true };
}
