using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline;

namespace Sluice.Configuration;

/// <summary>Everything a user can set, as one immutable value: <c>new SluiceOptions()</c> is the server without a config file.</summary>
/// <remarks>The keys and their meaning are documented in <c>sluice.yaml</c>; <see cref="Settings"/> maps the one to the other.</remarks>
public sealed record SluiceOptions
{
    public NodeOptions Node { get; init; } = new();

    public ListenOptions Listen { get; init; } = new();

    public TlsOptions Tls { get; init; } = new();

    /// <summary>The directory of what the server keeps: the journal.</summary>
    public string Data { get; init; } = "./data";

    public LogOptions Log { get; init; } = new();

    /// <summary>The server's rules, which streams inherit member by member.</summary>
    public AccessOptions Access { get; init; } = new() { Publish = AccessRule.Loopback, Play = AccessRule.Open, Api = AccessRule.Loopback };

    public EgressOptions Egress { get; init; } = new();

    /// <summary>What streams inherit where their entry sets nothing else.</summary>
    public PlayOptions Play { get; init; } = new();

    /// <summary>The entries of <c>streams</c> in the order of the file: streams by name, and patterns.</summary>
    public IReadOnlyList<StreamEntry> Streams { get; init; } = [];

    /// <summary>The settings that hold for a path: those of the entry of that name; for the publish path of a source, its
    /// stream's with the source's key; else those of the first pattern that matches; else the defaults.</summary>
    public StreamOptions For(string path)
    {
        foreach (var entry in Streams)
        {
            if (!entry.IsPattern && entry.Name == path) return Inherit(entry.Options);
        }

        if (FindSource(path) is { } found)
        {
            var stream = Inherit(found.Stream.Options);
            var access = found.Source.Key is { } key ? stream.Access with { PublishKey = key } : stream.Access;
            return stream with { Sources = [], Push = [], Access = access };
        }

        foreach (var entry in Streams)
        {
            if (entry.IsPattern && entry.Matches(path)) return Inherit(entry.Options);
        }

        return new StreamOptions { Play = Play, Access = ServerAccess };
    }

    /// <summary>The source that is fed by publishing to <paramref name="path"/>, and its stream; null where no entry names the path.</summary>
    public (StreamEntry Stream, SourceOptions Source)? FindSource(string path)
    {
        foreach (var entry in Streams)
        {
            foreach (var source in entry.Options.Sources)
            {
                if (source.Publish == path) return (entry, source);
            }
        }

        return null;
    }

    private AccessOptions ServerAccess => Access with { Api = null, ApiKey = null };

    private StreamOptions Inherit(StreamOptions stream) => stream with
    {
        Access = new AccessOptions
        {
            Publish = stream.Access.Publish ?? Access.Publish,
            Play = stream.Access.Play ?? Access.Play,
            PublishKey = stream.Access.PublishKey ?? Access.PublishKey,
            PlayKey = stream.Access.PlayKey ?? Access.PlayKey,
        },
    };
}

/// <summary><c>node</c>: what this server calls itself in API, journal and metrics.</summary>
public sealed record NodeOptions
{
    public string Id { get; init; } = "node-1";

    public string Region { get; init; } = "local";
}

/// <summary><c>listen</c>: the addresses that are bound; null is <c>none</c>, port 0 any free port.</summary>
public sealed record ListenOptions
{
    public IPEndPoint? Rtmp { get; init; } = new(IPAddress.IPv6Any, 1935);

    public IPEndPoint? Http { get; init; } = new(IPAddress.IPv6Any, 8080);

    public IPEndPoint? Rtmps { get; init; }

    public IPEndPoint? Https { get; init; }
}

/// <summary><c>tls</c>: PEM files, null is <c>none</c>.</summary>
public sealed record TlsOptions
{
    public string? Cert { get; init; }

    public string? Key { get; init; }
}

public enum LogFormat { Text, Json }

/// <summary><c>log</c>: what goes to standard error.</summary>
public sealed record LogOptions
{
    public LogLevel Level { get; init; } = LogLevel.Information;

    public LogFormat Format { get; init; } = LogFormat.Text;
}
