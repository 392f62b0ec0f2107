namespace Fixtures;

/// <summary>Works out a <see cref="Verdict"/>.</summary>
internal sealed class Examination
{
    private const long Unseen = 2;

    private const int MostBreaks = 12;

    /// <summary>Where pictures are missing, sound and pictures need not go on at the same place to the millisecond.</summary>
    private const long HoleEdge = 3 * Timeline.PictureMs;

    private const int Second = 1000 / Timeline.PictureMs;

    private const double SoundMs = 1024 * 1000.0 / Timeline.SampleRate;

    /// <summary>From half a frame early to half a frame late, and both rounded to milliseconds.</summary>
    private const double GridTolerance = SoundMs + 2;

    private readonly Showing _showing;
    private readonly List<ShownPicture> _seen;
    private readonly HashSet<long> _lateForCluster;

    public Examination(Showing showing, long faultAt, long endAt)
    {
        if (showing.Pictures.Count == 0 || showing.Sounds.Count == 0) throw new InvalidOperationException($"There are {showing.Pictures.Count} pictures and {showing.Sounds.Count} sounds to examine.");
        _showing = showing;
        var inOrder = showing.Pictures.OrderBy(picture => picture.Pts).ToList();
        var visible = inOrder.Where((picture, i) => i + 1 == inOrder.Count || inOrder[i + 1].Pts - picture.Pts > Unseen).ToList();
        // The last of a cluster has been on the screen, as what stood before the cluster, since before its PTS.
        _lateForCluster = [.. inOrder.Zip(inOrder.Skip(1)).Where(pair => pair.Second.Pts - pair.First.Pts <= Unseen).Select(pair => pair.Second.Pts)];
        // Behind the last DTS pictures may be missing only because the recording ends before they came.
        var end = showing.Pictures[^1].Dts + Timeline.PictureMs;
        _seen = [.. visible.Where(picture => picture.Pts <= end)];
        var (lost, holes, repeated) = Sequence();
        Verdict = new Verdict
        {
            Lost = lost,
            Holes = holes,
            Repeated = repeated,
            Clustered = inOrder.Count - visible.Count,
            Strange = inOrder.Count(picture => picture.Content is null),
            OffGrid = OffGrid([.. visible.Select(picture => picture.Dts)]),
            Back = Back(),
            SoundOffGrid = Steps([.. showing.Sounds.Select(sound => sound.Dts)]).Count(step => step is not (21 or 22)),
            SilentSounds = showing.Sounds.Count(sound => sound.Content is null),
            SoundBrokenMs = SoundBroken(),
            SilenceBeforeMs = Silence(at => at < faultAt, null),
            SilenceAfterMs = Silence(at => at >= faultAt, endAt),
            LipSyncBeforeMs = LipSync(picture => picture.At < faultAt),
            LipSyncAfterMs = LipSync(picture => picture.At >= faultAt),
            DriftMs = Drift(),
            BehindMs = Late(Numbered().TakeLast(Second)) - Late(Numbered().Where(picture => picture.At < faultAt).TakeLast(Second)),
            Breaks = string.Join(", ", Breaks().Take(MostBreaks)),
            LastNumber = _seen.LastOrDefault(picture => picture.Content is not null).Content?.Number ?? -1,
        };
    }

    public Verdict Verdict { get; }

    private (int Lost, int Holes, int Repeated) Sequence()
    {
        var (lost, holes, repeated) = (0, 0, 0);
        foreach (var step in Steps([.. Numbered().Select(picture => (long)picture.Content!.Value.Number)]))
        {
            if (step < 1) repeated += (int)(1 - step);
            if (step <= 1) continue;
            lost += (int)(step - 1);
            holes++;
        }
        return (lost, holes, repeated);
    }

    private IEnumerable<string> Breaks() =>
        from pair in Numbered().Zip(Numbered().Skip(1))
        let before = pair.First.Content!.Value
        let after = pair.Second.Content!.Value
        where after.Number != before.Number + 1
        select $"{pair.Second.At} ms: {before.Encode}{before.Number} → {after.Encode}{after.Number}";

