namespace Sluice.Wire.Rtmp;

/// <summary><c>rtmp[s]://host[:port]/app[/…]/name[?query]</c>: the name is the last segment, the app what stands before it.</summary>
/// <param name="Name">With its query, as it is given to <c>publish</c> and <c>play</c>.</param>
public sealed record RtmpUrl(bool IsTls, string Host, int Port, string App, string Name)
{
    private const int DefaultPort = 1935;
    private const int DefaultTlsPort = 443;

    /// <summary>What <c>connect</c> calls the server and application.</summary>
    public string TcUrl
    {
        get
        {
            var host = Host.Contains(':') ? $"[{Host}]" : Host;
            var port = Port == (IsTls ? DefaultTlsPort : DefaultPort) ? "" : $":{Port}";
            return $"{(IsTls ? "rtmps" : "rtmp")}://{host}{port}/{App}";
        }
    }

    /// <summary>Null, with the reason, where <paramref name="text"/> is no such URL.</summary>
    public static RtmpUrl? Parse(string text, out string? reason)
    {
        reason = null;
        var isTls = text.StartsWith("rtmps://", StringComparison.OrdinalIgnoreCase);
        if (!isTls && !text.StartsWith("rtmp://", StringComparison.OrdinalIgnoreCase)) reason = "It does not begin with rtmp:// or rtmps://.";
        else if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0) reason = "It names no host.";
        else
        {
            // Taken from the text as it is: Uri would change escapes, and tokens must arrive unchanged.
            var rest = text[(text.IndexOf('/', text.IndexOf("://", StringComparison.Ordinal) + 3) + 1)..];
            var query = rest.IndexOf('?');
            var path = (query < 0 ? rest : rest[..query]).Trim('/');
            var slash = path.LastIndexOf('/');
            if (slash > 0)
            {
                var port = uri.Port > 0 ? uri.Port : isTls ? DefaultTlsPort : DefaultPort;
                return new RtmpUrl(isTls, uri.DnsSafeHost, port, path[..slash], path[(slash + 1)..] + (query < 0 ? "" : rest[query..]));
            }
            reason = "Its path is no app/name.";
        }
        return null;
    }
}
