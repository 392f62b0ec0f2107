using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Wire.Codecs;

/// <summary>Writes SEI messages of the type user_data_unregistered, a UUID and free bytes (ITU-T H.264 §D.2.7, H.265 §D.3.7), and puts them into pictures.</summary>
public static class UserDataSei
{
    /// <summary>What stands in front of the data.</summary>
    public const int UuidSize = 16;

    private const int PayloadType = 5;
    private const int LengthSize = 4;

    /// <summary>A whole NAL unit with one message. Null: the codec has none.</summary>
    public static byte[]? Write(Codec codec, ReadOnlySpan<byte> uuid, ReadOnlySpan<byte> data)
    {
        if (codec is not (Codec.Avc or Codec.Hevc or Codec.LegacyHevc)) return null;
        var nal = new List<byte>(data.Length + data.Length / 64 + 48);
        nal.AddRange(codec == Codec.Avc ? [0x06] : [0x4E, 0x01]);
        nal.Add(PayloadType);
        var size = uuid.Length + data.Length;
        for (; size >= 255; size -= 255) nal.Add(255);
        nal.Add((byte)size);
        AddEscaped(nal, uuid);
        AddEscaped(nal, data);
        nal.Add(0x80);
        return [.. nal];
    }

    /// <summary>Copies a picture with NAL units put before its first coded slice. Null: the payload is no chain of NAL units with lengths of four bytes.</summary>
    /// <param name="payloadOffset">Where the NAL units begin in <paramref name="body"/>.</param>
    /// <returns>A buffer that the caller owns.</returns>
    public static SharedBuffer? Insert(SharedBuffer body, int payloadOffset, Codec codec, IReadOnlyList<byte[]> nals)
    {
        var bytes = body.Span;
        var at = payloadOffset;
        while (true)
        {
            if (at + LengthSize >= bytes.Length) return null;
            var length = BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
            if (length == 0 || length > bytes.Length - at - LengthSize) return null;
            if (IsSlice(codec, bytes[at + LengthSize]))
            {
                if (length < HeaderSizeOf(codec)) return null;
                break;
            }
            at += LengthSize + (int)length;
        }
        var copy = SharedBuffer.Rent(bytes.Length + nals.Sum(static nal => LengthSize + nal.Length));
        copy.Append(bytes[..at]);
        Span<byte> size = stackalloc byte[LengthSize];
        foreach (var nal in nals)
        {
            BinaryPrimitives.WriteInt32BigEndian(size, nal.Length);
            copy.Append(size);
            var unit = copy.Length;
            copy.Append(nal);
            // Of no lower temporal layer than its picture (H.265 §7.4.2.2).
            if (codec != Codec.Avc) copy.Span[unit + 1] = bytes[at + LengthSize + 1];
        }
        copy.Append(bytes[at..]);
        return copy;
    }

    private static int HeaderSizeOf(Codec codec) => codec == Codec.Avc ? 1 : 2;

    private static bool IsSlice(Codec codec, byte first) => codec == Codec.Avc ? (first & 0x1F) is >= 1 and <= 5 : (first >> 1 & 0x3F) < 32;

    /// <summary>Emulation prevention (H.264 §7.4.1.1); what stands before has no zeros at its end.</summary>
    private static void AddEscaped(List<byte> nal, ReadOnlySpan<byte> bytes)
    {
        foreach (var value in bytes)
        {
            if (value <= 3 && nal[^1] == 0 && nal[^2] == 0) nal.Add(3);
            nal.Add(value);
        }
    }
}
