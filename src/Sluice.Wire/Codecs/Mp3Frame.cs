namespace Sluice.Wire.Codecs;

/// <summary>The header of an MPEG audio frame (ISO/IEC 11172-3 §2.4.1.3, 13818-3; "MPEG 2.5" for the lowest rates).</summary>
/// <param name="Layer">1, 2 or 3.</param>
/// <param name="SamplesPerFrame">Layer III: 1152 for MPEG 1, 576 for MPEG 2 and 2.5.</param>
public readonly record struct Mp3Frame(int Layer, int SampleRate, int Channels, int SamplesPerFrame)
{
    private const int Size = 4;
    private const int Mono = 3;

    private static ReadOnlySpan<int> Mpeg1Rates => [44_100, 48_000, 32_000];

    /// <summary>Reads a header at the start of <paramref name="bytes"/>; null if there is none.</summary>
    public static Mp3Frame? Parse(ReadOnlySpan<byte> bytes)
    {
        const int mpeg1 = 3, reservedVersion = 1;
        if (bytes.Length < Size || bytes[0] != 0xFF || (bytes[1] & 0xE0) != 0xE0) return null;
        var version = bytes[1] >> 3 & 3;
        var layer = 4 - (bytes[1] >> 1 & 3);
        var bitRate = bytes[2] >> 4;
        var rate = bytes[2] >> 2 & 3;
        if (version == reservedVersion || layer == 4 || bitRate == 15 || rate == 3) return null;
        var samples = layer switch { 1 => 384, 3 when version != mpeg1 => 576, _ => 1152 };
        var divisor = version switch { mpeg1 => 1, 2 => 2, _ => 4 };
        return new Mp3Frame(layer, Mpeg1Rates[rate] / divisor, bytes[3] >> 6 == Mono ? 1 : 2, samples);
    }
}
