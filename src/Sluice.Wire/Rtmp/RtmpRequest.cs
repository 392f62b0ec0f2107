namespace Sluice.Wire.Rtmp;

/// <summary>What a peer wants to publish or play.</summary>
/// <param name="App">Without its query, without slashes around it.</param>
/// <param name="Name">Without its query; empty where the app says it all.</param>
/// <param name="Query">The queries of the name, the app and the tcUrl, without <c>?</c>, joined by <c>&amp;</c>.</param>
/// <param name="MessageStreamId">The message stream that it is about.</param>
public sealed record RtmpRequest(string App, string Name, string Query, string TcUrl, uint MessageStreamId)
{
    /// <summary><c>app/name</c>.</summary>
    public string Path => Name.Length == 0 ? App : App.Length == 0 ? Name : $"{App}/{Name}";

    /// <param name="app">As given to <c>connect</c>; null: not given.</param>
    /// <param name="name">As given to <c>publish</c> or <c>play</c>.</param>
    internal static RtmpRequest From(string? app, string tcUrl, string name, uint messageStreamId)
    {
        var (plainApp, appQuery) = Split(app ?? AppOf(tcUrl));
        var (plainName, nameQuery) = Split(WithoutFormat(name));
        var queries = new[] { nameQuery, appQuery, Split(tcUrl).Query }.Where(query => query.Length > 0).Distinct();
        return new RtmpRequest(plainApp.Trim('/'), plainName.Trim('/'), string.Join('&', queries), tcUrl, messageStreamId);
    }

    private static (string Text, string Query) Split(string text)
    {
        var mark = text.IndexOf('?');
        return mark < 0 ? (text, "") : (text[..mark], text[(mark + 1)..].TrimEnd('/'));
    }

    /// <summary>Flash names a file format before the name.</summary>
    private static string WithoutFormat(string name) =>
        name.StartsWith("flv:", StringComparison.Ordinal) || name.StartsWith("mp4:", StringComparison.Ordinal) ? name[4..] : name;

    private static string AppOf(string tcUrl)
    {
        var host = tcUrl.IndexOf("://", StringComparison.Ordinal);
        var slash = host < 0 ? -1 : tcUrl.IndexOf('/', host + 3);
        return slash < 0 ? "" : tcUrl[(slash + 1)..];
    }
}
