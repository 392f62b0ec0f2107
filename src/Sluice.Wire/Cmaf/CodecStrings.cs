using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Sluice.Wire.Codecs;

namespace Sluice.Wire.Cmaf;

/// <summary>The codecs as <c>CODECS</c> and MSE name them: RFC 6381 §3.3, ISO/IEC 14496-15 annex E, AV1 in ISOBMFF §5.</summary>
internal static class CodecStrings
{
    public const string Opus = "opus";

    /// <summary><c>avc1.PPCCLL</c>: profile, constraints and level in hexadecimal.</summary>
    public static string Avc(AvcConfig config) => string.Create(CultureInfo.InvariantCulture, $"avc1.{config.Profile:x2}{config.Compatibility:x2}{config.Level:x2}");

    /// <summary><c>hvc1.profile.compatibility.tier-level.constraints</c>: the compatibility flags in reverse bit order, trailing constraint bytes of zero left out.</summary>
    /// <param name="hvcC">A record that <see cref="HevcConfig"/> could read.</param>
    public static string Hevc(ReadOnlySpan<byte> hvcC)
    {
        var compatibility = 0u;
        for (var (flags, i) = (BinaryPrimitives.ReadUInt32BigEndian(hvcC[2..]), 0); i < 32; i++) compatibility |= (flags >> i & 1) << (31 - i);
        var text = new StringBuilder("hvc1.");
        if (hvcC[1] >> 6 is > 0 and var space) text.Append((char)('A' + space - 1));
        var tier = (hvcC[1] & 0x20) != 0 ? 'H' : 'L';
        text.Append(CultureInfo.InvariantCulture, $"{hvcC[1] & 0x1F}.{compatibility:X}.{tier}{hvcC[12]}");
        var constraints = hvcC.Slice(6, 6).TrimEnd((byte)0);
        foreach (var constraint in constraints) text.Append(CultureInfo.InvariantCulture, $".{constraint:X}");
        return text.ToString();
    }

    /// <summary><c>av01.profile.level-tier.depth</c>, the fields that must be there.</summary>
    public static string Av1(Av1Config config) =>
        string.Create(CultureInfo.InvariantCulture, $"av01.{config.Profile}.{config.Level:00}{(config.IsHighTier ? 'H' : 'M')}.{config.BitDepth:00}");

    /// <summary><c>mp4a.40.n</c>: the object type that a decoder needs, 5 with SBR and 29 with parametric stereo.</summary>
    public static string Aac(AacConfig config) =>
        string.Create(CultureInfo.InvariantCulture, $"mp4a.40.{(config.HasPs ? AacConfig.Ps : config.HasSbr ? AacConfig.Sbr : config.ObjectType)}");
}
