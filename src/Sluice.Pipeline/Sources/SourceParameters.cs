using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Sources;

/// <summary>What a source's codec configurations say, read once when they come: what pairs of sources are compared by.</summary>
/// <remarks>Immutable; holds copies and no buffer.</remarks>
internal sealed record SourceParameters
{
    public Codec Video { get; private init; }

    public Codec Audio { get; private init; }

    /// <summary>Of AVC; null for other codecs and where it makes no sense.</summary>
    public AvcConfig? Avc { get; private init; }

    /// <summary>Of HEVC; null for other codecs and where it makes no sense.</summary>
    public HevcConfig? Hevc { get; private init; }

    /// <summary>Of AAC; null for other codecs and where it makes no sense.</summary>
    public AacConfig? Aac { get; private init; }

    /// <summary>The video configuration as it is.</summary>
    public byte[] VideoBytes { get; private init; } = [];

    public static SourceParameters Of(in TrackHeaders headers) => new()
    {
        Video = headers.Video?.Codec ?? Codec.None,
        Audio = headers.Audio?.Codec ?? Codec.None,
        VideoBytes = headers.Video is { } any ? PayloadOf(any).ToArray() : [],
        Avc = headers.Video is { Codec: Codec.Avc } avc ? AvcConfig.Parse(PayloadOf(avc), out _) : null,
        Hevc = headers.Video is { Codec: Codec.Hevc or Codec.LegacyHevc } hevc ? HevcConfig.Parse(PayloadOf(hevc), out _) : null,
        Aac = headers.Audio is { Codec: Codec.Aac } aac ? AacConfig.Parse(PayloadOf(aac), out _) : null,
    };

    private static ReadOnlySpan<byte> PayloadOf(in Frame header) => header.Body.Span[header.PayloadOffset..];
}
