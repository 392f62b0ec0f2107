using System.Buffers.Text;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;
using Sluice.Wire.Flv;

namespace Sluice.Bench;

/// <summary>When a picture was sent, in a message within it that decoders pass over (user_data_unregistered SEI), for viewers on the same machine.</summary>
/// <remarks>Sixteen hexadecimal digits of the monotonic clock: none of them needs to be escaped, so that the text is found as it was written.</remarks>
internal static class Stamp
{
    private const int Digits = 16;

    /// <summary>The longest way into a picture that a stamp is looked for: parameter sets and the encoder's own words stand before it.</summary>
    private const int LongestWay = 4 << 10;

    private static ReadOnlySpan<byte> Uuid => "sluice-bench-now"u8;

    /// <summary>The picture with its stamp; as it is, where it is no picture of H.264 or H.265.</summary>
    public static byte[] Put(byte[] body, long now)
    {
        Span<byte> digits = stackalloc byte[Digits];
        Utf8Formatter.TryFormat(now, digits, out _, new('x', Digits));
        var tag = VideoTag.Read(body);
        if (tag.Content != TagContent.Frame || UserDataSei.Write(tag.Codec, Uuid, digits) is not { } nal) return body;
        var plain = SharedBuffer.CopyOf(body);
        var stamped = UserDataSei.Insert(plain, tag.PayloadOffset, tag.Codec, [nal]);
        var bytes = stamped?.Span.ToArray() ?? body;
        plain.Release();
        stamped?.Release();
        return bytes;
    }

    /// <summary>Null: there is none.</summary>
    public static long? Read(ReadOnlySpan<byte> body)
    {
        var at = body[..Math.Min(body.Length, LongestWay)].IndexOf(Uuid);
        if (at < 0 || body.Length < at + Uuid.Length + Digits) return null;
        return Utf8Parser.TryParse(body.Slice(at + Uuid.Length, Digits), out long time, out _, 'x') ? time : null;
    }
}
