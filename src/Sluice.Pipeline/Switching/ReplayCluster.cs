using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <summary>The pictures of a replayed GOP that were shown already, or whose time has passed: decoded, and shown for 1 ms each right before the cut (standards: GOP replay).</summary>
internal static class ReplayCluster
{
    /// <summary>In place of a time: left out, as nothing is decoded from it.</summary>
    public const long Skipped = long.MinValue;

    /// <summary>How many milliseconds before the cut its replayed pictures take.</summary>
    public static int LengthOf(Cut cut)
    {
        if (cut.Method != CutMethod.Replay) return 0;
        var old = OldPictures(cut, cut.At, null);
        return old.Count + Delay(old);
    }

    /// <summary>
    /// Gives the pictures places 1 ms apart right before the first that is due. A cluster that is longer than the time left takes in the next picture, so that no shift remains.
    /// </summary>
    /// <param name="shownUntil">The greatest PTS given out.</param>
    /// <param name="shownAt">By position in the cut's feed: the PTS it is given, or <see cref="Skipped"/>.</param>
    public static void Place(Cut cut, long shownUntil, Dictionary<long, long> shownAt)
    {
        var limit = cut.At;
        var old = OldPictures(cut, limit, shownAt);
        for (; shownUntil + old.Count + Delay(old) >= limit; old = OldPictures(cut, limit, shownAt)) limit += (long)Math.Round(cut.To.Step);
        for (var i = 0; i < old.Count; i++) shownAt[old[i].Position] = limit - old.Count + Rank(old, i);
    }

    /// <summary>The pictures from the cut's keyframe on that would be shown before <paramref name="limit"/>, in the order of decoding; those that can be left out go to <paramref name="shownAt"/>.</summary>
    private static List<(long Position, long Pts)> OldPictures(Cut cut, long limit, Dictionary<long, long>? shownAt)
    {
        List<(long Position, long Pts)> old = [];
        var history = cut.To.History;
        for (var p = cut.Key.Position; p < history.Tail; p++)
        {
            ref readonly var frame = ref history[p];
            var pts = frame.Pts + cut.Offset;
            if (frame is not { Kind: TrackKind.Video, IsMedia: true } || frame.Pts < cut.Key.Pts || pts >= limit) continue;
            if (pts < cut.Whole && Reference.IsDisposable(frame)) shownAt?[p] = Skipped;
            else old.Add((p, frame.Pts));
        }
        return old;
    }

    /// <summary>How many places later than decoded the pictures must be shown so that none is shown before it is decoded.</summary>
    private static int Delay(List<(long Position, long Pts)> pictures)
    {
        var delay = 0;
        for (var i = 0; i < pictures.Count; i++) delay = Math.Max(delay, i - Rank(pictures, i));
        return delay;
    }

    private static int Rank(List<(long Position, long Pts)> pictures, int index)
    {
        var rank = 0;
        foreach (var (_, pts) in pictures)
            if (pts < pictures[index].Pts) rank++;
        return rank;
    }
}
