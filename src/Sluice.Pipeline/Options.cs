using Sluice.Pipeline.Net.Tls;

namespace Sluice.Pipeline;

/// <summary>Where a joining viewer begins: at the newest keyframe, or at the keyframe nearest to a time behind live.</summary>
/// <param name="Behind">Zero: the newest keyframe (<c>live</c>).</param>
/// <param name="IsInstant">From the newest keyframe too, but what is old of it passes at once, so that the viewer is live with its first pictures (<c>instant</c>).</param>
public readonly record struct JoinPolicy(TimeSpan Behind, bool IsInstant = false)
{
    public static readonly JoinPolicy Live = default;

    public static readonly JoinPolicy Instant = new(TimeSpan.Zero, IsInstant: true);
}

/// <summary><c>play</c>: how viewers join. Bytes bound the cache too, so that a stream without keyframes stays bounded.</summary>
public sealed record PlayOptions
{
    public TimeSpan GopCache { get; init; } = TimeSpan.FromSeconds(10);

    public long GopCacheBytes { get; init; } = 64 << 20;

    public JoinPolicy Join { get; init; } = JoinPolicy.Live;

    /// <summary>How long a play request for a stream that nobody publishes is held before 404.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.Zero;
}

/// <summary><c>egress</c>: how viewers and pushes are fed.</summary>
public sealed record EgressOptions
{
    /// <summary>Time between two sends to one viewer; null is <c>auto</c>: flush on video frames, widening under load.</summary>
    public TimeSpan? Tick { get; init; }

    /// <summary>A viewer or push further behind than this is moved forward or closed.</summary>
    public TimeSpan MaxLag { get; init; } = TimeSpan.FromSeconds(6);
}

public enum SwitchMode { Auto, Merge, Lookahead, Replay, Keyframe }

/// <summary>Whether the switch returns to a better source by itself once that is well again.</summary>
public enum SwitchPreference { Stay, Priority }

/// <summary><c>switch</c>: when and how the output moves from one source to another.</summary>
public sealed record SwitchOptions
{
    public SwitchMode Mode { get; init; } = SwitchMode.Auto;

    /// <summary>How far the output runs behind its sources; null is <c>auto</c>.</summary>
    public TimeSpan? Delay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>No media for this long is a failed source.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(400);

    /// <summary>Least time between two automatic switches while the active source still works.</summary>
    public TimeSpan Hold { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a source that had failed must be well before the switch goes back to it.</summary>
    public TimeSpan Clear { get; init; } = TimeSpan.FromSeconds(10);

    public SwitchPreference Prefer { get; init; } = SwitchPreference.Stay;

    /// <summary>The show ends when every source has been gone for this long.</summary>
    public TimeSpan End { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>One of a stream's equivalent inputs: somebody publishes to a path, or we pull a URL.</summary>
public sealed record SourceOptions
{
    public required string Name { get; init; }

    /// <summary>The path (<c>app/name</c>) that a publisher pushes to; null for a pull.</summary>
    public string? Publish { get; init; }

    /// <summary>The URL that is pulled (<c>rtmp[s]://</c>, <c>http[s]://…flv</c>); null for a publish.</summary>
    public string? Pull { get; init; }

    /// <summary>Whose certificate will do where <see cref="Pull"/> goes over TLS.</summary>
    public TlsTrust Trust { get; init; } = TlsTrust.System;

    /// <summary>The lower number wins; of equal ones the source that failed less lately, then the order in the file.</summary>
    public int Priority { get; init; } = 100;

    /// <summary>The publisher's key where <c>access.publish</c> is <c>key</c>; null: the stream's.</summary>
    public string? Key { get; init; }
}

/// <summary>A CDN (or any RTMP server) that the stream is pushed to.</summary>
/// <param name="Name">The name by which API and journal speak of it.</param>
/// <param name="Url">The destination, with <c>{app}</c>, <c>{name}</c> and <c>{query}</c> (of the publisher) filled in.</param>
public sealed record PushOptions(string Name, string Url)
{
    /// <summary>Whose certificate will do where <see cref="Url"/> is <c>rtmps://</c>.</summary>
    public TlsTrust Trust { get; init; } = TlsTrust.System;
}

/// <summary>Who may do a thing.</summary>
public enum AccessRule { Loopback, Open, Key, Token }

/// <summary><c>access</c>, for the whole server or for one stream; null members of a stream's inherit.</summary>
public sealed record AccessOptions
{
    public AccessRule? Publish { get; init; }

    public AccessRule? Play { get; init; }

    /// <summary>Server only.</summary>
    public AccessRule? Api { get; init; }

    public string? PublishKey { get; init; }

    public string? PlayKey { get; init; }

    public string? ApiKey { get; init; }
}

/// <summary>The settings of one stream, defaults and patterns already merged in.</summary>
public sealed record StreamOptions
{
    /// <summary>Empty: a plain publish to the stream's own path is its one source, <c>main</c>.</summary>
    public IReadOnlyList<SourceOptions> Sources { get; init; } = [];

    public SwitchOptions Switch { get; init; } = new();

    public PlayOptions Play { get; init; } = new();

    public IReadOnlyList<PushOptions> Push { get; init; } = [];

    public AccessOptions Access { get; init; } = new();
}
