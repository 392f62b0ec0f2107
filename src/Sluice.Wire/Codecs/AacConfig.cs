using Sluice.Wire.Bits;

namespace Sluice.Wire.Codecs;

/// <summary>An AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1): the payload of an AAC sequence header.</summary>
/// <param name="ObjectType">The core codec: 2 is AAC-LC.</param>
/// <param name="SampleRate">Of the core, in Hz: a frame lasts <paramref name="SamplesPerFrame"/> of these, with and without SBR.</param>
/// <param name="Channels">Coded channels; 0 if the frames themselves say (a program config element).</param>
/// <param name="SamplesPerFrame">1024, seldom 960; 512 or 480 for the low-delay types.</param>
/// <param name="OutputRate">What a decoder puts out, in Hz: twice the core's where SBR (HE-AAC) is announced.</param>
/// <param name="HasPs">Parametric stereo (HE-AAC v2): one coded channel comes out as two.</param>
public sealed record AacConfig(int ObjectType, int SampleRate, int Channels, int SamplesPerFrame, int OutputRate, bool HasPs)
{
    /// <summary>The audio object type of spectral band replication (ISO/IEC 14496-3 §1.5.1.1).</summary>
    internal const int Sbr = 5;

    /// <summary>That of parametric stereo.</summary>
    internal const int Ps = 29;

    private const int LowDelay = 23;
    private const int EnhancedLowDelay = 39;
    private const int EscapedRate = 15;
    private const int SyncExtension = 0x2B7;
    private const int MinRate = 1_000;
    private const int MaxRate = 384_000;

    private static ReadOnlySpan<int> Rates => [96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350];

    /// <summary>HE-AAC: a decoder puts out <see cref="OutputRate"/>, 2048 samples a frame.</summary>
    public bool HasSbr => OutputRate != SampleRate;

    /// <summary>Reads the configuration; null, and why, if it makes no sense.</summary>
    public static AacConfig? Parse(ReadOnlySpan<byte> bytes, out string? reason)
    {
        var bits = new BitReader(bytes);
        var objectType = ReadObjectType(ref bits);
        var rate = ReadRate(ref bits);
        var channels = ReadChannels(ref bits);
        var outputRate = rate;
        var hasPs = objectType == Ps;
        var isExplicit = objectType is Sbr or Ps;
        if (isExplicit)
        {
            outputRate = ReadRate(ref bits);
            objectType = ReadObjectType(ref bits);
        }
        var isShort = bits.ReadFlag();                              // frameLengthFlag
        var failed = bits.Failed;
        if (!isExplicit && IsGeneralAudio(objectType))
        {
            if (bits.ReadFlag()) bits.Skip(14);                     // dependsOnCoreCoder
            bits.Skip(1);                                           // extensionFlag
            if (channels != 0 && TryReadSyncExtension(ref bits, out var extendedRate, out hasPs)) outputRate = extendedRate;
        }
        reason = failed ? "The AudioSpecificConfig is cut short."
            : objectType == 0 ? "The AudioSpecificConfig names no codec."
            : rate is < MinRate or > MaxRate || outputRate is < MinRate or > MaxRate ? $"The AudioSpecificConfig says {rate} Hz."
            : channels < 0 ? "The AudioSpecificConfig has a reserved channel layout."
            : null;
        var isLowDelay = objectType is LowDelay or EnhancedLowDelay;
        var samples = (isLowDelay, isShort) switch { (false, false) => 1024, (false, true) => 960, (true, false) => 512, _ => 480 };
        return reason is null ? new AacConfig(objectType, rate, channels, samples, outputRate, hasPs) : null;
    }

    private static int ReadObjectType(ref BitReader bits)
    {
        var type = (int)bits.ReadBits(5);
        return type == 31 ? 32 + (int)bits.ReadBits(6) : type;
    }

    private static int ReadRate(ref BitReader bits)
    {
        var index = (int)bits.ReadBits(4);
        return index == EscapedRate ? (int)bits.ReadBits(24) : index < Rates.Length ? Rates[index] : 0;
    }

    private static int ReadChannels(ref BitReader bits) => bits.ReadBits(4) switch { <= 6 and var n => (int)n, 7 or 12 or 14 => 8, 11 => 7, 13 => 24, _ => -1 };

    private static bool IsGeneralAudio(int objectType) => objectType is >= 1 and <= 4;

    /// <summary>SBR and PS announced behind the configuration, where decoders that know neither do not look.</summary>
    private static bool TryReadSyncExtension(ref BitReader bits, out int rate, out bool hasPs)
    {
        (rate, hasPs) = (0, false);
        if (bits.BitsLeft < 16 || bits.ReadBits(11) != SyncExtension || ReadObjectType(ref bits) != Sbr || !bits.ReadFlag()) return false;
        rate = ReadRate(ref bits);
        hasPs = bits.BitsLeft >= 12 && bits.ReadBits(11) == 0x548 && bits.ReadFlag();
        return !bits.Failed && rate != 0;
    }
}
