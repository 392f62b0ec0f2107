namespace Sluice.Pipeline.Output;

/// <summary>The byte formats that a stream is muxed into.</summary>
public enum Container
{
    /// <summary>FLV tags, for HTTP-FLV.</summary>
    Flv,

    /// <summary>RTMP chunks, for players and pushes alike.</summary>
    Rtmp,
}
