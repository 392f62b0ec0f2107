using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Sluice.Control.Monitor;
using Sluice.Pipeline;
using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Sources;

namespace Sluice.Control.Api;

/// <summary>All streams that viewers ask for by name, in the order of their names.</summary>
public sealed record StreamList(IReadOnlyList<StreamSnapshot> Streams);

/// <summary>All connections that carry media, and the viewers of HLS, in the order in which they came.</summary>
public sealed record ClientList(IReadOnlyList<ClientState> Clients);

/// <summary>Decisions of the system, newest first.</summary>
public sealed record JournalPage(IReadOnlyList<JournalEntry> Entries);

/// <summary>Which source to cut to.</summary>
public sealed record SwitchRequest
{
    /// <summary>The name of the source.</summary>
    public required string Source { get; init; }
}

/// <summary>What players are to raise with a certain picture.</summary>
public sealed record CueRequest
{
    /// <summary>1 to 64 characters; players raise each id once.</summary>
    public required string Id { get; init; }

    /// <summary>What the players' pages get: at most 4096 bytes of UTF-8; null: nothing.</summary>
    public string? Payload { get; init; }

    /// <summary>The wall time of the picture, at most an hour ahead; null: now.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>A cue on its way.</summary>
/// <param name="At">The wall time of its picture.</param>
/// <param name="PtsMs">The picture, in milliseconds of the output's time line.</param>
public sealed record CueAccepted(string Id, DateTimeOffset At, long PtsMs);

/// <summary>Whether the server runs.</summary>
public sealed record Health
{
    /// <summary>Always <c>ok</c>: a server that is not well does not answer.</summary>
    public string Status { get; init; } = "ok";

    public string Version { get; init; } = Metrics.Version;
}

/// <summary>One connection that carries media, in or out, or a viewer of HLS.</summary>
public sealed record ClientState
{
    /// <summary>Unique while the server runs.</summary>
    public required long Id { get; init; }

    public required ClientKind Kind { get; init; }

    /// <summary><c>rtmp</c>, <c>flv</c>, …</summary>
    public required string Protocol { get; init; }

    /// <summary>What it publishes or watches: <c>app/name</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The other side's address and port; of a viewer of HLS the address.</summary>
    public required string? Remote { get; init; }

    /// <summary>When it was let in.</summary>
    public required DateTimeOffset Since { get; init; }

    public required long BytesIn { get; init; }

    public required long BytesOut { get; init; }

    /// <summary>How far an output is behind the stream, in milliseconds; 0 of HLS, whose players do not say.</summary>
    public required int LagMs { get; init; }

    public static ClientState Of(Client client) => new()
    {
        Id = client.Id, Kind = client.Kind, Protocol = client.Protocol, Path = client.Path, Remote = client.Remote?.ToString(), Since = client.Since,
        BytesIn = client.BytesIn, BytesOut = client.BytesOut, LagMs = client.LagMs,
    };
}

/// <summary>All streams in brief, as the event <c>streams</c> carries them.</summary>
public sealed record StreamsEvent(DateTimeOffset Time, IReadOnlyList<StreamSummary> Streams);

/// <summary>A stream in brief.</summary>
/// <param name="DarkSince">Since when no source has been on, though one was and the show is held open; null: one is on, or no show is.</param>
/// <param name="Kbps">Media that its active source brings, in kbit/s.</param>
/// <param name="PushesInTrouble">Pushes that should be connected and are not.</param>
public sealed record StreamSummary(string Name, StreamState State, string? Active, DateTimeOffset? DarkSince, double Kbps, ViewerCounts Viewers, IReadOnlyList<SourceSummary> Sources, int Pushes, int PushesInTrouble)
{
    public static StreamSummary Of(StreamSnapshot stream) => new(stream.Name, stream.State, stream.Active, stream.DarkSince, stream.Sources.FirstOrDefault(source => source.Active)?.Kbps ?? 0, stream.Viewers,
        [.. stream.Sources.Select(source => new SourceSummary(source.Name, source.State))], stream.Push.Count,
        stream is { State: StreamState.Idle, DarkSince: null } ? 0 : stream.Push.Count(push => push.State is PushState.Connecting or PushState.Waiting));
}

public sealed record SourceSummary(string Name, SourceState State);

/// <summary>One stream with everybody who is connected to it, as the event <c>stream</c> carries it.</summary>
/// <param name="Stream">Null: there is no such stream now.</param>
/// <param name="Clients">Publishers, pulls and pushes, then the viewers that lag most; those of single sources too.</param>
/// <param name="ClientCount">How many there are in all; <paramref name="Clients"/> has at most 100 of them.</param>
public sealed record StreamEvent(DateTimeOffset Time, StreamSnapshot? Stream, IReadOnlyList<AudienceLag> Audience, IReadOnlyList<ClientState> Clients, int ClientCount);

/// <summary>How far the viewers of one protocol are behind the stream, in milliseconds.</summary>
public sealed record AudienceLag(string Protocol, int Count, int MedianLagMs, int WorstLagMs);

/// <summary>The first event of a feed.</summary>
/// <param name="Boot">Another one: the server has been started anew.</param>
/// <param name="Resumed">Whether the journal goes on after <c>Last-Event-ID</c>; else it begins anew.</param>
public sealed record HelloEvent(string Version, string Boot, bool Resumed);

/// <summary>Enumerations as the lower-case words of the contract.</summary>
internal sealed class Words<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where T : struct, Enum;

/// <summary>The JSON of the API: lower camel case, every field always there.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.Strict,
    Converters =
    [
        typeof(UtcMilliseconds), typeof(Words<StreamState>), typeof(Words<SourceState>), typeof(Words<ParameterFit>), typeof(Words<PushState>), typeof(Words<AlignmentMethod>), typeof(Words<ClientKind>),
    ])]
[JsonSerializable(typeof(StreamList))]
[JsonSerializable(typeof(ClientList))]
[JsonSerializable(typeof(JournalPage))]
[JsonSerializable(typeof(SwitchRequest))]
[JsonSerializable(typeof(CueRequest))]
[JsonSerializable(typeof(CueAccepted))]
[JsonSerializable(typeof(HelloEvent))]
[JsonSerializable(typeof(StreamsEvent))]
[JsonSerializable(typeof(StreamEvent))]
[JsonSerializable(typeof(SampleColumns))]
[JsonSerializable(typeof(JournalEntry))]
[JsonSerializable(typeof(Health))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(ProblemDetails))]
internal sealed partial class ApiJson : JsonSerializerContext;
