namespace System.Tests.Browser;

/// <summary>A picture that came on screen.</summary>
/// <param name="Time">When, in milliseconds since 1970.</param>
/// <param name="MediaTime">Its PTS in the player's time, in milliseconds.</param>
/// <param name="Counter">The number that it carries; -1 if it could not be read.</param>
/// <param name="Presented">How many pictures the browser had shown by then: where it is two more than before, one was shown that nobody noted.</param>
public readonly record struct Picture(double Time, double MediaTime, int Counter, int Presented)
{
    /// <summary>Each source counts on from its own multiple of this, so that a picture tells where it came from.</summary>
    public const int PerSource = 16000;

    public bool IsRead => Counter >= 0;

    public int Source => Counter / PerSource;

    /// <summary>The picture's place in the programme, which is the same for all sources.</summary>
    public int Number => Counter % PerSource;
}

/// <summary>What is missing between two buffered ranges, in milliseconds of the player's time.</summary>
public readonly record struct Hole(double Begin, double End)
{
    public override string ToString() => $"a hole from {Begin:0.0} to {End:0.0} ms";
}

/// <summary>The state of the player's buffer, noted every 200 ms.</summary>
/// <param name="Time">In milliseconds since 1970.</param>
/// <param name="Position">Where the player is, in milliseconds.</param>
/// <param name="Ahead">What is left to play, in milliseconds.</param>
public readonly record struct BufferSample(double Time, double Position, IReadOnlyList<Hole> Holes, double Ahead);

/// <summary>Something the media element or the player said.</summary>
/// <param name="Time">In milliseconds since 1970.</param>
public sealed record PlayerEvent(double Time, string Kind, string Detail);

/// <summary>All that a viewer saw in a browser.</summary>
/// <param name="Dropped">Pictures that were decoded but never shown. A replay drops its own by design.</param>
public sealed record Seen(IReadOnlyList<Picture> Pictures, IReadOnlyList<BufferSample> Buffers, IReadOnlyList<PlayerEvent> Events, int Dropped)
{
    private static readonly string[] Faults = ["error", "player error", "play refused", "stream ended", "ended"];

    /// <summary>hls.js without low latency gives a held reload 1.6 s, and asks again: nobody sees that.</summary>
    private const string Reload = "levelLoadTimeOut";

    /// <summary>How far before a hole a player stands still, in milliseconds.</summary>
    private const double Reach = 200;

    /// <summary>When the note was taken.</summary>
    public double End => Buffers.Count == 0 ? 0 : Buffers[^1].Time;

    /// <summary>What went wrong for good, by the player's own word.</summary>
    public IEnumerable<PlayerEvent> Errors => Events.Where(e => Faults.Contains(e.Kind));

    /// <summary>The last new picture had come within half a second of the end.</summary>
    public bool IsPlaying => Pictures.Count > 0 && End - Pictures[^1].Time < 500;

    /// <summary>The cuts that could be seen, in order: pictures of another source.</summary>
    public IReadOnlyList<Splice> Splices()
    {
        var splices = new List<Splice>();
        var last = -1;
        for (var i = 0; i < Pictures.Count; i++)
        {
            if (!Pictures[i].IsRead) continue;
            if (last >= 0 && Pictures[i].Source != Pictures[last].Source)
                splices.Add(new Splice(Pictures[last].Source, Pictures[i].Source, Pictures[i].Time, During(Pictures[i].Time - Splice.Before, Pictures[i].Time + Splice.After)));
            last = i;
        }
        return splices;
    }

    /// <summary>The rest: stretches as long as a cut's, without one, from a second after the first picture on.</summary>
    public IReadOnlyList<(double Begin, double End)> Calm()
    {
        var calm = new List<(double Begin, double End)>();
        var cuts = Splices();
        for (var begin = Pictures[0].Time + Splice.Before; begin + Splice.Length <= End;)
        {
            var end = begin + Splice.Length;
            var cut = cuts.FirstOrDefault(cut => cut.Time + Splice.After > begin && cut.Time - Splice.Before < end);
            if (cut is null) calm.Add((begin, end));
            begin = cut is null ? end : cut.Time + Splice.After;
        }
        return calm;
    }

    /// <summary>Whether a picture came before its time, and those behind it go on as if it had not been there: one of B-frames across a cut, shown for 1 ms, that a screen caught.</summary>
    private bool IsEarly(int index, int highest)
    {
        var early = Pictures[index];
        var next = Pictures.Skip(index + 1).FirstOrDefault(picture => picture.IsRead && picture.Counter != early.Counter);
        return next.Number > highest && next.Number < early.Number;
    }

    /// <summary>Those that the player came to. What is missing further ahead may still come, and what is behind was played, or judged, before.</summary>
    private static IReadOnlyList<Hole> HolesIn(List<BufferSample> samples) =>
        [.. samples.SelectMany(sample => sample.Holes).Distinct().Where(hole => hole.End >= samples[0].Position && hole.Begin <= samples[^1].Position + Reach)];

    /// <summary>How it went in a stretch of time, in milliseconds since 1970.</summary>
    public Stretch During(double begin, double end)
    {
        int highest = -1, holes = 0, widest = 0, stale = 0, unread = 0, unnoted = 0;
        double lastNew = begin, pause = 0;
        var before = default(Picture);
        foreach (var (i, picture) in Pictures.Index())
        {
            if (picture.Time < begin) { before = picture; continue; }
            if (picture.Time > end) break;
            if (before.Presented > 0) unnoted += picture.Presented - before.Presented - 1;
            var isAgain = picture.Counter == before.Counter;
            before = picture;
            if (!picture.IsRead) unread++;
            else if (isAgain) unnoted++;   // the canvas may show the picture after the one that was announced, and then shows it twice
            else if (highest >= 0 && (picture.Number <= highest || IsEarly(i, highest))) stale++;
            else
            {
                var missing = highest < 0 ? 0 : picture.Number - highest - 1;
                holes += missing;
                widest = Math.Max(widest, missing);
                pause = Math.Max(pause, picture.Time - lastNew);
                (highest, lastNew) = (picture.Number, picture.Time);
            }
        }
        pause = Math.Max(pause, Math.Min(end, End) - lastNew);
        var samples = Buffers.Where(sample => sample.Time >= begin && sample.Time <= end).ToList();
        return new Stretch(pause, holes, widest, stale, unread, unnoted,
            HolesIn(samples), samples.Count == 0 ? 0 : samples.Min(sample => sample.Ahead),
            string.Join(", ", Events.Where(e => e.Time >= begin && e.Time <= end && !e.Detail.StartsWith(Reload, StringComparison.Ordinal)).Select(e => $"{e.Kind} {e.Detail}".Trim())));
    }
}
