using Sluice.Wire.Buffers;
using Sluice.Wire.Flv;

namespace Sluice.Pipeline.Output.HttpFlv;

/// <summary>Frames as FLV tags (FLV 10.1 §E.4) on one origin, the same bytes for every viewer.</summary>
/// <param name="origin">The stream's time that is 0 in the tags; null: <see cref="Muxer.Lead"/> before the first frame.</param>
/// <remarks>Tag times are signed 32 bit to many players: <see cref="IsSpent"/> says when no more joiners should come.</remarks>
internal sealed class FlvMuxer(long? origin) : Muxer
{
    /// <summary>20 days, in milliseconds: a viewer that joins before may watch for 4.8 days more.</summary>
    public const long MaxAge = 20L * 24 * 3600 * 1000;

    private const int HeadRoom = 32;

    /// <summary>The stream's time that is 0 in the tags; null before the first frame.</summary>
    public long? Origin { get; private set; } = origin;

    public override bool CanJump => false;

    /// <summary>Whether times at <paramref name="dts"/> are too near to what the format can express.</summary>
    public bool IsSpent(long dts) => Origin is { } from && dts - from >= MaxAge;

    public override void Begin(long dts)
    {
        base.Begin(dts);
        Origin ??= dts - Lead;
    }

    public override void Write(SlabLog log, in Message message)
    {
        Advance(message.Type, message.Dts);
        Span<byte> header = stackalloc byte[FlvTagHeader.Size + HeadRoom];
        FlvTagHeader.Write(header, (FlvTagType)message.Type, message.Body.Length, TagTime(message.Dts));
        var patched = PatchedHead(header[FlvTagHeader.Size..], message);
        log.Append(header[..(FlvTagHeader.Size + patched)]);
        log.Append(message.Body[patched..]);
        FlvTagHeader.WriteTrailer(header, message.Body.Length);
        log.Append(header[..FlvTagHeader.TrailerSize]);
    }

    public override long BaseFor(in JoinEntry entry) => Origin!.Value;

    public override bool CanCompress => true;

    public override int Compress(Span<byte> messages) => FlvBurst.Compress(messages);

    public override void WritePreface(SharedBuffer preface, in JoinEntry entry, long timeBase, PrefaceFor joiner)
    {
        var headers = entry.Headers;
        preface.EnsureCapacity(preface.Length + FlvFileHeader.Size);
        FlvFileHeader.Write(preface.Free, joiner.HasAudio, joiner.HasVideo);
        preface.Advance(FlvFileHeader.Size);

        // Time 0: at any other, ffmpeg takes a script tag for a track of its own.
        var start = BeginTag(preface);
        Metadata.Append(preface, headers.Metadata, entry.Utc - (entry.Dts - timeBase), timeBase);
        EndTag(preface, start, FlvTagType.Script, 0);
        if (headers.Video is { } video) WriteTag(preface, FlvTagType.Video, video, TagTime(entry.Dts));
        if (headers.Audio is { } audio) WriteTag(preface, FlvTagType.Audio, audio, TagTime(entry.Dts));
    }

    private uint TagTime(long dts) => (uint)Math.Max(0, dts - Origin!.Value);

    private static void WriteTag(SharedBuffer to, FlvTagType type, ReadOnlySpan<byte> body, uint time)
    {
        var start = BeginTag(to);
        to.Append(body);
        EndTag(to, start, type, time);
    }

    private static int BeginTag(SharedBuffer to)
    {
        var start = to.Length;
        to.EnsureCapacity(start + FlvTagHeader.Size);
        to.Advance(FlvTagHeader.Size);
        return start;
    }

    private static void EndTag(SharedBuffer to, int start, FlvTagType type, uint time)
    {
        var length = to.Length - start - FlvTagHeader.Size;
        FlvTagHeader.Write(to.Span[start..], type, length, time);
        to.EnsureCapacity(to.Length + FlvTagHeader.TrailerSize);
        FlvTagHeader.WriteTrailer(to.Free, length);
        to.Advance(FlvTagHeader.TrailerSize);
    }
}
