using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Output.Rtmp;

/// <summary>
/// Frames as RTMP chunks with type-1 headers only (RTMP 1.0 §5.3.1.2.2), the same bytes for every player and push.
/// </summary>
/// <remarks>
/// <code>
///   log:      | 1·csid 6 Δ | 1·csid 4 Δ | 1·csid 6 Δ |  …         Δ: time since the last message of the same chunk stream
///   preface:  | 0·csid 4 absolute (onMetaData) | 0·csid 4 absolute (audio header) | 0·csid 6 absolute (video header) |
/// </code>
/// A type-1 header means something only to whoever knows its chunk stream's last time and message stream: the preface tells both. Time deltas stay below
/// the 24 bits that would need an extended timestamp, unless a track is silent for 4.6 hours.
/// </remarks>
internal sealed class RtmpMuxer : Muxer
{
    private const int ChunkSize = RtmpMedia.ChunkSize;
    private const byte Sound = RtmpMedia.SoundChunkStream;
    private const byte Picture = RtmpMedia.PictureChunkStream;
    private const byte Type1 = 1 << 6;
    private const byte Type3 = 3 << 6;
    private const int MaxTime24 = 0xFFFFFF;
    private const int HeaderRoom = 16;
    private const int HeadRoom = 32;

    /// <summary>A silent chunk stream further behind than this gets a message that means nothing, so that joiners' times begin near 0.</summary>
    private const long MaxSilence = 10_000;

    private bool _hasSound;

    public override bool CanJump => true;

    public override void BeforeJoinPoint(SlabLog log, long dts)
    {
        if (dts - Times.Sound > MaxSilence) Write(log, new Message(MessageType.Data, dts, Metadata.Harmless));
        if (dts - Times.Picture > MaxSilence) Write(log, new Message(MessageType.Data, dts, Metadata.Harmless), Picture);
    }

    public override void Write(SlabLog log, in Message message)
    {
        _hasSound |= message.Type == MessageType.Audio;
        // Data shares the sound's chunk stream: at a time ahead of the next sound it would move that.
        if (message.Type == MessageType.Data && _hasSound) Write(log, new Message(message.Type, Math.Min(message.Dts, Times.Sound), message.Body), Sound);
        else Write(log, message, message.Type == MessageType.Video ? Picture : Sound);
    }

    public override long BaseFor(in JoinEntry entry) => Math.Min(entry.Before.Sound, entry.Before.Picture);

    public override void WritePreface(SharedBuffer preface, in JoinEntry entry, long timeBase, PrefaceFor joiner)
    {
        var headers = entry.Headers;
        var (sound, picture) = (entry.Before.Sound - timeBase, entry.Before.Picture - timeBase);
        // At time 0 where the sound's header comes behind: at any other, ffmpeg takes a data message for a track of its own.
        var begins = timeBase == BaseFor(entry) && headers.Audio is not null;
        var metadata = SharedBuffer.Rent(Metadata.SetDataFrame.Length + Metadata.LengthOf(headers.Metadata));
        if (joiner.AsPublisher) metadata.Append(Metadata.SetDataFrame);
        Metadata.Append(metadata, headers.Metadata, entry.Utc - (entry.Dts - timeBase), timeBase);
        Open(preface, Sound, begins ? 0 : sound, MessageType.Data, metadata.Span, joiner.MessageStreamId);
        metadata.Release();
        if (headers.Audio is { } audio) Open(preface, Sound, sound, MessageType.Audio, audio, joiner.MessageStreamId);
        if (headers.Video is { } video) Open(preface, Picture, picture, MessageType.Video, video, joiner.MessageStreamId);
        else Open(preface, Picture, picture, MessageType.Data, Metadata.Harmless, joiner.MessageStreamId);
    }

    private void Write(SlabLog log, in Message message, byte chunkStream)
    {
        var last = chunkStream == Picture ? Times.Picture : Times.Sound;
        var dts = Math.Max(message.Dts, last);
        Times = chunkStream == Picture ? Times with { Picture = dts } : Times with { Sound = dts };

        Span<byte> head = stackalloc byte[HeaderRoom + HeadRoom];
        var delta = dts - last;
        var length = WriteHeader(head, (byte)(Type1 | chunkStream), delta, message.Type, message.Body.Length);
        var patched = PatchedHead(head[length..], message);
        log.Append(head[..(length + patched)]);

        var rest = message.Body[patched..];
        var room = ChunkSize - patched;
        Span<byte> continuation = head[..(1 + sizeof(uint))];
        continuation[0] = (byte)(Type3 | chunkStream);
        BinaryPrimitives.WriteUInt32BigEndian(continuation[1..], (uint)delta);
        if (delta < MaxTime24) continuation = continuation[..1];
        while (rest.Length > room)
        {
            log.Append(rest[..room]);
            log.Append(continuation);
            rest = rest[room..];
            room = ChunkSize;
        }
        log.Append(rest);
    }

    /// <summary>One message with a type-0 header.</summary>
    private static void Open(SharedBuffer to, byte chunkStream, long time, MessageType type, ReadOnlySpan<byte> body, uint messageStreamId)
    {
        to.EnsureCapacity(to.Length + HeaderRoom + body.Length + 5 * (body.Length / ChunkSize + 1));
        var header = to.Free;
        var wireTime = (uint)time;
        var isExtended = wireTime >= MaxTime24;
        WriteHeader(header, chunkStream, wireTime, type, body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], messageStreamId);
        if (isExtended) BinaryPrimitives.WriteUInt32BigEndian(header[12..], wireTime);
        to.Advance(isExtended ? 16 : 12);
        while (body.Length > ChunkSize)
        {
            to.Append(body[..ChunkSize]);
            body = body[ChunkSize..];
            to.Append([(byte)(Type3 | chunkStream)]);
            if (!isExtended) continue;
            BinaryPrimitives.WriteUInt32BigEndian(to.Free, wireTime);
            to.Advance(sizeof(uint));
        }
        to.Append(body);
    }

    /// <summary>Basic header and the 7 bytes that types 0 and 1 share; then the extended time where type 1 has one.</summary>
    private static int WriteHeader(Span<byte> bytes, byte basic, long time, MessageType type, int length)
    {
        bytes[0] = basic;
        var isExtended = time >= MaxTime24;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[1..], (isExtended ? MaxTime24 : (uint)time) << 8 | (uint)length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[5..], (ushort)length);
        bytes[7] = (byte)type;
        if (!isExtended) return 8;
        BinaryPrimitives.WriteUInt32BigEndian(bytes[8..], (uint)time);
        return 12;
    }
}
