using System.Buffers.Binary;

namespace Sluice.Wire.Codecs;

/// <summary>An Opus identification header ("OpusHead", RFC 7845 §5.1): the payload of an Opus sequence header.</summary>
/// <param name="PreSkip">Samples at 48 kHz to throw away at the start.</param>
/// <param name="InputRate">The rate of what was encoded, in Hz; Opus itself always plays at 48 kHz. 0: unknown.</param>
public readonly record struct OpusHead(int Channels, int PreSkip, int InputRate)
{
    private const int Size = 19;

    /// <summary>For a stream that has none: stereo from 48 kHz, with the 6.5 ms of start that encoders usually need.</summary>
    public static ReadOnlySpan<byte> Usual => [(byte)'O', (byte)'p', (byte)'u', (byte)'s', (byte)'H', (byte)'e', (byte)'a', (byte)'d', 1, 2, 0x38, 0x01, 0x80, 0xBB, 0, 0, 0, 0, 0];

    /// <summary>Reads the header; null, and why, if it makes no sense.</summary>
    public static OpusHead? Parse(ReadOnlySpan<byte> bytes, out string? reason)
    {
        const int majorVersion = 0xF0;
        reason = bytes.Length < Size || !bytes.StartsWith("OpusHead"u8) ? "It is no OpusHead."
            : (bytes[8] & majorVersion) != 0 ? $"The OpusHead has version {bytes[8]}."
            : bytes[9] == 0 ? "The OpusHead has no channels."
            : null;
        if (reason is not null) return null;
        return new OpusHead(bytes[9], BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]));
    }
}

/// <summary>An Opus packet (RFC 6716 §3).</summary>
public static class OpusPacket
{
    /// <summary>Opus counts time in samples of 48 kHz, whatever was encoded.</summary>
    public const int SampleRate = 48_000;

    private const int MaxSamples = SampleRate * 120 / 1000;

    /// <summary>How long a packet plays, in samples at 48 kHz; 0 if it is malformed.</summary>
    public static int Samples(ReadOnlySpan<byte> packet)
    {
        if (packet.Length == 0) return 0;
        var frames = (packet[0] & 3) switch { 0 => 1, 1 or 2 => 2, _ => packet.Length > 1 ? packet[1] & 0x3F : 0 };
        var samples = frames * SamplesPerFrame(packet[0] >> 3);
        return samples <= MaxSamples ? samples : 0;
    }

    /// <summary>By the "config" of the first byte (RFC 6716 table 2): SILK 10–60 ms, hybrid 10 and 20 ms, CELT 2.5–20 ms.</summary>
    private static int SamplesPerFrame(int config) => config switch
    {
        < 12 => (config & 3) == 3 ? 2880 : 480 << (config & 3),
        < 16 => 480 << (config & 1),
        _ => 120 << (config & 3),
    };
}
