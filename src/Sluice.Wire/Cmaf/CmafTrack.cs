using Sluice.Wire.Codecs;

namespace Sluice.Wire.Cmaf;

/// <summary>One track of a fragmented MP4: what its codec configuration says, as an init segment and a playlist need it.</summary>
/// <remarks>Holds a copy of the configuration; owns no buffer.</remarks>
public sealed record CmafTrack
{
    /// <summary>Of pictures, in units per second: whole milliseconds are whole units.</summary>
    public const int VideoTimescale = 90_000;

    private CmafTrack(Codec codec, ReadOnlySpan<byte> config, int timescale, string codecString) =>
        (Codec, Config, Timescale, CodecString) = (codec, config.ToArray(), timescale, codecString);

    public Codec Codec { get; }

    /// <summary>The configuration as the publisher sent it: avcC, hvcC, av1C, AudioSpecificConfig or OpusHead.</summary>
    public byte[] Config { get; }

    /// <summary>Units per second of the track's times: <see cref="VideoTimescale"/>, or the rate of the sound's samples.</summary>
    public int Timescale { get; }

    /// <summary>As in <c>CODECS</c> of a playlist (RFC 6381).</summary>
    public string CodecString { get; }

    public bool IsVideo => Width > 0;

    /// <summary>In pixels; 0 for sound.</summary>
    public int Width { get; private init; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; private init; }

    /// <summary>Pictures per second where the configuration tells; null otherwise.</summary>
    public double? FrameRate { get; private init; }

    /// <summary>Of sound; 0 for video.</summary>
    public int Channels { get; private init; }

    /// <summary>Samples in each frame of sound, in units of <see cref="Timescale"/>; 0 where frames differ, and for video.</summary>
    public int SamplesPerFrame { get; private init; }

    /// <summary>Reads a configuration; null, and why, if it makes no sense or the codec has no place in fragmented MP4 here.</summary>
    public static CmafTrack? Read(Codec codec, ReadOnlySpan<byte> config, out string? reason)
    {
        switch (codec)
        {
            case Codec.Avc:
                return AvcConfig.Parse(config, out reason) is { } avc
                    ? new CmafTrack(codec, config, VideoTimescale, CodecStrings.Avc(avc)) { Width = avc.Picture.Width, Height = avc.Picture.Height, FrameRate = avc.Picture.FrameRate }
                    : null;
            case Codec.Hevc or Codec.LegacyHevc:
                return HevcConfig.Parse(config, out reason) is { } hevc
                    ? new CmafTrack(codec, config, VideoTimescale, CodecStrings.Hevc(config)) { Width = hevc.Width, Height = hevc.Height }
                    : null;
            case Codec.Av1:
                return Av1Config.Parse(config, out reason) is { } av1
                    ? new CmafTrack(codec, config, VideoTimescale, CodecStrings.Av1(av1)) { Width = av1.Width, Height = av1.Height }
                    : null;
            case Codec.Aac:
                return AacConfig.Parse(config, out reason) is { } aac
                    ? new CmafTrack(codec, config, aac.SampleRate, CodecStrings.Aac(aac)) { Channels = Math.Max(aac.Channels, 1), SamplesPerFrame = aac.SamplesPerFrame }
                    : null;
            case Codec.Opus:
                if (config.IsEmpty) config = OpusHead.Usual;   // Enhanced RTMP lets publishers leave it out
                return OpusHead.Parse(config, out reason) is { } opus
                    ? new CmafTrack(codec, config, OpusPacket.SampleRate, CodecStrings.Opus) { Channels = opus.Channels }
                    : null;
            default:
                reason = $"{NameOf(codec)} is not packaged as fragmented MP4: H.264, HEVC, AV1, AAC and Opus are.";
                return null;
        }
    }

    private static string NameOf(Codec codec) => codec is Codec.OtherVideo or Codec.OtherAudio or Codec.None ? "This codec" : codec.ToString();
}
