using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Media;

public enum TrackKind : byte { Video, Audio, Data }

[Flags]
public enum FrameFlags : byte
{
    None = 0,

    /// <summary>A random access point (IDR): decoding can begin here.</summary>
    Key = 1,

    /// <summary>Not media but what holds for the frames behind it: a codec configuration (avcC, hvcC, AudioSpecificConfig …) or onMetaData.</summary>
    Header = 2,
}

/// <summary>
/// One coded unit of one track: a picture, an audio frame, a codec configuration or onMetaData (<see cref="FrameFlags.Header"/>), or another data message (a cue).
/// </summary>
/// <param name="Kind">The track.</param>
/// <param name="Flags">Whether decoding can begin here, or whether it is a header.</param>
/// <param name="Codec">The codec; <see cref="Codec.None"/> for data.</param>
/// <param name="Dts">Decoding time in milliseconds, 64 bit: of the source as unwrapped, or of the output once the switch has stamped it.</param>
/// <param name="Cts">Presentation time less <paramref name="Dts"/>, in milliseconds; 0 for audio and data.</param>
/// <param name="Body">The FLV tag body, its header included: legacy form for AVC and AAC, Enhanced RTMP form otherwise. Data: AMF0 without <c>@setDataFrame</c>.
/// A log that keeps the frame holds a reference of its own.</param>
/// <param name="PayloadOffset">Where the coded bytes begin in <paramref name="Body"/>, behind the FLV header.</param>
/// <param name="CtsOffset">Where the 24-bit composition time stands in <paramref name="Body"/>, or −1 where the format has none: a muxer writes <paramref name="Cts"/> there.</param>
public readonly record struct Frame(
    TrackKind Kind, FrameFlags Flags, Codec Codec, long Dts, int Cts, SharedBuffer Body, int PayloadOffset, int CtsOffset = -1)
{
    public long Pts => Dts + Cts;

    public bool IsKey => (Flags & FrameFlags.Key) != 0;

    public bool IsHeader => (Flags & FrameFlags.Header) != 0;

    /// <summary>A picture or a sound, as opposed to a header or data.</summary>
    public bool IsMedia => Kind != TrackKind.Data && !IsHeader;
}
