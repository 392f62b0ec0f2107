using System.Buffers.Binary;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Sluice.Wire.Flv;

/// <summary>The first bytes of an FLV or RTMP audio body: legacy (FLV 10.1 §E.4.2) or Enhanced RTMP v2.</summary>
/// <param name="PayloadOffset">Where the codec's own bytes begin.</param>
/// <param name="Reason">What is wrong or why it is of no use; null for a frame, a header or an end.</param>
public readonly record struct AudioTag(TagContent Content, Codec Codec, int PayloadOffset, string? Reason = null)
{
    private const byte ExFormat = 9;
    private const byte AacFormat = 10;
    private const byte Mp3Format = 2;
    private const byte Mp3At8KhzFormat = 14;
    private const byte AacFirstByte = 0xAF;   // AAC, "44 kHz, 16 bit, stereo": always so, the configuration says what holds
    private const int AacHeaderSize = 2;
    private const int ExHeaderSize = 5;

    /// <summary>
    /// Brings a body into the one form that the rest of the server knows, in place, and says what it is: Enhanced <c>mp4a</c> becomes a legacy AAC body,
    /// ModEx and multitrack wrapping are taken off; all else stays as it came.
    /// </summary>
    /// <param name="body">The caller must be its sole owner. The payload is not moved.</param>
    public static AudioTag Normalise(SharedBuffer body)
    {
        var bytes = body.Span;
        if (bytes.Length == 0) return Other("It is empty, which stands for silence.");
        if (bytes[0] >> 4 != ExFormat) return ReadLegacy(bytes);
        var header = ExHeader.ReadAudio(bytes);
        if (header.Error is { } error) return Invalid(error);
        if (header.IsOtherTrack) return Other("It holds no track 0.");
        body.TrimEnd(bytes.Length - header.PayloadOffset - header.PayloadLength);
        return (Codec)header.FourCc == Codec.Aac ? ToLegacy(body, header) : ToPlain(body, header);
    }

    /// <summary>Reads a body that has that form.</summary>
    public static AudioTag Read(ReadOnlySpan<byte> body)
    {
        if (body.Length == 0) return Other("It is empty, which stands for silence.");
        if (body[0] >> 4 != ExFormat) return ReadLegacy(body);
        return body.Length < ExHeaderSize ? Invalid("It ends inside the audio header.") : ReadPlain(body);
    }

    private static AudioTag ReadLegacy(ReadOnlySpan<byte> bytes)
    {
        switch (bytes[0] >> 4)
        {
            case AacFormat:
                if (bytes.Length < AacHeaderSize) return Invalid("It ends inside the audio header.");
                if (bytes[1] > 1) return Invalid($"AAC packet type {bytes[1]} does not exist.");
                return WithPayload(new AudioTag(bytes[1] == 0 ? TagContent.Header : TagContent.Frame, Codec.Aac, AacHeaderSize), bytes);
            case Mp3Format or Mp3At8KhzFormat:
                return WithPayload(new AudioTag(TagContent.Frame, Codec.Mp3, 1), bytes);
            default:
                return WithPayload(new AudioTag(TagContent.Frame, Codec.OtherAudio, 1), bytes);
        }
    }

    private static AudioTag ToLegacy(SharedBuffer body, in ExHeader header)
    {
        if (header.PacketType == ExPacketType.SequenceEnd) return new AudioTag(TagContent.End, Codec.Aac, header.PayloadOffset);
        if (header.PacketType is not (ExPacketType.SequenceStart or ExPacketType.CodedFrames)) return OtherPacket(header.PacketType);
        body.TrimStart(header.PayloadOffset - AacHeaderSize);
        body.Span[0] = AacFirstByte;
        body.Span[1] = (byte)header.PacketType;
        return ReadLegacy(body.Span);
    }

    private static AudioTag ToPlain(SharedBuffer body, in ExHeader header)
    {
        body.TrimStart(header.PayloadOffset - ExHeaderSize);
        var bytes = body.Span;
        bytes[0] = (byte)(ExFormat << 4 | (byte)header.PacketType);
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], header.FourCc);
        return ReadPlain(bytes);
    }

    private static AudioTag ReadPlain(ReadOnlySpan<byte> bytes)
    {
        var codec = (Codec)BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]);
        var packetType = (ExPacketType)(bytes[0] & 0x0F);
        if (codec is not (Codec.Opus or Codec.Flac or Codec.Mp3 or Codec.Ac3 or Codec.Eac3)) return Invalid($"The audio FourCC {(uint)codec:x8} is not known.");
        return packetType switch
        {
            // An Opus configuration may be empty.
            ExPacketType.SequenceStart => new AudioTag(TagContent.Header, codec, ExHeaderSize),
            ExPacketType.CodedFrames => WithPayload(new AudioTag(TagContent.Frame, codec, ExHeaderSize), bytes),
            ExPacketType.SequenceEnd => new AudioTag(TagContent.End, codec, ExHeaderSize),
            _ => OtherPacket(packetType),
        };
    }

    private static AudioTag WithPayload(AudioTag tag, ReadOnlySpan<byte> bytes) =>
        bytes.Length > tag.PayloadOffset ? tag : Invalid("It holds no coded bytes.");

    private static AudioTag OtherPacket(ExPacketType type) =>
        type == ExPacketType.Metadata ? Other("It is a channel layout.") : Invalid($"Audio packet type {(int)type} is not known.");

    private static AudioTag Other(string reason) => new(TagContent.Other, Codec.None, 0, reason);

    private static AudioTag Invalid(string reason) => new(TagContent.Invalid, Codec.None, 0, reason);
}
