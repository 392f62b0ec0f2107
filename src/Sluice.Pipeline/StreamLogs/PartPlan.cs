namespace Sluice.Pipeline.StreamLogs;

/// <summary>How a segment is divided into parts: none is longer than the target, none but the last shorter than 85 % of it (RFC 8216bis §4.4.4.9), and the last one is none that players stumble over.</summary>
/// <remarks>
/// hls.js 1.7 takes a segment for loaded whose last fifth of a second is missing. If the playlist names a last part as short as that while the one before it is being appended, the player
/// waits for what it will not load, until its buffer is empty. Two seconds of 25 pictures each are divided into 8, 9, 8, 8, 9, 8 pictures for that, not into six times 8 and 2. Times in milliseconds.
/// </remarks>
internal static class PartPlan
{
    /// <summary>The longest part, at the usual rates of pictures: 8 or 9 at 25 a second, 10 at 30, 8 at 24.</summary>
    private const double UsualTarget = 360;

    private const double Least = 0.85;

    /// <summary>A last part that is no longer is a crumb.</summary>
    public const int ShortestLast = 200;

    private const double Rounding = 0.01;

    /// <summary>The longest part for pictures of this duration: 360 ms, or more where no whole number of pictures is near enough to that.</summary>
    public static int TargetFor(double picture)
    {
        var (fewest, most) = Counts(picture, UsualTarget);
        return (int)Math.Ceiling(fewest <= most ? UsualTarget : Math.Ceiling(UsualTarget / picture) * picture);
    }

    /// <summary>How far apart the ends of parts are, of a segment that will be so long; each is moved to the picture nearest.</summary>
    public static double StepFor(double segment, double picture, int target)
    {
        var (fewest, most) = Counts(picture, target);
        var pictures = (int)Math.Round(segment / picture);
        if (most < 1 || pictures < 1) return target;
        if (fewest > most) return most * picture;
        // Even parts,
        for (var parts = (pictures + most - 1) / most; parts <= pictures / fewest; parts++)
            if (pictures / parts >= fewest) return segment / parts;
        // or equal ones and a rest that is long enough.
        for (var count = most; count >= fewest; count--)
            if (pictures % count == 0 || pictures % count * picture > ShortestLast) return count * picture;
        return most * picture;
    }

    private static (int Fewest, int Most) Counts(double picture, double target) => ((int)Math.Ceiling((Least * target / picture) - Rounding), (int)Math.Floor((target / picture) + Rounding));
}
