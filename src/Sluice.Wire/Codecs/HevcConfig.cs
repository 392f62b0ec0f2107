using System.Buffers.Binary;
using Sluice.Wire.Bits;

namespace Sluice.Wire.Codecs;

/// <summary>An HEVCDecoderConfigurationRecord ("hvcC", ISO/IEC 14496-15 §8.3.3.1), with what its first sequence parameter set (H.265 §7.3.2.2) says of the pictures.</summary>
/// <param name="Level">Thirty times the level: 93 is 3.1.</param>
/// <param name="NalLengthSize">Bytes of the length before each NAL unit of a picture.</param>
/// <param name="Width">After cropping, in pixels.</param>
/// <param name="Height">After cropping, in pixels.</param>
public sealed record HevcConfig(int Profile, int Level, int NalLengthSize, int Width, int Height)
{
    private const int FixedSize = 23;
    private const int SpsType = 33;
    private const int MaxSide = 16_384;

    /// <summary>Reads the record; null, and why, if it makes no sense.</summary>
    public static HevcConfig? Parse(ReadOnlySpan<byte> bytes, out string? reason)
    {
        // Version 0 is what encoders wrote before the standard was final.
        reason = bytes.Length < FixedSize ? "The hvcC is cut short." : bytes[0] > 1 ? $"The hvcC has version {bytes[0]}." : null;
        if (reason is not null || !TryFindSps(bytes, out var sps, out reason) || !TryReadSize(sps, out var width, out var height, out reason)) return null;
        return new HevcConfig(bytes[1] & 0x1F, bytes[12], (bytes[21] & 3) + 1, width, height);
    }

    private static bool TryFindSps(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> sps, out string? reason)
    {
        sps = default;
        reason = "The hvcC is cut short.";
        var rest = bytes[FixedSize..];
        for (var arrays = bytes[FixedSize - 1]; arrays > 0; arrays--)
        {
            if (rest.Length < 3) return false;
            var type = rest[0] & 0x3F;
            var count = BinaryPrimitives.ReadUInt16BigEndian(rest[1..]);
            rest = rest[3..];
            for (; count > 0; count--)
            {
                if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(rest)) return false;
                var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                if (type == SpsType)
                {
                    sps = rest.Slice(2, length);
                    reason = null;
                    return true;
                }
                rest = rest[(2 + length)..];
            }
        }
        reason = "The hvcC holds no sequence parameter set.";
        return false;
    }

    private static bool TryReadSize(ReadOnlySpan<byte> nal, out int width, out int height, out string? reason)
    {
        (width, height) = (0, 0);
        reason = "The sequence parameter set is cut short.";
        if (nal.Length < 3) return false;
        var bits = new BitReader(nal[2..], escaped: true);
        bits.Skip(4);                                               // sps_video_parameter_set_id
        var subLayers = (int)bits.ReadBits(3);                      // sps_max_sub_layers_minus1
        bits.Skip(1);                                               // temporal_id_nesting
        SkipProfileTierLevel(ref bits, subLayers);
        bits.ReadUnsigned();                                        // sps_seq_parameter_set_id
        var chromaFormat = bits.ReadUnsigned();
        var separatePlanes = chromaFormat == 3 && bits.ReadFlag();
        var columns = (long)bits.ReadUnsigned();
        var rows = (long)bits.ReadUnsigned();
        if (bits.ReadFlag())                                        // conformance_window_flag
        {
            var unitX = !separatePlanes && chromaFormat is 1 or 2 ? 2 : 1;
            var unitY = !separatePlanes && chromaFormat == 1 ? 2 : 1;
            columns -= unitX * ((long)bits.ReadUnsigned() + bits.ReadUnsigned());
            rows -= unitY * ((long)bits.ReadUnsigned() + bits.ReadUnsigned());
        }
        if (bits.Failed) return false;
        reason = columns is < 1 or > MaxSide || rows is < 1 or > MaxSide || chromaFormat > 3 ? $"The sequence parameter set is out of range: {columns}x{rows}." : null;
        (width, height) = reason is null ? ((int)columns, (int)rows) : (0, 0);
        return reason is null;
    }

    private static void SkipProfileTierLevel(ref BitReader bits, int subLayers)
    {
        const int profileBits = 88, levelBits = 8;
        bits.Skip(profileBits + levelBits);
        var present = bits.ReadBits(2 * subLayers);
        if (subLayers > 0) bits.Skip(2 * (8 - subLayers));
        for (var i = 2 * subLayers - 1; i >= 0; i -= 2)
        {
            if ((present >> i & 1) != 0) bits.Skip(profileBits);
            if ((present >> (i - 1) & 1) != 0) bits.Skip(levelBits);
        }
    }
}
