using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Wire.Codecs;

/// <summary>What a change of parameter sets asks for at a splice.</summary>
public enum ParameterChange
{
    /// <summary>Equal parameter sets: nothing is sent.</summary>
    Same,

    /// <summary>Other parameter sets for pictures of the same size, format and rate: they go in-band before every IDR, without a header for running viewers.</summary>
    SameSizeAndRate,

    /// <summary>Other pictures: a header, and a decoder that begins anew.</summary>
    Reinit,
}

/// <summary>An AVCDecoderConfigurationRecord ("avcC", ISO/IEC 14496-15 §5.3.3.1): the payload of an AVC sequence header.</summary>
/// <remarks>Holds copies of the parameter sets; owns no buffer.</remarks>
public sealed class AvcConfig
{
    private const int FixedSize = 6;
    private const int AudType = 9;

    private AvcConfig(byte profile, byte compatibility, byte level, int nalLengthSize, byte[][] sps, byte[][] pps, AvcSps picture)
    {
        (Profile, Compatibility, Level, NalLengthSize, Sps, Pps, Picture) = (profile, compatibility, level, nalLengthSize, sps, pps, picture);
        foreach (var set in Sps) ParameterSetsLength += nalLengthSize + set.Length;
        foreach (var set in Pps) ParameterSetsLength += nalLengthSize + set.Length;
    }

    public byte Profile { get; }

    public byte Compatibility { get; }

    /// <summary>Ten times the level: 31 is 3.1.</summary>
    public byte Level { get; }

    /// <summary>Bytes of the length before each NAL unit of a picture: 1, 2 or 4.</summary>
    public int NalLengthSize { get; }

    /// <summary>The sequence parameter sets, without lengths; at least one.</summary>
    public IReadOnlyList<byte[]> Sps { get; }

    /// <summary>The picture parameter sets, without lengths; at least one.</summary>
    public IReadOnlyList<byte[]> Pps { get; }

    /// <summary>What the first sequence parameter set says.</summary>
    public AvcSps Picture { get; }

    /// <summary>Bytes that <see cref="WriteParameterSets"/> writes.</summary>
    public int ParameterSetsLength { get; }

    /// <summary>Reads the record; null, and why, if it makes no sense.</summary>
    public static AvcConfig? Parse(ReadOnlySpan<byte> bytes, out string? reason)
    {
        reason = null;
        if (bytes.Length < FixedSize || bytes[0] != 1)
        {
            reason = bytes.Length < FixedSize ? "The avcC is cut short." : $"The avcC has version {bytes[0]}.";
            return null;
        }
        var nalLengthSize = (bytes[4] & 3) + 1;
        var rest = bytes[5..];
        if (ReadSets(ref rest, countMask: 0x1F, type: 7, ref reason) is not { } sps || ReadSets(ref rest, countMask: 0xFF, type: 8, ref reason) is not { } pps) return null;
        if (nalLengthSize == 3) reason = "The avcC gives NAL units 3 bytes of length.";
        else if (AvcSps.Parse(sps[0], out reason) is { } picture) return new AvcConfig(bytes[1], bytes[2], bytes[3], nalLengthSize, sps, pps, picture);
        return null;
    }

    /// <summary>What a decoder that runs with <paramref name="old"/> needs to go on with <paramref name="next"/>.</summary>
    public static ParameterChange Compare(AvcConfig old, AvcConfig next)
    {
        var (a, b) = (old.Picture, next.Picture);
        if (old.NalLengthSize != next.NalLengthSize || (a.Width, a.Height, a.ChromaFormat, a.BitDepth) != (b.Width, b.Height, b.ChromaFormat, b.BitDepth)) return ParameterChange.Reinit;
        // A rate that is not told is taken for the same.
        if (a.FrameRate is { } rateA && b.FrameRate is { } rateB && Math.Abs(rateA - rateB) > 0.001 * rateA) return ParameterChange.Reinit;
        return AreEqual(old.Sps, next.Sps) && AreEqual(old.Pps, next.Pps) ? ParameterChange.Same : ParameterChange.SameSizeAndRate;
    }

    /// <summary>Writes all parameter sets as length-prefixed NAL units, <see cref="ParameterSetsLength"/> bytes.</summary>
    public void WriteParameterSets(Span<byte> bytes)
    {
        foreach (var set in Sps) bytes = Write(bytes, set);
        foreach (var set in Pps) bytes = Write(bytes, set);
    }

    /// <summary>
    /// Makes a copy of a video body with the parameter sets before its first NAL unit, or behind an access unit delimiter (which must stay first, H.264 §7.4.1.2.3).
    /// </summary>
    /// <param name="payloadOffset">Where the NAL units begin in <paramref name="body"/>.</param>
    /// <returns>A new buffer; the caller owns its one reference, and keeps the one to <paramref name="body"/>.</returns>
    public SharedBuffer WithParameterSets(SharedBuffer body, int payloadOffset)
    {
        var bytes = body.Span;
        var at = payloadOffset;
        if (bytes.Length > at + NalLengthSize && (bytes[at + NalLengthSize] & 0x1F) == AudType)
        {
            var length = ReadLength(bytes[at..]);
            if (length <= bytes.Length - at - NalLengthSize) at += NalLengthSize + (int)length;
        }
        var copy = SharedBuffer.Rent(bytes.Length + ParameterSetsLength);
        copy.Append(bytes[..at]);
        WriteParameterSets(copy.Free);
        copy.Advance(ParameterSetsLength);
        copy.Append(bytes[at..]);
        return copy;
    }

    private static byte[][]? ReadSets(ref ReadOnlySpan<byte> rest, byte countMask, int type, ref string? reason)
    {
        if (rest.Length < 1)
        {
            reason = "The avcC is cut short.";
            return null;
        }
        var sets = new byte[rest[0] & countMask][];
        rest = rest[1..];
        for (var i = 0; i < sets.Length; i++)
        {
            if (rest.Length < 2 || rest.Length - 2 < BinaryPrimitives.ReadUInt16BigEndian(rest))
            {
                reason = "The avcC is cut short.";
                return null;
            }
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            sets[i] = rest.Slice(2, length).ToArray();
            rest = rest[(2 + length)..];
            if (length > 0 && (sets[i][0] & 0x1F) == type) continue;
            reason = $"The avcC holds something else where a NAL unit of type {type} belongs.";
            return null;
        }
        if (sets.Length == 0) reason = $"The avcC holds no NAL unit of type {type}.";
        return sets.Length == 0 ? null : sets;
    }

    private static bool AreEqual(IReadOnlyList<byte[]> left, IReadOnlyList<byte[]> right)
    {
        if (left.Count != right.Count) return false;
        for (var i = 0; i < left.Count; i++)
            if (!left[i].AsSpan().SequenceEqual(right[i])) return false;
        return true;
    }

    private long ReadLength(ReadOnlySpan<byte> bytes)
    {
        var length = 0L;
        for (var i = 0; i < NalLengthSize; i++) length = length << 8 | bytes[i];
        return length;
    }

    private Span<byte> Write(Span<byte> bytes, byte[] set)
    {
        for (var i = 0; i < NalLengthSize; i++) bytes[i] = (byte)(set.Length >> 8 * (NalLengthSize - 1 - i));
        set.CopyTo(bytes[NalLengthSize..]);
        return bytes[(NalLengthSize + set.Length)..];
    }
}
