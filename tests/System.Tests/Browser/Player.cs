namespace System.Tests.Browser;

/// <summary>A player in the browser, as viewers really set it: mpegts.js for FLV, hls.js for playlists.</summary>
/// <param name="Config">Its configuration, as JavaScript.</param>
/// <param name="Scheme">By what the stream is asked for.</param>
/// <param name="Extension">What it asks for.</param>
public sealed record Player(string Name, string Config, string Scheme = "http", string Extension = ".flv")
{
    /// <summary>No stash, and a latency chaser that keeps the buffer near half a second.</summary>
    public static readonly Player Chasing = new("chasing", "{ enableStashBuffer: false, liveBufferLatencyChasing: true, lazyLoad: false }");

    /// <summary>No stash; the buffer is what the server sent ahead.</summary>
    public static readonly Player Unstashed = new("unstashed", "{ enableStashBuffer: false, lazyLoad: false }");

    /// <summary>As mpegts.js comes.</summary>
    public static readonly Player Default = new("default", "{}");

    /// <summary>mpegts.js as it comes, over WebSocket.</summary>
    public static readonly Player WebSocket = new("websocket", "{}", "ws");

    /// <summary>hls.js as it comes: it uses parts.</summary>
    public static readonly Player LowLatencyHls = new("ll-hls", "{}", Extension: ".m3u8");

    /// <summary>hls.js without parts, as any other HLS player.</summary>
    public static readonly Player Hls = new("hls", "{ lowLatencyMode: false }", Extension: ".m3u8");

    public override string ToString() => Name;
}
