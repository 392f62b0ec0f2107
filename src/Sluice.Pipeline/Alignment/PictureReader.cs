using Sluice.Pipeline.Media;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Alignment;

/// <summary>Reads from a coded picture what alignment needs: how much of it is picture, and its wall clock. Filler, delimiters, parameter sets and messages do not count.</summary>
internal static class PictureReader
{
    private const int AvcLastSlice = 5;
    private const int AvcSei = 6;
    private const int HevcLastSlice = 31;
    private const int HevcPrefixSei = 39;
    private const int UsualLengthSize = 4;

    /// <summary>Bytes of the length before each NAL unit, as the track's configuration says.</summary>
    public static int LengthSizeOf(in Frame header)
    {
        var at = header.PayloadOffset + (header.Codec == Codec.Avc ? 4 : 21);
        return at < header.Body.Length ? (header.Body.Span[at] & 3) + 1 : UsualLengthSize;
    }

    /// <returns>Coded bytes, and milliseconds since 1970 where the picture carries a clock.</returns>
    public static (int Size, long? Clock) Read(in Frame frame, int lengthSize)
    {
        var payload = frame.Body.Span[frame.PayloadOffset..];
        var isAvc = frame.Codec == Codec.Avc;
        if (!isAvc && frame.Codec is not (Codec.Hevc or Codec.LegacyHevc)) return (payload.Length, null);
        var size = 0;
        long? clock = null;
        foreach (var nal in new NalUnits(payload, lengthSize))
        {
            if (nal.Length == 0) continue;
            var type = isAvc ? nal[0] & 0x1F : nal[0] >> 1 & 0x3F;
            if (isAvc ? type is > 0 and <= AvcLastSlice : type <= HevcLastSlice) size += nal.Length;
            else if (type == (isAvc ? AvcSei : HevcPrefixSei)) clock ??= SeiClock.Read(nal, isAvc ? 1 : 2);
        }
        return (size, clock);
    }
}
