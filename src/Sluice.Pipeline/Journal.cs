namespace Sluice.Pipeline;

/// <summary>One decision that the system took, and why. Field names and meanings are those of <c>GET /api/v1/journal</c>.</summary>
public sealed record JournalEntry
{
    public required DateTimeOffset Time { get; init; }

    public required string Stream { get; init; }

    /// <summary><c>start | switch | end | source | push | access | config</c>.</summary>
    public required string Kind { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary><c>closed | silent | stalled | degraded | operator | return | …</c>.</summary>
    public string? Reason { get; init; }

    /// <summary><c>keyframe | lookahead | replay | merge</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Last frame of the old source to the decision, in milliseconds.</summary>
    public int? DetectMs { get; init; }

    /// <summary>Wall time between the outputs around the cut, in milliseconds.</summary>
    public int? GapMs { get; init; }

    public string? Note { get; init; }
}

/// <summary>Where the data plane records its decisions; kept by Sluice.Control.</summary>
/// <remarks>Called under a stream's lock: it must not block or throw.</remarks>
public interface IJournal
{
    void Write(JournalEntry entry);
}
