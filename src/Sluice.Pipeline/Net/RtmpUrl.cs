namespace Sluice.Pipeline.Net;

/// <summary>Where an RTMP client connects to: <c>rtmp://host[:port]/app/name[?query]</c>, the name being the last path segment.</summary>
public sealed record RtmpUrl(string Host, int Port, string App, string Name, string Query)
{
    private const int DefaultPort = 1935;

    /// <summary>What the connect command says.</summary>
    public string TcUrl => Port == DefaultPort ? $"rtmp://{Host}/{App}" : $"rtmp://{Host}:{Port}/{App}";

    /// <summary>What publish and play say: the name with its query.</summary>
    public string NameAndQuery => Query.Length == 0 ? Name : $"{Name}?{Query}";

    public static RtmpUrl? Parse(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme != "rtmp") return null;
        var path = uri.AbsolutePath.Trim('/');
        var slash = path.LastIndexOf('/');
        if (slash <= 0 || slash == path.Length - 1) return null;
        return new RtmpUrl(uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort, path[..slash], path[(slash + 1)..], uri.Query.TrimStart('?'));
    }

    /// <summary>Fills in <c>{app}</c>, <c>{name}</c> and <c>{query}</c> (of the publisher, without its <c>?</c>).</summary>
    public static string Fill(string template, string path, string query)
    {
        var (app, name) = StreamPath.Split(path);
        var filled = template.Replace("{app}", app).Replace("{name}", name).Replace("{query}", query);
        return filled.TrimEnd('?', '&');
    }
}