    private int Back() =>
        Steps([.. _showing.Pictures.Select(picture => picture.Dts)]).Count(step => step <= 0)
        + Steps([.. _showing.Sounds.Select(sound => sound.Dts)]).Count(step => step <= 0)
        + _showing.Pictures.Count(picture => picture.Pts < picture.Dts);

    /// <summary>A picture that flashes by may stand between two places of the grid.</summary>
    private int OffGrid(HashSet<long> visible)
    {
        var start = _showing.Pictures[0].Dts;
        return Steps([.. _showing.Pictures.Select(picture => picture.Dts).Where(dts => visible.Contains(dts) || (dts - start) % Timeline.PictureMs == 0)]).Count(step => step != Timeline.PictureMs);
    }

    private double SoundBroken()
    {
        var broken = 0.0;
        HeardSound? last = null;
        foreach (var sound in _showing.Sounds)
        {
            if (sound.Content is not { } content) continue;
            var slip = last is { } before ? Math.Abs(content.Ms - before.Content!.Value.Ms - (sound.Dts - before.Dts)) : 0;
            if (slip > GridTolerance) broken += slip;
            last = sound;
        }
        return broken;
    }

    private long Silence(Func<long, bool> isIn, long? end) =>
        Math.Max(Silence(_showing.Pictures.Select(picture => picture.At), isIn, end), Silence(_showing.Sounds.Select(sound => sound.At), isIn, end));

    private static long Silence(IEnumerable<long> arrivals, Func<long, bool> isIn, long? end)
    {
        var (longest, last) = (0L, (long?)null);
        foreach (var at in end is { } close ? arrivals.Append(close) : arrivals)
        {
            if (last is { } before && isIn(at)) longest = Math.Max(longest, at - before);
            last = at;
        }
        return longest;
    }

    private double LipSync(Func<ShownPicture, bool> isIn)
    {
        var (worst, next) = (0.0, 0);
        var sounds = _showing.Sounds;
        var holes = Numbered().Zip(Numbered().Skip(1)).Where(pair => pair.Second.Content!.Value.Number > pair.First.Content!.Value.Number + 1).Select(pair => pair.Second.Pts).ToList();
        foreach (var picture in Numbered().Where(isIn))
        {
            if (_lateForCluster.Contains(picture.Pts) || holes.Any(hole => Math.Abs(picture.Pts - hole) <= HoleEdge)) continue;
            while (next + 1 < sounds.Count && sounds[next + 1].Dts <= picture.Pts) next++;
            if (sounds[next].Content is not { } heard || picture.Pts - sounds[next].Dts is < 0 or > (long)SoundMs + 1) continue;
            var ahead = heard.Ms + (picture.Pts - sounds[next].Dts) - picture.Content!.Value.Ms;
            if (Math.Abs(ahead) > Math.Abs(worst)) worst = ahead;
        }
        return worst;
    }

    private long Drift()
    {
        var numbered = Numbered().ToList();
        return numbered.Count == 0 ? 0 : Behind(numbered[^1]) - Behind(numbered[0]);
    }

    /// <summary>The median, for pictures come in bursts; 0 where there are none.</summary>
    private static long Late(IEnumerable<ShownPicture> pictures)
    {
        var late = pictures.Select(picture => picture.At - (long)picture.Content!.Value.Ms).Order().ToList();
        return late.Count == 0 ? 0 : late[late.Count / 2];
    }

    private static long Behind(in ShownPicture picture) => picture.Pts - (long)picture.Content!.Value.Ms;

    private IEnumerable<ShownPicture> Numbered() => _seen.Where(picture => picture.Content is not null);

    private static IEnumerable<long> Steps(IReadOnlyList<long> values) => values.Zip(values.Skip(1), (a, b) => b - a);
}
