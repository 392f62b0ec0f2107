namespace Sluice.Pipeline;

/// <summary>One decision that the system took, and why. Field names and meanings are those of <c>GET /api/v1/journal</c>.</summary>
public sealed record JournalEntry
{
    public required DateTimeOffset Time { get; init; }

    public required string Stream { get; init; }

    /// <summary><c>start | switch | resume | dark | end | source | push | cue | access | config</c>.</summary>
    public required string Kind { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary><c>closed | silent | stalled | degraded | operator | return | …</c>, or a sentence where it comes from elsewhere.</summary>
    public string? Reason { get; init; }

    /// <summary><c>keyframe | lookahead | replay | merge</c>.</summary>
    public string? Method { get; init; }

    /// <summary>Last frame of the old source to the decision, in milliseconds.</summary>
    public int? DetectMs { get; init; }

    /// <summary>Wall time between the outputs around the cut, in milliseconds.</summary>
    public int? GapMs { get; init; }

    /// <summary>What else there is to say, for people.</summary>
    public string? Note { get; init; }
}

/// <summary>The kinds of journal entries; <c>docs/03-api.md</c> lists each.</summary>
public static class JournalKinds
{
    public const string Start = "start", Switch = "switch", Resume = "resume", Dark = "dark", End = "end", Source = "source", Push = "push", Cue = "cue", Access = "access", Config = "config";
}

/// <summary>The reasons of journal entries that are words, not sentences; <c>docs/03-api.md</c> lists each.</summary>
public static class JournalReasons
{
    /// <summary>Why a source failed or went.</summary>
    public const string Absent = "absent", Closed = "closed", Unpublished = "unpublished", Takeover = "takeover", Silent = "silent", Stalled = "stalled", Degraded = "degraded", Unreachable = "unreachable";

    /// <summary>Why something was done all the same.</summary>
    public const string Operator = "operator", Return = "return", Repair = "repair";

    /// <summary>What became of a certificate whose files had changed.</summary>
    public const string Reloaded = "reloaded", Refused = "refused";
}

/// <summary>Where the data plane records its decisions; kept by Sluice.Control.</summary>
/// <remarks>Called under a stream's lock: it must not block or throw.</remarks>
public interface IJournal
{
    void Write(JournalEntry entry);
}
