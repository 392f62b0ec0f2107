namespace Sluice.Wire.Rtmp;

public enum RtmpEventKind : byte
{
    /// <summary>All bytes were taken; nothing happened that the caller must know.</summary>
    None,

    /// <summary>Server: the peer wants to publish; answer it.</summary>
    Publish,

    /// <summary>Server: the peer wants to play; answer it.</summary>
    Play,

    /// <summary>Client: the server accepted the publish or play.</summary>
    Started,

    /// <summary>Audio, video or data.</summary>
    Media,

    /// <summary>The peer ended it in order: a publisher unpublished, a player stopped, a server ended the stream it sends.</summary>
    Ended,

    /// <summary>The session is of no more use: bad bytes, a deadline, a refusal.</summary>
    Failed,
}

/// <summary>What a session reports.</summary>
/// <param name="Message">Of <see cref="RtmpEventKind.Media"/>; the caller owns the one reference to its body.</param>
/// <param name="Request">Of <see cref="RtmpEventKind.Publish"/> and <see cref="RtmpEventKind.Play"/>.</param>
/// <param name="Code">The peer's status code, such as <c>NetStream.Publish.BadName</c>, where it gave one.</param>
/// <param name="Reason">Why it failed or ended, for the log.</param>
public readonly record struct RtmpEvent(RtmpEventKind Kind, RtmpMessage Message = default, RtmpRequest? Request = null, string? Code = null, string? Reason = null);
