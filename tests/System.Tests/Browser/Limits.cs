namespace System.Tests.Browser;

/// <summary>What a viewer may see of a cut.</summary>
/// <param name="Pause">The longest time between two new pictures, in milliseconds.</param>
/// <param name="Missing">Numbers that were not seen and that the browser cannot explain, beyond those that it missed of a stream without a cut.</param>
/// <param name="Stale">Pictures of the past, or of the future.</param>
public sealed record Limits(double Pause, int Missing, int Stale)
{
    /// <summary>
    /// Nothing: the pictures go on. A vsync may swallow one. Where B-frames straddle the cut, a screen may catch the picture that is shown there for 1 ms, and lose the one before it.
    /// </summary>
    public static readonly Limits Lookahead = new(300, 2, 1);

    /// <summary>The new source's GOP is replayed within a frame's time: a screen of 60 Hz may show a few of its pictures.</summary>
    public static readonly Limits Replay = new(300, 4, 4);

    /// <summary>Where nothing is switched.</summary>
    public static readonly Limits Steady = new(300, 1, 0);

    /// <summary>A control that pauses longer than this, in milliseconds, or whose pictures are read twice, says that the machine had no time for the browser.</summary>
    private const double Overload = 150;

    /// <summary>Whether a stream without a cut, watched in the same page at the same time, played well enough for a verdict.</summary>
    public static bool CanJudge(Stretch control) => control.Pause <= Overload && control is { Stale: 0, Unread: 0, Holes.Count: 0 } && control.Events.Length == 0;

    /// <summary>What is wrong with a cut; empty: nothing.</summary>
    public IEnumerable<string> Faults(Stretch cut, Stretch control)
    {
        if (cut.Pause > Pause) yield return $"a pause of {cut.Pause:0} ms";
        foreach (var hole in cut.Holes) yield return $"{hole} in the buffer";
        if (Lost(cut) > Missing + Lost(control)) yield return $"{Lost(cut)} pictures lost";
        if (cut.Stale > Stale) yield return $"{cut.Stale} pictures of the past";
        if (cut.Unread > 0) yield return $"broken pictures: {cut.Unread}";
        if (cut.Events.Length > 0) yield return cut.Events;
    }

    private static int Lost(Stretch stretch) => Math.Max(0, stretch.Missing - stretch.Unnoted);
}
