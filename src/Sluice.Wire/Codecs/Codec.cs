namespace Sluice.Wire.Codecs;

/// <summary>A codec, by the FourCC that Enhanced RTMP (v2, "FourCC values") gives it, big endian; legacy FLV codecs without one have small numbers.</summary>
public enum Codec : uint
{
    None = 0,

    /// <summary>A legacy FLV codec that is only passed through (H.263, VP6, Speex, G.711 …).</summary>
    OtherVideo = 1,

    /// <inheritdoc cref="OtherVideo"/>
    OtherAudio = 2,

    /// <summary>HEVC as FLV codec id 12, the dialect used before Enhanced RTMP; same body layout as AVC.</summary>
    LegacyHevc = 12,

    Avc = 0x61766331,   // avc1
    Hevc = 0x68766331,  // hvc1
    Vvc = 0x76766331,   // vvc1
    Av1 = 0x61763031,   // av01
    Vp9 = 0x76703039,   // vp09
    Vp8 = 0x76703038,   // vp08

    Aac = 0x6d703461,   // mp4a
    Opus = 0x4f707573,  // Opus
    Flac = 0x664c6143,  // fLaC
    Mp3 = 0x2e6d7033,   // .mp3
    Ac3 = 0x61632d33,   // ac-3
    Eac3 = 0x65632d33,  // ec-3
}
