using System.Globalization;

namespace Pipeline.Tests.Output.Hls;

internal sealed record ReadPart(string Uri, double Duration, bool IsIndependent);

/// <param name="Duration">In seconds; null: the segment is not complete.</param>
/// <param name="Map">In force there.</param>
internal sealed record ReadSegment(long Number, string? Uri, double? Duration, bool IsDiscontinuity, string? Map, DateTimeOffset? Utc, IReadOnlyList<ReadPart> Parts);

/// <summary>A media playlist as a player reads it that knows nothing of how it was made (RFC 8216bis §4).</summary>
internal sealed class PlaylistReader
{
    public int Version { get; private set; }

    public int TargetDuration { get; private set; }

    public double PartTarget { get; private set; }

    public long MediaSequence { get; private set; }

    public long DiscontinuitySequence { get; private set; }

    public int Skipped { get; private set; }

    public string? Hint { get; private set; }

    public bool IsEnded { get; private set; }

    public Dictionary<string, string> ServerControl { get; } = [];

    public List<ReadSegment> Segments { get; } = [];

    /// <summary>Reads a playlist. A delta update goes with the playlist before it, whose skipped segments it takes over.</summary>
    public static PlaylistReader Read(string text, PlaylistReader? before = null)
    {
        var lines = text.Split('\n');
        Assert.Equal("#EXTM3U", lines[0]);
        Assert.Equal("", lines[^1]);
        var list = new PlaylistReader();
        var (parts, map, isDiscontinuity) = (new List<ReadPart>(), (string?)null, false);
        double? duration = null;
        DateTimeOffset? utc = null;
        foreach (var line in lines[1..^1])
        {
            var (tag, value) = line.StartsWith('#') && line.IndexOf(':') is > 0 and var colon ? (line[..colon], line[(colon + 1)..]) : (line, "");
            switch (tag)
            {
                case "#EXT-X-VERSION": list.Version = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-TARGETDURATION": list.TargetDuration = int.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-SERVER-CONTROL": foreach (var (name, setting) in Attributes(value)) list.ServerControl[name] = setting; break;
                case "#EXT-X-PART-INF": list.PartTarget = Number(Attributes(value)["PART-TARGET"]); break;
                case "#EXT-X-MEDIA-SEQUENCE": list.MediaSequence = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-DISCONTINUITY-SEQUENCE": list.DiscontinuitySequence = long.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-SKIP":
                    list.Skipped = int.Parse(Attributes(value)["SKIPPED-SEGMENTS"], CultureInfo.InvariantCulture);
                    list.Segments.AddRange(before!.Segments.Where(segment => segment.Number >= list.MediaSequence && segment.Number < list.MediaSequence + list.Skipped));
                    Assert.Equal(list.Skipped, list.Segments.Count);
                    map = list.Segments[^1].Map;
                    break;
                case "#EXT-X-DISCONTINUITY": isDiscontinuity = true; break;
                case "#EXT-X-MAP": map = Attributes(value)["URI"]; break;
                case "#EXT-X-PROGRAM-DATE-TIME": utc = DateTimeOffset.Parse(value, CultureInfo.InvariantCulture); break;
                case "#EXT-X-PART":
                    var part = Attributes(value);
                    parts.Add(new ReadPart(part["URI"], Number(part["DURATION"]), part.GetValueOrDefault("INDEPENDENT") == "YES"));
                    break;
                case "#EXTINF": duration = Number(value.TrimEnd(',')); break;
                case "#EXT-X-PRELOAD-HINT": list.Hint = Attributes(value)["URI"]; break;
                case "#EXT-X-ENDLIST": list.IsEnded = true; break;
                default:
                    Assert.False(line.StartsWith('#'), $"'{line}' is not a tag that this playlist should have");
                    Add(line);
                    break;
            }
        }
        if (parts.Count > 0 || utc is not null) Add(null);
        return list;

        void Add(string? uri)
        {
            list.Segments.Add(new ReadSegment(list.MediaSequence + list.Segments.Count, uri, duration, isDiscontinuity, map, utc, [.. parts]));
            parts.Clear();
            (duration, isDiscontinuity, utc) = (null, false, null);
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Attributes(string list) =>
        System.Text.RegularExpressions.Regex.Matches(list, """([A-Z0-9-]+)=("[^"]*"|[^,]+)""").ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim('"'));
}
