using Sluice.Wire.Bits;

namespace Sluice.Wire.Codecs;

/// <summary>An AV1CodecConfigurationRecord ("av1C", AV1 in ISOBMFF §2.3), with what its sequence header (AV1 §5.5) says of the pictures.</summary>
/// <param name="Level">seq_level_idx of the first operating point: 4 (X − 2) + Y for level X.Y.</param>
/// <param name="IsHighTier">seq_tier of the first operating point.</param>
/// <param name="BitDepth">8, 10 or 12.</param>
/// <param name="Width">The largest, in pixels.</param>
/// <param name="Height">The largest, in pixels.</param>
public sealed record Av1Config(int Profile, int Level, bool IsHighTier, int BitDepth, int Width, int Height)
{
    private const int FixedSize = 4;
    private const int MarkerAndVersion = 0x81;
    private const int SequenceHeaderType = 1;
    private const int MaxSide = 16_384;

    /// <summary>Reads the record; null, and why, if it makes no sense or holds no sequence header, without which the size is not known.</summary>
    public static Av1Config? Parse(ReadOnlySpan<byte> bytes, out string? reason)
    {
        reason = bytes.Length < FixedSize ? "The av1C is cut short." : bytes[0] != MarkerAndVersion ? $"The av1C begins with {bytes[0]:x2}, not with 81." : null;
        if (reason is not null || !TryFindSequenceHeader(bytes[FixedSize..], out var header, out reason) || !TryReadSize(header, out var width, out var height, out reason)) return null;
        const int highTier = 0x80, highBitDepth = 0x40, twelveBit = 0x20;
        var depth = (bytes[2] & highBitDepth) == 0 ? 8 : (bytes[2] & twelveBit) == 0 ? 10 : 12;
        return new Av1Config(bytes[1] >> 5, bytes[1] & 0x1F, (bytes[2] & highTier) != 0, depth, width, height);
    }

    /// <summary>Walks the OBUs (AV1 §5.3); the last may lack a size, and then takes the rest.</summary>
    private static bool TryFindSequenceHeader(ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> payload, out string? reason)
    {
        const int hasExtension = 4, hasSize = 2;
        payload = default;
        reason = "The av1C is cut short.";
        while (rest.Length > 0)
        {
            var header = rest[0];
            if (rest.Length < ((header & hasExtension) != 0 ? 2 : 1)) return false;
            rest = rest[((header & hasExtension) != 0 ? 2 : 1)..];
            var size = rest.Length;
            if ((header & hasSize) != 0 && !TryReadSize(ref rest, out size)) return false;
            if ((header >> 3 & 0xF) == SequenceHeaderType)
            {
                payload = rest[..size];
                reason = null;
                return true;
            }
            rest = rest[size..];
        }
        reason = "The av1C holds no sequence header.";
        return false;
    }

    /// <summary>leb128() (AV1 §4.10.5) of what then must be there.</summary>
    private static bool TryReadSize(ref ReadOnlySpan<byte> rest, out int size)
    {
        const int longest = 4;      // more than a sequence header ever has
        size = 0;
        for (var i = 0; i < longest && i < rest.Length; i++)
        {
            size |= (rest[i] & 0x7F) << 7 * i;
            if ((rest[i] & 0x80) != 0) continue;
            rest = rest[(i + 1)..];
            return size <= rest.Length;
        }
        return false;
    }

    private static bool TryReadSize(ReadOnlySpan<byte> sequenceHeader, out int width, out int height, out string? reason)
    {
        var bits = new BitReader(sequenceHeader);
        bits.Skip(4);                                               // seq_profile, still_picture
        if (bits.ReadFlag()) bits.Skip(5);                          // reduced_still_picture_header: nothing but a level
        else SkipOperatingPoints(ref bits);
        var (columnBits, rowBits) = ((int)bits.ReadBits(4) + 1, (int)bits.ReadBits(4) + 1);
        (width, height) = ((int)bits.ReadBits(columnBits) + 1, (int)bits.ReadBits(rowBits) + 1);
        reason = bits.Failed ? "The sequence header is cut short." : width > MaxSide || height > MaxSide ? $"The sequence header is out of range: {width}x{height}." : null;
        return reason is null;
    }

    private static void SkipOperatingPoints(ref BitReader bits)
    {
        var delayBits = 0;                                          // 0: no decoder model
        if (bits.ReadFlag())                                        // timing_info_present_flag
        {
            bits.Skip(64);
            if (bits.ReadFlag()) bits.ReadUnsigned();               // equal_picture_interval: num_ticks_per_picture
            if (bits.ReadFlag())                                    // decoder_model_info_present_flag
            {
                delayBits = (int)bits.ReadBits(5) + 1;
                bits.Skip(32 + 5 + 5);
            }
        }
        var hasDisplayDelay = bits.ReadFlag();
        const int tieredLevel = 8;
        for (var points = bits.ReadBits(5) + 1; points > 0 && !bits.Failed; points--)
        {
            bits.Skip(12);                                          // operating_point_idc
            if (bits.ReadBits(5) >= tieredLevel) bits.Skip(1);
            if (delayBits > 0 && bits.ReadFlag()) bits.Skip(2 * delayBits + 1);
            if (hasDisplayDelay && bits.ReadFlag()) bits.Skip(4);
        }
    }
}
