using System.Globalization;
using System.Text;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Writes the multivariant playlist (RFC 8216bis §4.4.6): the one rendition that a stream has, with what a player must know to choose it.</summary>
public static class MultivariantPlaylist
{
    /// <summary>The playlist as it goes out.</summary>
    /// <param name="folder">Where the media playlist is, relative to this one.</param>
    /// <param name="query">Goes behind the URI, without a question mark; empty: none.</param>
    public static HlsRendering Render(HlsVersion version, string folder, string query) =>
        version.Renderings.Get(HlsPlaylist.Multivariant, query, () => Write(version, folder, query));

    internal static string Write(HlsVersion version, string folder, string query)
    {
        var init = version.Segments[^1].Init;
        var (peak, average) = Bandwidth(version);
        var text = new StringBuilder("#EXTM3U\n#EXT-X-VERSION:10\n");
        text.Append(CultureInfo.InvariantCulture, $"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS=\"{init.Codecs}\"");
        if (init.Video is { } video)
        {
            text.Append(CultureInfo.InvariantCulture, $",RESOLUTION={video.Width}x{video.Height}");
            if (video.FrameRate is { } rate) text.Append(CultureInfo.InvariantCulture, $",FRAME-RATE={rate:0.000}");
        }
        text.Append(CultureInfo.InvariantCulture, $"\n{folder}/{MediaPlaylist.Name}{(query.Length > 0 ? "?" + query : "")}\n");
        return text.ToString();
    }

    /// <summary>Of the fullest segment and of all, in bit/s; of the parts there are where no segment is complete.</summary>
    private static (long Peak, long Average) Bandwidth(HlsVersion version)
    {
        long peak = 1, bytes = 0, duration = 0;
        foreach (var segment in version.Segments)
        {
            if (segment.Duration == 0) continue;
            if (segment.IsComplete || version.Segments.Length == 1) peak = Math.Max(peak, segment.Length * 8000L / segment.Duration);
            bytes += segment.Length;
            duration += segment.Duration;
        }
        return (peak, duration > 0 ? Math.Min(peak, bytes * 8000 / duration) : peak);
    }
}
