using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Output;

/// <summary>Message types; the same numbers in RTMP and FLV.</summary>
internal enum MessageType : byte { Audio = 8, Video = 9, Data = 18 }

/// <summary>A place where a joiner may begin.</summary>
/// <param name="Position">Of the keyframe's message.</param>
/// <param name="Utc">Wall time of <paramref name="Dts"/>, in milliseconds since 1970.</param>
internal readonly record struct JoinEntry(long Position, long Dts, long Utc, TrackTimes Before, HeaderSet Headers);

/// <summary>One message for a MuxLog.</summary>
/// <param name="ctsOffset">Where <paramref name="cts"/> is written over what stands in the body; −1: nowhere.</param>
internal readonly ref struct Message(MessageType type, long dts, ReadOnlySpan<byte> body, int cts = 0, int ctsOffset = -1)
{
    public MessageType Type { get; } = type;

    public long Dts { get; } = dts;

    public ReadOnlySpan<byte> Body { get; } = body;

    public int Cts { get; } = cts;

    public int CtsOffset { get; } = ctsOffset;
}

/// <summary>Who a preface is for.</summary>
/// <param name="HasAudio">Whether sound is known of by now, though perhaps not at the entry.</param>
/// <param name="HasVideo">The same of pictures.</param>
internal readonly record struct PrefaceFor(uint MessageStreamId, bool AsPublisher, bool HasAudio, bool HasVideo);

/// <summary>Makes one container's bytes. Used by the stream's writer, under its lock.</summary>
internal abstract class Muxer
{
    /// <summary>Before the first message an unused time line stands this long before it, so that tracks may begin askew.</summary>
    protected const long Lead = 400;

    /// <summary>The last time written on each time line.</summary>
    public TrackTimes Times { get; protected set; }

    /// <summary>Called once, before the first message.</summary>
    public virtual void Begin(long dts) => Times = new TrackTimes(dts - Lead, dts - Lead);

    /// <summary>Called at a join point, before its entry is made: the place for bytes that keep prefaces possible.</summary>
    public virtual void BeforeJoinPoint(SlabLog log, long dts)
    {
    }

    public abstract void Write(SlabLog log, in Message message);

    /// <summary>Writes what a joiner needs before the bytes from <paramref name="entry"/> on.</summary>
    /// <param name="timeBase">The stream's time that is 0 to this joiner.</param>
    public abstract void WritePreface(SharedBuffer preface, in JoinEntry entry, long timeBase, PrefaceFor joiner);

    /// <summary>The time base of whoever begins at <paramref name="entry"/>.</summary>
    public abstract long BaseFor(in JoinEntry entry);

    /// <summary>Whether there is <see cref="Compress"/>.</summary>
    public virtual bool CanCompress => false;

    /// <summary>Lets what is old in a copy of whole messages, from a keyframe on, pass at once, in place. Returns what is left of their length.</summary>
    public virtual int Compress(Span<byte> messages) => throw new NotSupportedException();

    /// <summary>Whether a subscriber may go on elsewhere in the log, with a new preface.</summary>
    public abstract bool CanJump { get; }

    protected void Advance(MessageType type, long dts) =>
        Times = type == MessageType.Video ? Times with { Picture = dts } : Times with { Sound = dts };

    /// <summary>Writes a body in two parts with its composition time put right.</summary>
    protected static int PatchedHead(Span<byte> room, in Message message)
    {
        if (message.CtsOffset < 0 || message.CtsOffset + 3 > message.Body.Length || message.CtsOffset + 3 > room.Length) return 0;
        var length = message.CtsOffset + 3;
        message.Body[..length].CopyTo(room);
        room[length - 3] = (byte)(message.Cts >> 16);
        room[length - 2] = (byte)(message.Cts >> 8);
        room[length - 1] = (byte)message.Cts;
        return length;
    }
}
