using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;
using Sluice.Wire.Flv;

namespace Sluice.Pipeline.Ingest;

public enum FrameReadStatus
{
    /// <summary>There is a frame.</summary>
    Frame,

    /// <summary>The message is in order but is no frame: an end of sequence, silence, a seek command, a second track.</summary>
    Skipped,

    /// <summary>The message makes no sense; the reason is worth a (rate limited) line in the log. What follows may be good.</summary>
    Unusable,
}

/// <summary>What became of one message.</summary>
/// <param name="Frame">Set when <paramref name="Status"/> says so. Its body is the message's: no reference of its own.</param>
/// <param name="Reason">Why there is no frame.</param>
public readonly record struct FrameRead(FrameReadStatus Status, Frame Frame, string? Reason);

/// <summary>
/// Makes frames of what RTMP messages and FLV tags carry, whichever of their dialects they are in.
/// </summary>
/// <remarks>
/// The body is rewritten in place (<see cref="VideoTag.Normalise"/>, <see cref="AudioTag.Normalise"/>, data without <c>@setDataFrame</c>), so the caller
/// must be its sole owner; it stays the owner of its one reference. Allocates only for unusable messages. Aggregates are split before.
/// </remarks>
public static class FrameReader
{
    private const byte Amf3Data = 15;

    private static ReadOnlySpan<byte> SetDataFrame => "\u0002\0\u000d@setDataFrame"u8;

    private static ReadOnlySpan<byte> ClearDataFrame => "\u0002\0\u000f@clearDataFrame"u8;

    private static ReadOnlySpan<byte> OnMetaData => "\u0002\0\u000aonMetaData"u8;

    /// <summary>Reads one message.</summary>
    /// <param name="type">8, 9, 18 (<see cref="FlvTagType"/>), or 15, the AMF3 dress of 18.</param>
    /// <param name="time">The message's time, in milliseconds, 32 bits; it becomes the frame's DTS as it is.</param>
    public static FrameRead Read(byte type, uint time, SharedBuffer body) => type switch
    {
        (byte)FlvTagType.Video => ReadVideo(time, body),
        (byte)FlvTagType.Audio => ReadAudio(time, body),
        (byte)FlvTagType.Script => ReadData(time, body),
        Amf3Data => ReadAmf3Data(time, body),
        _ => Unusable($"Message type {type} carries no media."),
    };

    private static FrameRead ReadVideo(uint time, SharedBuffer body)
    {
        var tag = VideoTag.Normalise(body);
        if (tag.Content is not (TagContent.Frame or TagContent.Header)) return None(tag.Content, tag.Reason);
        var flags = tag.Content == TagContent.Header ? FrameFlags.Header : tag.IsKey ? FrameFlags.Key : FrameFlags.None;
        if (tag is { Content: TagContent.Header, Codec: Codec.Avc } && AvcConfig.Parse(body.Span[tag.PayloadOffset..], out var reason) is null)
            return Unusable(reason);
        return Done(new Frame(TrackKind.Video, flags, tag.Codec, time, tag.Cts, body, tag.PayloadOffset, tag.CtsOffset));
    }

    private static FrameRead ReadAudio(uint time, SharedBuffer body)
    {
        var tag = AudioTag.Normalise(body);
        if (tag.Content is not (TagContent.Frame or TagContent.Header)) return None(tag.Content, tag.Reason);
        if (tag is { Content: TagContent.Header, Codec: Codec.Aac } && AacConfig.Parse(body.Span[tag.PayloadOffset..], out var reason) is null)
            return Unusable(reason);
        return Done(new Frame(TrackKind.Audio, tag.Content == TagContent.Header ? FrameFlags.Header : FrameFlags.None, tag.Codec, time, 0, body, tag.PayloadOffset));
    }

    private static FrameRead ReadAmf3Data(uint time, SharedBuffer body)
    {
        if (body.Length == 0 || body.Span[0] != 0) return Unusable("An AMF3 data message begins with another format than 0.");
        body.TrimStart(1);
        return ReadData(time, body);
    }

    private static FrameRead ReadData(uint time, SharedBuffer body)
    {
        if (body.Span.StartsWith(SetDataFrame)) body.TrimStart(SetDataFrame.Length);
        if (body.Length == 0) return Unusable("The data message is empty.");
        if (body.Span.StartsWith(ClearDataFrame)) return new FrameRead(FrameReadStatus.Skipped, default, "It clears the metadata.");
        var flags = body.Span.StartsWith(OnMetaData) ? FrameFlags.Header : FrameFlags.None;
        return Done(new Frame(TrackKind.Data, flags, Codec.None, time, 0, body, 0));
    }

    private static FrameRead Done(in Frame frame) => new(FrameReadStatus.Frame, frame, null);

    private static FrameRead None(TagContent content, string? reason) =>
        content == TagContent.Invalid ? Unusable(reason) : new FrameRead(FrameReadStatus.Skipped, default, reason ?? "It ends a sequence.");

    private static FrameRead Unusable(string? reason) => new(FrameReadStatus.Unusable, default, reason);
}
