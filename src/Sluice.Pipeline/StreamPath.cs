namespace Sluice.Pipeline;

/// <summary>The name of a stream or of a publish point: <c>app/name</c>, the name being the last segment.</summary>
public static class StreamPath
{
    /// <summary>Longest path accepted, in characters.</summary>
    public const int MaxLength = 256;

    /// <summary>Whether <paramref name="path"/> is two or more non-empty segments of letters, digits and <c>- _ . ~ @ + =</c>, none of them dots alone.</summary>
    public static bool IsValid(string path)
    {
        if (path.Length is 0 or > MaxLength) return false;
        var segments = path.Split('/');
        return segments.Length >= 2 && segments.All(IsSegment);
    }

    private static bool IsSegment(string segment) =>
        segment.Length > 0 && segment.Any(c => c != '.') && segment.All(c => char.IsLetterOrDigit(c) || "-_.~@+=".Contains(c));

    /// <summary>Splits at the last slash.</summary>
    public static (string App, string Name) Split(string path)
    {
        var slash = path.LastIndexOf('/');
        return (path[..slash], path[(slash + 1)..]);
    }
}
