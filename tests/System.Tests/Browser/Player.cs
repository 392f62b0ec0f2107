namespace System.Tests.Browser;

/// <summary>Settings of mpegts.js that viewers really use.</summary>
/// <param name="Config">Its configuration, as JavaScript.</param>
public sealed record Player(string Name, string Config)
{
    /// <summary>No stash, and a latency chaser that keeps the buffer near half a second.</summary>
    public static readonly Player Chasing = new("chasing", "{ enableStashBuffer: false, liveBufferLatencyChasing: true, lazyLoad: false }");

    /// <summary>No stash; the buffer is what the server sent ahead.</summary>
    public static readonly Player Unstashed = new("unstashed", "{ enableStashBuffer: false, lazyLoad: false }");

    /// <summary>As mpegts.js comes.</summary>
    public static readonly Player Default = new("default", "{}");

    public override string ToString() => Name;
}
