namespace System.Tests.Browser;

/// <summary>What was seen in a stretch of time.</summary>
/// <param name="Pause">The longest time between two new pictures, in milliseconds.</param>
/// <param name="Missing">Numbers that were not seen.</param>
/// <param name="Widest">The most of them in a row.</param>
/// <param name="Stale">Pictures that were no newer than one seen before, or came before their time.</param>
/// <param name="Unread">Pictures whose number could not be read.</param>
/// <param name="Unnoted">Pictures that the browser showed without telling the page: they explain as many missing numbers.</param>
/// <param name="Holes">Those in the buffer that the player came to.</param>
/// <param name="LeastAhead">The least buffer, in milliseconds.</param>
/// <param name="Events">What the player said.</param>
public sealed record Stretch(double Pause, int Missing, int Widest, int Stale, int Unread, int Unnoted, IReadOnlyList<Hole> Holes, double LeastAhead, string Events)
{
    public override string ToString() =>
        $"pause {Pause:0} ms, {Missing} missing (at most {Widest} in a row, {Unnoted} unnoted), {Stale} stale, {Unread} unread, {string.Concat(Holes.Select(hole => $"{hole}, "))}buffer ≥ {LeastAhead:0} ms{(Events.Length > 0 ? $" [{Events}]" : "")}";
}

/// <summary>A cut as a viewer saw it.</summary>
/// <param name="From">The source before, by its place.</param>
/// <param name="Time">When the first picture of the other source came, in milliseconds since 1970.</param>
/// <param name="Around">How it went just before and after.</param>
public sealed record Splice(int From, int To, double Time, Stretch Around)
{
    /// <summary>What belongs to a cut: this long before it, in milliseconds.</summary>
    public const double Before = 1000;

    /// <summary>What belongs to a cut: this long after it, in milliseconds. A changed sequence header can take 1 s to show.</summary>
    public const double After = 1500;

    public const double Length = Before + After;
}
