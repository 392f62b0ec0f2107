namespace Sluice.Wire.Rtmp;

/// <summary>What one peer may make us hold. Sizes in bytes.</summary>
public sealed record RtmpLimits
{
    public static readonly RtmpLimits Default = new();

    /// <summary>Any message of a peer that may not yet send media.</summary>
    public int MaxUnauthorised { get; init; } = 64 << 10;

    /// <summary>Video, and aggregates of everything.</summary>
    public int MaxVideo { get; init; } = 10 << 20;

    public int MaxAudio { get; init; } = 64 << 10;

    /// <summary>Commands, data and control.</summary>
    public int MaxOther { get; init; } = 64 << 10;

    /// <summary>Chunk streams that a connection may ever use.</summary>
    public int MaxChunkStreams { get; init; } = 64;

    /// <summary>All unfinished messages of a connection together.</summary>
    public int MaxPartialBytes { get; init; } = 16 << 20;

    /// <summary>Commands before a publish or play.</summary>
    public int MaxCommands { get; init; } = 64;

    /// <summary>Handshake, from its first byte expected to its last received.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the end of the handshake to publish or play; for a client to their acceptance.</summary>
    public TimeSpan CommandTime { get; init; } = TimeSpan.FromSeconds(10);

    internal int MaxLength(RtmpMessageType type, bool authorised) => type switch
    {
        _ when !authorised => MaxUnauthorised,
        RtmpMessageType.Video or RtmpMessageType.Aggregate => MaxVideo,
        RtmpMessageType.Audio => MaxAudio,
        _ => MaxOther,
    };
}
