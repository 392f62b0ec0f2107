using System.Buffers.Binary;

namespace Sluice.Wire.Cmaf;

/// <summary>A timed event of a fragment, as <c>emsg</c> version 1 with an ID3v2.4 tag (AOM, "Carriage of ID3 Timed Metadata in CMAF"): what HLS players hand to their page.</summary>
/// <param name="Time">When it is due, in milliseconds of the media.</param>
/// <param name="Id">Equal for repetitions of one event.</param>
/// <param name="Tag">The ID3 tag.</param>
public readonly record struct CmafEvent(long Time, uint Id, byte[] Tag)
{
    internal static ReadOnlySpan<byte> Scheme => "https://aomedia.org/emsg/ID3\0"u8;

    private const int TagHeader = 10;
    private const byte Utf8 = 3;

    /// <summary>An ID3v2.4 tag of one frame TXXX (id3v2.4.0-frames §4.2.6).</summary>
    public static byte[] UserText(string description, ReadOnlySpan<byte> value)
    {
        byte[] body = [Utf8, .. System.Text.Encoding.UTF8.GetBytes(description), 0, .. value];
        var tag = new byte[2 * TagHeader + body.Length];
        "ID3"u8.CopyTo(tag);
        tag[3] = 4;
        WriteSyncSafe(tag.AsSpan(6), TagHeader + body.Length);
        "TXXX"u8.CopyTo(tag.AsSpan(TagHeader));
        WriteSyncSafe(tag.AsSpan(TagHeader + 4), body.Length);
        body.CopyTo(tag, 2 * TagHeader);
        return tag;
    }

    /// <summary>Four bytes of seven bits each.</summary>
    private static void WriteSyncSafe(Span<byte> to, int value) =>
        BinaryPrimitives.WriteInt32BigEndian(to, (value & 0x7F) | (value & 0x3F80) << 1 | (value & 0x1FC000) << 2 | (value & 0xFE00000) << 3);
}
