using System.Buffers;
using Sluice.Wire.Flv;

namespace Sluice.Pipeline.Output.HttpFlv;

/// <summary>The newest GOP for a viewer that wants to be live at once: its old pictures are there to be decoded, not to be watched.</summary>
/// <remarks>
/// <code>
/// key p p p p p p p p p p | p p p p p p p p p p      natural times
///             key p p p p | p p p p p p p p p p      a millisecond a picture up to the last ten; their sound is dropped
/// </code>
/// Ten pictures keep their times, so that a player has something to play while the next ones come; with three, players stalled (measured in Chromium).
/// </remarks>
internal static class FlvBurst
{
    private const int NaturalPictures = 10;

    /// <summary>Rewrites whole tags, the first picture among them a keyframe, in place. Returns the length that is left.</summary>
    public static int Compress(Span<byte> tags)
    {
        var pictures = ArrayPool<Picture>.Shared.Rent(CountPictures(tags));
        var count = FindPictures(tags, pictures);
        var length = count > NaturalPictures ? Rewrite(tags, pictures.AsSpan(0, count)) : tags.Length;
        ArrayPool<Picture>.Shared.Return(pictures);
        return length;
    }

    private static int Rewrite(Span<byte> tags, ReadOnlySpan<Picture> pictures)
    {
        var old = pictures[..^NaturalPictures];
        var live = pictures[^NaturalPictures].Time;
        var pace = Math.Max(1, (live - old[0].Time) / old.Length);
        var next = live;
        for (var i = old.Length - 1; i >= 0; i--)
        {
            var (at, time, tag) = old[i];
            next = Math.Min(Compressed(time), next - 1);
            SetTime(tags[at..], next);
            if (tag.CtsOffset >= 0) VideoTag.WriteSigned24(tags[(at + FlvTagHeader.Size + tag.CtsOffset)..], (int)Math.Max(0, Compressed(time + tag.Cts) - next));
        }
        return DropOldSound(tags, live, Compressed);

        long Compressed(long time) => time >= live ? time : live - (live - time) / pace;
    }

    /// <summary>Headers and data stay, at times that fit.</summary>
    private static int DropOldSound(Span<byte> tags, long live, Func<long, long> compressed)
    {
        var kept = 0;
        for (int at = 0, size; at < tags.Length; at += size)
        {
            var header = FlvTagHeader.Read(tags[at..]);
            size = FlvTagHeader.Size + header.Length + FlvTagHeader.TrailerSize;
            var isOld = header.Time < live;
            if (header.Type == FlvTagType.Audio && isOld && AudioTag.Read(tags.Slice(at + FlvTagHeader.Size, header.Length)).Content == TagContent.Frame) continue;
            if (header.Type != FlvTagType.Video && isOld) SetTime(tags[at..], compressed(header.Time));
            tags.Slice(at, size).CopyTo(tags[kept..]);
            kept += size;
        }
        return kept;
    }

    private static int CountPictures(ReadOnlySpan<byte> tags)
    {
        var count = 0;
        for (var at = 0; at < tags.Length; at += FlvTagHeader.Size + FlvTagHeader.Read(tags[at..]).Length + FlvTagHeader.TrailerSize)
            if (tags[at] == (byte)FlvTagType.Video) count++;
        return count;
    }

    private static int FindPictures(ReadOnlySpan<byte> tags, Span<Picture> pictures)
    {
        var count = 0;
        for (int at = 0, size; at < tags.Length; at += size)
        {
            var header = FlvTagHeader.Read(tags[at..]);
            size = FlvTagHeader.Size + header.Length + FlvTagHeader.TrailerSize;
            if (header.Type != FlvTagType.Video) continue;
            var tag = VideoTag.Read(tags.Slice(at + FlvTagHeader.Size, header.Length));
            if (tag.Content == TagContent.Frame) pictures[count++] = new Picture(at, header.Time, tag);
        }
        return count;
    }

    private static void SetTime(Span<byte> tag, long time)
    {
        var header = FlvTagHeader.Read(tag);
        FlvTagHeader.Write(tag, header.Type, header.Length, (uint)time);
    }

    private readonly record struct Picture(int At, long Time, VideoTag Tag);
}
