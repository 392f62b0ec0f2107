using System.Buffers.Binary;
using Sluice.Wire.Codecs;

namespace Sluice.Wire.Cmaf;

/// <summary>The sample entries of an init segment's <c>stsd</c>: ISO/IEC 14496-12 §12, 14496-15 (avcC, hvcC), AV1 in ISOBMFF §2.2 (av1C), 14496-14 (esds), "Opus in ISOBMFF" §4.3.</summary>
internal static class SampleEntry
{
    private const uint Resolution72Dpi = 0x00480000;
    private const int FirstDataReference = 1;

    public static void Write(BoxWriter box, CmafTrack track)
    {
        switch (track.Codec)
        {
            case Codec.Avc:
                WriteVisual(box, track, "avc1"u8, "avcC"u8);
                break;
            case Codec.Hevc or Codec.LegacyHevc:
                WriteVisual(box, track, "hvc1"u8, "hvcC"u8);
                break;
            case Codec.Av1:
                WriteVisual(box, track, "av01"u8, "av1C"u8);
                break;
            case Codec.Opus:
                WriteSound(box, track, "Opus"u8, WriteOpusConfig);
                break;
            default:
                WriteSound(box, track, "mp4a"u8, WriteElementaryStream);
                break;
        }
    }

    private static void WriteVisual(BoxWriter box, CmafTrack track, ReadOnlySpan<byte> type, ReadOnlySpan<byte> configType)
    {
        var entry = box.Begin(type);
        box.Zeros(6);
        box.U16(FirstDataReference);
        box.Zeros(16);
        box.U16(track.Width);
        box.U16(track.Height);
        box.U32(Resolution72Dpi);
        box.U32(Resolution72Dpi);
        box.U32(0);
        box.U16(1);                 // frame_count
        box.Zeros(32);              // compressorname
        box.U16(0x18);              // depth
        box.U16(-1);
        var config = box.Begin(configType);
        box.Bytes(track.Config);
        box.End(config);
        box.End(entry);
    }

    private static void WriteSound(BoxWriter box, CmafTrack track, ReadOnlySpan<byte> type, Action<BoxWriter, CmafTrack> writeConfig)
    {
        var entry = box.Begin(type);
        box.Zeros(6);
        box.U16(FirstDataReference);
        box.Zeros(8);
        box.U16(track.Channels);
        box.U16(16);                // samplesize
        box.U32(0);
        box.U32(track.Timescale <= ushort.MaxValue ? (uint)track.Timescale << 16 : 0);
        writeConfig(box, track);
        box.End(entry);
    }

    /// <summary>An ES_Descriptor (ISO/IEC 14496-1 §7.2.6.5) around the AudioSpecificConfig.</summary>
    private static void WriteElementaryStream(BoxWriter box, CmafTrack track)
    {
        const int header = 5;       // a tag and four bytes of length
        var config = track.Config;
        var esds = box.Begin("esds"u8, 0);
        WriteDescriptor(box, 3, 3 + header + 13 + header + config.Length + header + 1);
        box.U16(0);                 // ES_ID: the track says
        box.U8(0);
        WriteDescriptor(box, 4, 13 + header + config.Length);
        box.U8(0x40);               // MPEG-4 audio
        box.U8(0x15);               // an audio stream
        box.Zeros(3 + 4 + 4);       // buffer size and bit rates: not known
        WriteDescriptor(box, 5, config.Length);
        box.Bytes(config);
        WriteDescriptor(box, 6, 1);
        box.U8(2);
        box.End(esds);
    }

    /// <summary>The length in four bytes of seven bits each, as most writers do.</summary>
    private static void WriteDescriptor(BoxWriter box, byte tag, int length)
    {
        box.U8(tag);
        for (var shift = 21; shift > 0; shift -= 7) box.U8(length >> shift & 0x7F | 0x80);
        box.U8(length & 0x7F);
    }

    /// <summary>dOps: the OpusHead's fields behind its magic and version, big endian.</summary>
    private static void WriteOpusConfig(BoxWriter box, CmafTrack track)
    {
        ReadOnlySpan<byte> head = track.Config;
        var dOps = box.Begin("dOps"u8);
        box.U8(0);
        box.U8(head[9]);
        box.U16(BinaryPrimitives.ReadUInt16LittleEndian(head[10..]));
        box.U32(BinaryPrimitives.ReadUInt32LittleEndian(head[12..]));
        box.U16(BinaryPrimitives.ReadInt16LittleEndian(head[16..]));
        box.Bytes(head[18..]);      // the mapping family, and its table
        box.End(dOps);
    }
}
