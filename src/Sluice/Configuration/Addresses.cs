using Sluice.Pipeline;

namespace Sluice.Configuration;

/// <summary>The scalars that name a stream or a server elsewhere; parsers as in <see cref="Values"/>.</summary>
internal static class Addresses
{
    /// <summary>A publish path: <c>app/name</c>.</summary>
    public static string? Path(string text, out string? value)
    {
        value = text;
        return StreamPath.IsValid(text) ? null : "a path app/name of letters, digits and - _ . ~ @ + =";
    }

    /// <summary>What a source may pull: RTMP, or FLV over HTTP, each also under TLS.</summary>
    public static string? PullUrl(string text, out string? value)
    {
        value = text;
        return Check(text, "rtmp", "rtmps", "http", "https");
    }

    /// <summary>Where a stream may be pushed: RTMP, also under TLS, with <c>{app}</c>, <c>{name}</c>, <c>{query}</c> as place holders.</summary>
    public static string? PushUrl(string text, out string value)
    {
        value = text;
        var filled = text.Replace("{app}", "app").Replace("{name}", "name").Replace("{query}", "query");
        return filled.AsSpan().ContainsAny('{', '}') ? "a URL whose place holders are {app}, {name} or {query}" : Check(filled, "rtmp", "rtmps");
    }

    private static string? Check(string text, params string[] schemes)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Host.Length == 0)
        {
            return $"a URL such as {schemes[0]}://host/app/name";
        }

        if (!schemes.Contains(url.Scheme))
        {
            var known = string.Join(" or ", schemes.Select(scheme => $"{scheme}://"));
            return url.Scheme is "srt" ? $"{known} ({url.Scheme} is not available yet)" : known;
        }

        var segments = url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries).Length;
        return url.Scheme is not ("rtmp" or "rtmps") || segments >= 2 ? null : "a URL with an app and a name: rtmp://host/app/name";
    }
}
