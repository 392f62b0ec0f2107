using System.Buffers.Binary;
using Sluice.Pipeline.Media;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Switching;

/// <summary>Whether other pictures are decoded from a picture (H.264 §7.4.1 nal_ref_idc, H.265 table 7-1).</summary>
internal static class Reference
{
    private const int LengthSize = 4;
    private const int AvcSlice = 1;
    private const int AvcIdr = 5;
    private const int HevcReservedSubLayerNonReference = 14;
    private const int HevcFirstNonSlice = 32;

    /// <summary>Whether no picture needs this one. Pictures whose codec does not say count as needed.</summary>
    public static bool IsDisposable(in Frame frame)
    {
        if (frame.IsKey || frame.Codec is not (Codec.Avc or Codec.Hevc)) return false;
        var bytes = frame.Body.Span[frame.PayloadOffset..];
        while (bytes.Length > LengthSize)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            if (length == 0 || length > bytes.Length - LengthSize) return false;
            if (IsSlice(frame.Codec, bytes[LengthSize], out var disposable)) return disposable;
            bytes = bytes[(LengthSize + (int)length)..];
        }
        return false;
    }

    private static bool IsSlice(Codec codec, byte header, out bool disposable)
    {
        if (codec == Codec.Avc)
        {
            disposable = (header & 0x60) == 0;
            return (header & 0x1F) is >= AvcSlice and <= AvcIdr;
        }
        var type = header >> 1 & 0x3F;
        disposable = type <= HevcReservedSubLayerNonReference && type % 2 == 0;
        return type < HevcFirstNonSlice;
    }
}
