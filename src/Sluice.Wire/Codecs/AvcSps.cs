using Sluice.Wire.Bits;

namespace Sluice.Wire.Codecs;

/// <summary>What a sequence parameter set (H.264 §7.3.2.1) says of the pictures.</summary>
/// <param name="Width">After cropping, in pixels.</param>
/// <param name="Height">After cropping, in pixels.</param>
/// <param name="FrameRate">Frames per second if the VUI gives a timing; null otherwise.</param>
/// <param name="ReorderFrames">How many pictures may precede one in decoding and follow it in output; null where the VUI does not say.</param>
public sealed record AvcSps(
    byte Profile, byte Constraints, byte Level, int Width, int Height, int ChromaFormat, int BitDepth, int ReferenceFrames, double? FrameRate, int? ReorderFrames)
{
    private const int MaxMacroblocks = 1024;          // 16384 pixels a side, above level 6.2
    private const int MaxReferenceFrames = 16;
    private const byte ExtendedSampleAspectRatio = 255;

    /// <summary>Reads a whole NAL unit, its header byte included, as it stands in an avcC (still escaped).</summary>
    /// <returns>Null, and why, if it makes no sense.</returns>
    public static AvcSps? Parse(ReadOnlySpan<byte> nal, out string? reason)
    {
        const int spsType = 7;
        reason = null;
        if (nal.Length < 4 || (nal[0] & 0x1F) != spsType)
        {
            reason = "It is no sequence parameter set.";
            return null;
        }
        var bits = new BitReader(nal[1..], escaped: true);
        var profile = (byte)bits.ReadBits(8);
        var constraints = (byte)bits.ReadBits(8);
        var level = (byte)bits.ReadBits(8);
        bits.ReadUnsigned();                                        // seq_parameter_set_id
        var chromaFormat = 1;
        var bitDepth = 8;
        var separatePlanes = false;
        if (HasChromaFormat(profile))
        {
            chromaFormat = (int)bits.ReadUnsigned();
            separatePlanes = chromaFormat == 3 && bits.ReadFlag();
            bitDepth = 8 + (int)Math.Min(bits.ReadUnsigned(), 8);
            bits.ReadUnsigned();                                    // bit_depth_chroma_minus8
            bits.Skip(1);                                           // qpprime_y_zero_transform_bypass_flag
            if (bits.ReadFlag()) SkipScalingLists(ref bits, chromaFormat == 3 ? 12 : 8);
        }
        bits.ReadUnsigned();                                        // log2_max_frame_num_minus4
        SkipPictureOrderCount(ref bits);
        var referenceFrames = bits.ReadUnsigned();
        bits.Skip(1);                                               // gaps_in_frame_num_value_allowed_flag
        var columns = bits.ReadUnsigned() + 1L;
        var rows = bits.ReadUnsigned() + 1L;
        var framesOnly = bits.ReadFlag();
        if (!framesOnly) bits.Skip(1);                              // mb_adaptive_frame_field_flag
        bits.Skip(1);                                               // direct_8x8_inference_flag
        if (!framesOnly) rows *= 2;
        long cropX = 0, cropY = 0;
        if (bits.ReadFlag())
        {
            cropX = (long)bits.ReadUnsigned() + bits.ReadUnsigned();
            cropY = (long)bits.ReadUnsigned() + bits.ReadUnsigned();
            if (!separatePlanes && chromaFormat is 1 or 2) cropX *= 2;
            if (!separatePlanes && chromaFormat == 1) cropY *= 2;
            if (!framesOnly) cropY *= 2;
        }
        if (bits.Failed || columns > MaxMacroblocks || rows > MaxMacroblocks || chromaFormat > 3 || referenceFrames > MaxReferenceFrames
            || cropX >= columns * 16 || cropY >= rows * 16)
        {
            reason = bits.Failed ? "The sequence parameter set is cut short." : $"The sequence parameter set is out of range: {columns * 16}x{rows * 16} less {cropX}x{cropY}.";
            return null;
        }
        // Some encoders cut the VUI short: what stands before it holds all the same.
        var (frameRate, reorderFrames) = bits.ReadFlag() ? ReadVui(ref bits) : default;
        return new AvcSps(profile, constraints, level, (int)(columns * 16 - cropX), (int)(rows * 16 - cropY), chromaFormat, bitDepth, (int)referenceFrames, frameRate, reorderFrames);
    }

    private static bool HasChromaFormat(byte profile) => profile is 100 or 110 or 122 or 244 or 44 or 83 or 86 or 118 or 128 or 138 or 139 or 134 or 135;

    private static void SkipScalingLists(ref BitReader bits, int count)
    {
        for (var list = 0; list < count && !bits.Failed; list++)
        {
            if (!bits.ReadFlag()) continue;
            int last = 8, next = 8;
            for (var i = 0; i < (list < 6 ? 16 : 64) && !bits.Failed; i++)
            {
                if (next != 0) next = (last + bits.ReadSigned() + 256) & 0xFF;
                if (next != 0) last = next;
            }
        }
    }

    private static void SkipPictureOrderCount(ref BitReader bits)
    {
        var type = bits.ReadUnsigned();
        if (type == 0) bits.ReadUnsigned();
        if (type != 1) return;
        bits.Skip(1);
        bits.ReadSigned();
        bits.ReadSigned();
        var cycle = bits.ReadUnsigned();
        for (var i = 0; i < Math.Min(cycle, 255) && !bits.Failed; i++) bits.ReadSigned();
    }

    /// <summary>Annex E.1.1.</summary>
    private static (double? FrameRate, int? ReorderFrames) ReadVui(ref BitReader bits)
    {
        if (bits.ReadFlag() && bits.ReadBits(8) == ExtendedSampleAspectRatio) bits.Skip(32);
        if (bits.ReadFlag()) bits.Skip(1);                          // overscan
        if (bits.ReadFlag())                                        // video_signal_type
        {
            bits.Skip(4);
            if (bits.ReadFlag()) bits.Skip(24);
        }
        if (bits.ReadFlag())                                        // chroma_loc_info
        {
            bits.ReadUnsigned();
            bits.ReadUnsigned();
        }
        double? frameRate = null;
        if (bits.ReadFlag())
        {
            var unit = bits.ReadBits(32);
            var scale = bits.ReadBits(32);
            bits.Skip(1);                                           // fixed_frame_rate_flag
            // Two ticks, one per field, make a frame.
            if (!bits.Failed && unit > 0 && scale > 0) frameRate = scale / (2.0 * unit);
        }
        var hasNalHrd = bits.ReadFlag();
        if (hasNalHrd) SkipHrd(ref bits);
        var hasVclHrd = bits.ReadFlag();
        if (hasVclHrd) SkipHrd(ref bits);
        if (hasNalHrd || hasVclHrd) bits.Skip(1);
        bits.Skip(1);                                               // pic_struct_present_flag
        if (!bits.ReadFlag()) return (frameRate, null);
        bits.Skip(1);
        for (var i = 0; i < 4; i++) bits.ReadUnsigned();
        var reorderFrames = bits.ReadUnsigned();
        return (frameRate, bits.Failed || reorderFrames > MaxReferenceFrames ? null : (int)reorderFrames);
    }

    private static void SkipHrd(ref BitReader bits)
    {
        var count = bits.ReadUnsigned();
        bits.Skip(8);
        for (var i = 0; i <= Math.Min(count, 31) && !bits.Failed; i++)
        {
            bits.ReadUnsigned();
            bits.ReadUnsigned();
            bits.Skip(1);
        }
        bits.Skip(20);
    }
}
