using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline;

/// <summary>What became of an operator's command.</summary>
public enum CommandResult { Done, NoSuchSource, NoSuchPush, NotUsable }

/// <summary>
/// What a stream puts out, as decided at ingest: <c>idle</c> nothing, nobody feeds it · <c>starting</c> nothing yet, or not again yet, a source is there ·
/// <c>live</c> a source · <c>slate</c> a picture of its own, for want of a source.
/// </summary>
public enum StreamState { Idle, Starting, Live, Slate }

/// <summary>How a push is: <c>connecting</c> · <c>connected</c> · <c>waiting</c> for its next attempt · <c>stopped</c> by the operator, or because no show is on.</summary>
public enum PushState { Connecting, Connected, Waiting, Stopped }

/// <summary>One stream at one moment, as <c>GET /api/v1/streams/{app}/{name}</c> shows it.</summary>
public sealed record StreamSnapshot
{
    /// <summary><c>app/name</c>.</summary>
    public required string Name { get; init; }

    public required StreamState State { get; init; }

    /// <summary>The source that is on, as decided at ingest: ahead of the picture by <see cref="DelayMs"/>. Null: none.</summary>
    public required string? Active { get; init; }

    /// <summary>Since when no source has been on, though one was and the show is held open; null: one is on, or no show is.</summary>
    public DateTimeOffset? DarkSince { get; init; }

    /// <summary>When the show ends unless a source comes back; null: sources send (excluded ones too), or no show is on.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>How far the output runs behind its sources, in milliseconds.</summary>
    public required int DelayMs { get; init; }

    public required IReadOnlyList<SourceSnapshot> Sources { get; init; }

    public required ViewerCounts Viewers { get; init; }

    public required IReadOnlyList<PushSnapshot> Push { get; init; }
}

/// <summary>One of a stream's inputs at one moment.</summary>
public sealed record SourceSnapshot
{
    public required string Name { get; init; }

    public required SourceState State { get; init; }

    /// <summary>Where it plays by itself: <c>app/name</c>, to which <c>.flv</c> or <c>.m3u8</c> is added.</summary>
    public required string Path { get; init; }

    /// <summary>Whether it is the one that is on.</summary>
    public required bool Active { get; init; }

    /// <summary>0 to 100: how fit it is to be on.</summary>
    public required int Score { get; init; }

    /// <summary>Pictures per second over the last seconds.</summary>
    public required double Fps { get; init; }

    /// <summary>Media in kbit/s over the last seconds.</summary>
    public required double Kbps { get; init; }

    /// <summary>Between its last two keyframes, in milliseconds; 0 before the second.</summary>
    public required int GopMs { get; init; }

    /// <summary>How much later its frames come than the promptest of them did, in milliseconds.</summary>
    public required int LagMs { get; init; }

    /// <summary>Where it stands against the stream's other sources; null while that is unknown.</summary>
    public AlignmentSnapshot? Alignment { get; init; }

    /// <summary>Round trip to whoever sends it, in milliseconds; null where its transport does not tell.</summary>
    public double? RttMs { get; init; }

    /// <summary>Packets lost on the way here, in per cent; null where its transport does not tell: TCP does not tell the receiver.</summary>
    public double? LossPct { get; init; }

    /// <summary>What is wrong with it, for people; null: nothing that could be named.</summary>
    public string? Complaint { get; init; }

    /// <summary>Of one that is pulled: why the last attempt or connection ended; null where none has failed yet.</summary>
    public string? LastError { get; init; }

    /// <summary>How much longer it has to be well before the switch returns to it by itself, in milliseconds; longer after each failure.</summary>
    public long ClearMs { get; init; }

    /// <summary>Faults taken out of its time stamps, and frames left out that it had sent before, since the server started.</summary>
    public long TimeRepairs { get; init; }

    /// <summary>What a cut to it does to players, by its parameters against those that are on the air; null where there is nothing to compare.</summary>
    public ParameterFit? Parameters { get; init; }

    /// <summary>What differs in its parameters; null where nothing does that matters.</summary>
    public string? ParametersDiffer { get; init; }
}

/// <summary>Where a source stands on the time line that all sources of the stream share.</summary>
public sealed record AlignmentSnapshot
{
    public required AlignmentMethod Method { get; init; }

    /// <summary>What to add to the source's time stamps to get the shared time, in milliseconds: only differences between sources mean something.</summary>
    public required double OffsetMs { get; init; }

    /// <summary>0 to 1: how sure that is.</summary>
    public required double Confidence { get; init; }
}

/// <summary>How many watch, by protocol.</summary>
public sealed record ViewerCounts
{
    public int Flv { get; init; }

    /// <summary>FLV over WebSocket.</summary>
    public int WsFlv { get; init; }

    public int Rtmp { get; init; }

    public int Hls { get; init; }

    /// <summary>All of them.</summary>
    public int Total() => Flv + WsFlv + Rtmp + Hls;
}

/// <summary>One of a stream's pushes at one moment.</summary>
public sealed record PushSnapshot
{
    public required string Name { get; init; }

    public required PushState State { get; init; }

    /// <summary>Sent in kbit/s over the last seconds.</summary>
    public required double Kbps { get; init; }

    /// <summary>How far it is behind the stream, in milliseconds.</summary>
    public required int LagMs { get; init; }

    /// <summary>Groups of pictures left out since the start because the other side was too slow.</summary>
    public required long DroppedGops { get; init; }

    /// <summary>Connections after the first.</summary>
    public required long Reconnects { get; init; }

    /// <summary>Why the last attempt or connection ended; null where none has failed yet.</summary>
    public string? LastError { get; init; }
}
