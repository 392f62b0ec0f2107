using System.Buffers.Binary;

namespace Sluice.Wire.Codecs;

/// <summary>
/// Reads the wall clock that an encoder wrote into a picture: an SEI message of type 5, user_data_unregistered (H.264 §D.1.7, H.265 §D.2.7), in one of two forms.
/// </summary>
/// <remarks>
/// <code>
///   OBS BPM    uuid 0aecffe7-5272-4e2f-a62f-d19cd61a93b5 · (n−1) &amp; 0x0F · n × { type 1: RFC 3339, NUL | 2: ms since 1970, u64 | 3: ns, u64 ; tag 1: composition time }
///   ours       uuid 8e1c7a30-2f6b-4b0e-9d5a-818c0de00001 · version 1 · ms since 1970, u64 · …
/// </code>
/// The order of a BPM entry is type, tag, value. Whatever else there is, or makes no sense, is no clock.
/// </remarks>
public static class SeiClock
{
    private const int UserDataUnregistered = 5;
    private const int UuidSize = 16;
    private const int LongestRead = 128;
    private const byte OwnVersion = 1;
    private const byte TextType = 1;
    private const byte MillisecondsType = 2;
    private const byte NanosecondsType = 3;
    private const byte CompositionTag = 1;

    /// <summary>The year 3000: beyond it no clock is believed.</summary>
    private const ulong LatestTime = 32_503_680_000_000;

    private static ReadOnlySpan<byte> BpmUuid => [0x0a, 0xec, 0xff, 0xe7, 0x52, 0x72, 0x4e, 0x2f, 0xa6, 0x2f, 0xd1, 0x9c, 0xd6, 0x1a, 0x93, 0xb5];

    private static ReadOnlySpan<byte> OwnUuid => [0x8e, 0x1c, 0x7a, 0x30, 0x2f, 0x6b, 0x4b, 0x0e, 0x9d, 0x5a, 0x81, 0x8c, 0x0d, 0xe0, 0x00, 0x01];

    /// <summary>The clock in an SEI NAL unit, in milliseconds since 1970; null: there is none.</summary>
    /// <param name="nal">The NAL unit with its header, emulation prevention bytes and all.</param>
    /// <param name="headerSize">1 for AVC, 2 for HEVC.</param>
    public static long? Read(ReadOnlySpan<byte> nal, int headerSize)
    {
        Span<byte> plain = stackalloc byte[LongestRead];
        if (nal.Length <= headerSize) return null;
        ReadOnlySpan<byte> rest = plain[..Unescape(nal[headerSize..], plain)];
        while (ReadNumber(ref rest, out var type) && ReadNumber(ref rest, out var size))
        {
            var payload = rest[..Math.Min(size, rest.Length)];
            if (type == UserDataUnregistered && ReadUserData(payload) is { } time) return time;
            rest = rest[payload.Length..];
        }
        return null;
    }

    private static long? ReadUserData(ReadOnlySpan<byte> data)
    {
        if (data.Length <= UuidSize) return null;
        var rest = data[UuidSize..];
        if (data.StartsWith(BpmUuid)) return ReadBpm(rest);
        return data.StartsWith(OwnUuid) && rest.Length >= 9 && rest[0] == OwnVersion ? Sane(BinaryPrimitives.ReadUInt64BigEndian(rest[1..])) : null;
    }

    private static long? ReadBpm(ReadOnlySpan<byte> rest)
    {
        var entries = (rest[0] & 0x0F) + 1;
        for (rest = rest[1..]; entries > 0 && rest.Length > 2; entries--)
        {
            var (type, tag) = (rest[0], rest[1]);
            var value = rest[2..];
            var size = type switch { TextType => value.IndexOf((byte)0) + 1, MillisecondsType or NanosecondsType => 8, _ => 0 };
            if (size == 0 || size > value.Length) return null;
            if (tag == CompositionTag && type == TextType) return Rfc3339.Read(value[..(size - 1)]);
            if (tag == CompositionTag && type == MillisecondsType) return Sane(BinaryPrimitives.ReadUInt64BigEndian(value));
            rest = value[size..];
        }
        return null;
    }

    private static long? Sane(ulong milliseconds) => milliseconds is > 0 and < LatestTime ? (long)milliseconds : null;

    /// <summary>An SEI number: bytes of 255 and one less than that, added up (H.264 §7.3.2.3.1).</summary>
    private static bool ReadNumber(ref ReadOnlySpan<byte> rest, out int number)
    {
        number = 0;
        while (rest.Length > 0)
        {
            var part = rest[0];
            rest = rest[1..];
            number += part;
            if (part != 0xFF) return true;
        }
        return false;
    }

    /// <summary>Takes out the emulation prevention bytes (00 00 <b>03</b>, H.264 §7.4.1), as far as there is room: clocks come early in their NAL unit.</summary>
    private static int Unescape(ReadOnlySpan<byte> bytes, Span<byte> plain)
    {
        var (length, zeros) = (0, 0);
        foreach (var value in bytes)
        {
            if (zeros >= 2 && value == 3)
            {
                zeros = 0;
                continue;
            }
            if (length == plain.Length) break;
            plain[length++] = value;
            zeros = value == 0 ? zeros + 1 : 0;
        }
        return length;
    }
}
