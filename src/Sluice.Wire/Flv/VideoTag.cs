using System.Buffers.Binary;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Sluice.Wire.Flv;

/// <summary>The first bytes of an FLV or RTMP video body: legacy (FLV 10.1 §E.4.3) or Enhanced RTMP v2.</summary>
/// <param name="IsKey">A random access point, as the sender says.</param>
/// <param name="Cts">Composition time in milliseconds.</param>
/// <param name="CtsOffset">Where the signed 24-bit composition time stands in the body; −1 where the format has none.</param>
/// <param name="PayloadOffset">Where the codec's own bytes begin.</param>
/// <param name="Reason">What is wrong or why it is of no use; null for a frame, a header or an end.</param>
public readonly record struct VideoTag(TagContent Content, Codec Codec, bool IsKey, int Cts, int CtsOffset, int PayloadOffset, string? Reason = null)
{
    private const byte ExFlag = 0x80;
    private const byte KeyFrame = 1;
    private const byte GeneratedKeyFrame = 4;
    private const byte CommandFrame = 5;
    private const byte AvcId = 7;
    private const byte HevcId = 12;
    private const int AvcHeaderSize = 5;
    private const int ExHeaderSize = 5;

    /// <summary>
    /// Brings a body into the one form that the rest of the server knows, in place, and says what it is: Enhanced <c>avc1</c> becomes a legacy AVC body,
    /// ModEx and multitrack wrapping are taken off; all else stays as it came.
    /// </summary>
    /// <param name="body">The caller must be its sole owner. The payload is not moved.</param>
    public static VideoTag Normalise(SharedBuffer body)
    {
        var bytes = body.Span;
        if (bytes.Length == 0) return Invalid("The video message is empty.");
        if ((bytes[0] & ExFlag) == 0) return ReadLegacy(bytes);
        var header = ExHeader.ReadVideo(bytes);
        var frameType = (byte)(bytes[0] >> 4 & 7);
        if (header.Error is { } error) return Invalid(error);
        if (header.IsCommand) return Other("It is a seek command.");
        if (header.IsOtherTrack) return Other("It holds no track 0.");
        body.TrimEnd(bytes.Length - header.PayloadOffset - header.PayloadLength);
        return (Codec)header.FourCc == Codec.Avc ? ToLegacy(body, frameType, header) : ToPlain(body, frameType, header);
    }

    /// <summary>Reads a body that has that form.</summary>
    public static VideoTag Read(ReadOnlySpan<byte> body)
    {
        if (body.Length == 0) return Invalid("The video message is empty.");
        if ((body[0] & ExFlag) == 0) return ReadLegacy(body);
        return body.Length < ExHeaderSize ? Invalid("It ends inside the video header.") : ReadPlain(body);
    }

    private static VideoTag ReadLegacy(ReadOnlySpan<byte> bytes)
    {
        var frameType = (byte)(bytes[0] >> 4);
        var isKey = frameType is KeyFrame or GeneratedKeyFrame;
        if (frameType == CommandFrame) return Other("It is a seek command.");
        var codec = (bytes[0] & 0x0F) switch { AvcId => Codec.Avc, HevcId => Codec.LegacyHevc, _ => Codec.OtherVideo };
        if (codec == Codec.OtherVideo) return WithPayload(new VideoTag(TagContent.Frame, codec, isKey, 0, -1, 1), bytes);
        if (bytes.Length < AvcHeaderSize) return Invalid("It ends inside the video header.");
        var content = bytes[1] switch { 0 => TagContent.Header, 1 => TagContent.Frame, 2 => TagContent.End, _ => TagContent.Invalid };
        if (content == TagContent.Invalid) return Invalid($"AVC packet type {bytes[1]} does not exist.");
        var cts = content == TagContent.Frame ? ReadSigned24(bytes[2..]) : 0;
        return WithPayload(new VideoTag(content, codec, isKey && content == TagContent.Frame, cts, content == TagContent.Frame ? 2 : -1, AvcHeaderSize), bytes);
    }

    private static VideoTag ToLegacy(SharedBuffer body, byte frameType, in ExHeader header)
    {
        var bytes = body.Span;
        var cts = 0;
        var payload = header.PayloadOffset;
        byte packetType;
        switch (header.PacketType)
        {
            case ExPacketType.SequenceStart:
                packetType = 0;
                break;
            case ExPacketType.CodedFrames when header.PayloadLength < 3:
                return Invalid("It ends inside the composition time.");
            case ExPacketType.CodedFrames:
                packetType = 1;
                cts = ReadSigned24(bytes[payload..]);
                payload += 3;
                break;
            case ExPacketType.CodedFramesX:
                packetType = 1;
                break;
            case ExPacketType.SequenceEnd:
                packetType = 2;
                break;
            default:
                return OtherPacket(header.PacketType);
        }
        body.TrimStart(payload - AvcHeaderSize);
        bytes = body.Span;
        bytes[0] = (byte)((frameType is KeyFrame or GeneratedKeyFrame ? KeyFrame : 2) << 4 | AvcId);
        bytes[1] = packetType;
        WriteSigned24(bytes[2..], cts);
        return ReadLegacy(bytes);
    }

    private static VideoTag ToPlain(SharedBuffer body, byte frameType, in ExHeader header)
    {
        body.TrimStart(header.PayloadOffset - ExHeaderSize);
        var bytes = body.Span;
        bytes[0] = (byte)(ExFlag | frameType << 4 | (byte)header.PacketType);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], header.FourCc);
        return ReadPlain(bytes);
    }

    private static VideoTag ReadPlain(ReadOnlySpan<byte> bytes)
    {
        var codec = (Codec)BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        var packetType = (ExPacketType)(bytes[0] & 0x0F);
        if (codec is not (Codec.Hevc or Codec.Vvc or Codec.Av1 or Codec.Vp9 or Codec.Vp8)) return Invalid($"The video FourCC {(uint)codec:x8} is not known.");
        var isKey = (bytes[0] >> 4 & 7) is KeyFrame or GeneratedKeyFrame;
        switch (packetType)
        {
            case ExPacketType.SequenceStart:
                return WithPayload(new VideoTag(TagContent.Header, codec, false, 0, -1, ExHeaderSize), bytes);
            case ExPacketType.SequenceEnd:
                return new VideoTag(TagContent.End, codec, false, 0, -1, ExHeaderSize);
            case ExPacketType.CodedFrames when codec is Codec.Hevc or Codec.Vvc:
                if (bytes.Length < ExHeaderSize + 3) return Invalid("It ends inside the composition time.");
                return WithPayload(new VideoTag(TagContent.Frame, codec, isKey, ReadSigned24(bytes[ExHeaderSize..]), ExHeaderSize, ExHeaderSize + 3), bytes);
            case ExPacketType.CodedFrames or ExPacketType.CodedFramesX:
                return WithPayload(new VideoTag(TagContent.Frame, codec, isKey, 0, -1, ExHeaderSize), bytes);
            default:
                return OtherPacket(packetType);
        }
    }

    /// <summary>Reads an SI24.</summary>
    public static int ReadSigned24(ReadOnlySpan<byte> bytes) => (sbyte)bytes[0] << 16 | bytes[1] << 8 | bytes[2];

    /// <summary>Writes an SI24.</summary>
    public static void WriteSigned24(Span<byte> bytes, int value)
    {
        bytes[0] = (byte)(value >> 16);
        bytes[1] = (byte)(value >> 8);
        bytes[2] = (byte)value;
    }

    private static VideoTag WithPayload(VideoTag tag, ReadOnlySpan<byte> bytes) =>
        tag.Content == TagContent.End || bytes.Length > tag.PayloadOffset ? tag : Invalid("It holds no coded bytes.");

    private static VideoTag OtherPacket(ExPacketType type) =>
        type == ExPacketType.Metadata ? Other("It is HDR metadata.") : Invalid($"Video packet type {(int)type} is not known.");

    private static VideoTag Other(string reason) => new(TagContent.Other, Codec.None, false, 0, -1, 0, reason);

    private static VideoTag Invalid(string reason) => new(TagContent.Invalid, Codec.None, false, 0, -1, 0, reason);
}
