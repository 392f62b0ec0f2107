namespace Sluice.Wire.Flv;

/// <summary>The start of an FLV file or stream (FLV 10.1 §E.2), the first "previous tag size" included.</summary>
public static class FlvFileHeader
{
    /// <summary>Bytes: 9 and the 4 of "previous tag size" 0.</summary>
    public const int Size = 13;

    private const byte AudioFlag = 4;
    private const byte VideoFlag = 1;

    /// <summary>Writes <see cref="Size"/> bytes. A flag set for a track that never comes makes mpegts.js wait for ever.</summary>
    public static void Write(Span<byte> bytes, bool hasAudio, bool hasVideo)
    {
        "FLV\u0001\0\0\0\0\u0009\0\0\0\0"u8.CopyTo(bytes);
        bytes[4] = (byte)((hasAudio ? AudioFlag : 0) | (hasVideo ? VideoFlag : 0));
    }
}
