using System.Globalization;
using System.Text;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Writes the media playlist (RFC 8216bis §4.4) of a version: segments, the newest ones with their parts, and a hint at the part to come.</summary>
public static class MediaPlaylist
{
    /// <summary>The playlist's file name.</summary>
    public const string Name = "media.m3u8";

    private const int ProtocolVersion = 10;
    private const int HoldBackTargets = 3;
    private const int HoldBackParts = 3;

    /// <summary>The file name of a segment.</summary>
    /// <param name="show">As <see cref="HlsVersion.Show"/>.</param>
    public static string SegmentName(string show, long number) => string.Create(CultureInfo.InvariantCulture, $"{show}-{number}.m4s");

    /// <summary>The file name of a part.</summary>
    /// <param name="show">As <see cref="HlsVersion.Show"/>.</param>
    public static string PartName(string show, long number, int part) => string.Create(CultureInfo.InvariantCulture, $"{show}-{number}.{part}.m4s");

    /// <summary>The playlist as it goes out.</summary>
    /// <param name="query">Goes behind each URI, without a question mark; empty: none.</param>
    /// <param name="isDelta">Leave out what is older than <see cref="HlsVersion.SkipBoundary"/> (<c>_HLS_skip</c>).</param>
    public static HlsRendering Render(HlsVersion version, string query, bool isDelta) =>
        version.Renderings.Get(isDelta ? HlsPlaylist.Delta : HlsPlaylist.Media, query, () => Write(version, query, isDelta));

    internal static string Write(HlsVersion version, string query, bool isDelta)
    {
        var suffix = query.Length > 0 ? "?" + query : "";
        var skipped = isDelta ? Skippable(version) : 0;
        var text = new StringBuilder();
        WriteHeader(text, version);
        if (skipped > 0) text.Append(CultureInfo.InvariantCulture, $"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}\n");
        for (var i = skipped; i < version.Segments.Length; i++)
            WriteSegment(text, version, i, version.ListsParts(i) && !version.IsEnded, suffix);
        if (version.IsEnded) text.Append("#EXT-X-ENDLIST\n");
        else text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"{PartName(version.Show, version.NextNumber, version.NextPart)}{suffix}\"\n");
        return text.ToString();
    }

    private static void WriteHeader(StringBuilder text, HlsVersion version)
    {
        var target = version.TargetDuration / 1000;
        text.Append(CultureInfo.InvariantCulture, $"#EXTM3U\n#EXT-X-VERSION:{ProtocolVersion}\n#EXT-X-TARGETDURATION:{target}\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK={Seconds(HoldBackParts * version.PartTarget)},");
        text.Append(CultureInfo.InvariantCulture, $"CAN-SKIP-UNTIL={Seconds(version.SkipBoundary)},HOLD-BACK={Seconds(HoldBackTargets * version.TargetDuration)}\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PART-INF:PART-TARGET={Seconds(version.PartTarget)}\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MEDIA-SEQUENCE:{(version.Segments.Length > 0 ? version.Segments[0].Number : version.NextNumber)}\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-DISCONTINUITY-SEQUENCE:{version.DiscontinuitySequence}\n");
    }

    private static void WriteSegment(StringBuilder text, HlsVersion version, int index, bool withParts, string suffix)
    {
        var segment = version.Segments[index];
        var before = index > 0 ? version.Segments[index - 1] : null;
        if (segment.IsDiscontinuity) text.Append("#EXT-X-DISCONTINUITY\n");
        if (before is null || !before.Init.Decodes(segment.Init)) text.Append(CultureInfo.InvariantCulture, $"#EXT-X-MAP:URI=\"{segment.Init.Name}{suffix}\"\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PROGRAM-DATE-TIME:{segment.Utc.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fff}Z\n");
        for (var i = 0; i < segment.Parts.Length && withParts; i++)
        {
            var part = segment.Parts[i];
            var independent = part.IsIndependent ? ",INDEPENDENT=YES" : "";
            text.Append(CultureInfo.InvariantCulture, $"#EXT-X-PART:DURATION={Seconds(part.Duration)},URI=\"{PartName(version.Show, segment.Number, i)}{suffix}\"{independent}\n");
        }
        if (segment.IsComplete) text.Append(CultureInfo.InvariantCulture, $"#EXTINF:{Seconds(segment.Duration)},\n{SegmentName(version.Show, segment.Number)}{suffix}\n");
    }

    /// <summary>How many of the oldest segments end before the skip boundary.</summary>
    private static int Skippable(HlsVersion version)
    {
        var behind = 0;
        for (var i = version.Segments.Length - 1; i >= 0; i--)
        {
            if (behind > version.SkipBoundary) return i + 1;
            behind += version.Segments[i].Duration;
        }
        return 0;
    }

    private static string Seconds(int milliseconds) => (milliseconds / 1000.0).ToString("0.000", CultureInfo.InvariantCulture);
}
