using System.Globalization;

namespace Sluice.Control.Api;

/// <summary>What an HLS player asks for, read from the URL.</summary>
/// <remarks>
/// <code>
///   /live/show.m3u8                     the multivariant playlist
///   /live/show.hls/media.m3u8           the media playlist
///   /live/show.hls/init-….mp4           an init segment
///   /live/show.hls/19acb2d4c80-897674400.m4s      a segment, by its show and number
///   /live/show.hls/19acb2d4c80-897674400.3.m4s    one of its parts
/// </code>
/// </remarks>
/// <param name="Path"><c>app/name</c>.</param>
/// <param name="File">The name behind <c>.hls/</c>; null: the multivariant playlist is asked for.</param>
internal readonly record struct HlsRequest(string Path, string? File)
{
    public const string PlaylistExtension = ".m3u8";
    public const string Folder = ".hls";

    private const string MediaExtension = ".m4s";

    /// <summary>Reads the path of a URL; null: it is of no concern to HLS.</summary>
    public static HlsRequest? Of(string? path)
    {
        if (path is not ['/', ..]) return null;
        var folder = path.LastIndexOf(Folder + "/", StringComparison.Ordinal);
        if (folder > 0 && path.IndexOf('/', folder + Folder.Length + 1) < 0) return new HlsRequest(path[1..folder], path[(folder + Folder.Length + 1)..]);
        return path.EndsWith(PlaylistExtension, StringComparison.Ordinal) ? new HlsRequest(path[1..^PlaylistExtension.Length], null) : null;
    }

    /// <summary>The folder of the media playlist, relative to the multivariant one.</summary>
    public string FolderName => Path[(Path.LastIndexOf('/') + 1)..] + Folder;

    /// <summary>Whether the file is a segment, or (with its number) a part.</summary>
    public bool TryReadMedia(out string show, out long number, out int? part)
    {
        (show, number, part) = ("", 0, null);
        if (File is null || !File.EndsWith(MediaExtension, StringComparison.Ordinal)) return false;
        var name = File.AsSpan()[..^MediaExtension.Length];
        if (name.IndexOf('-') is >= 0 and var dash)
        {
            show = File[..dash];
            name = name[(dash + 1)..];
        }
        if (name.IndexOf('.') is >= 0 and var dot)
        {
            if (!int.TryParse(name[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
            part = index;
            name = name[..dot];
        }
        return long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A query without what the player puts there (<c>_HLS_…</c>, CMCD): what goes on behind each URI, a key or a token.</summary>
    public static string Kept(string query)
    {
        if (query.Length == 0) return query;
        var kept = query.Split('&').Where(static pair => pair.Length > 0 && !pair.StartsWith("_HLS_", StringComparison.Ordinal) && !pair.StartsWith("CMCD=", StringComparison.Ordinal));
        return string.Join('&', kept).Replace("\"", "%22", StringComparison.Ordinal);
    }
}
