namespace Sluice.Bench;

/// <summary>How far a viewer's conversation with the server has come.</summary>
internal enum DialogueStep : byte
{
    Waiting,

    /// <summary>Sound or pictures have come.</summary>
    Media,

    /// <summary>The first keyframe has come: the rest is only counted.</summary>
    Keyframe,

    /// <summary>The same, but a probe looks at all that comes.</summary>
    Watching,

    Failed,
}

/// <summary>What a viewer says and understands, up to its first keyframe or, with a probe, to the end. It writes into the buffer that it was made with; the caller sends that.</summary>
internal interface IDialogue : IDisposable
{
    /// <summary>Why it failed.</summary>
    string? Error { get; }

    /// <summary>Takes all of <paramref name="bytes"/>, unless it has failed.</summary>
    DialogueStep Receive(ReadOnlySpan<byte> bytes);

    /// <summary>After the keyframe: <paramref name="bytes"/> have come in all.</summary>
    void OnDiscarded(long bytes);
}
