using System.Buffers.Binary;
using Sluice.Pipeline.Output.Hls;
using Sluice.Wire.Cmaf;

namespace Pipeline.Tests.Output.Hls;

/// <summary>A picture or sound in a file, by its place there, in milliseconds.</summary>
internal readonly record struct FileSample(double Decoded, double Shown, double Duration);

/// <summary>When the pictures and sounds of a part are decoded and shown, read off its boxes.</summary>
internal static class PartTimes
{
    private const int DataOffset = 0x001, Duration = 0x100, Size = 0x200, Flags = 0x400, Cts = 0x800;

    public static (IReadOnlyList<FileSample> Pictures, IReadOnlyList<FileSample> Sounds) Of(HlsPart part)
    {
        var bytes = HlsRig.BytesOf(part).AsSpan();
        List<FileSample> pictures = [], sounds = [];
        for (var moof = Inside(bytes, "moof"u8); !moof.IsEmpty;)
        {
            var traf = Inside(moof, "traf"u8, out moof);
            if (traf.IsEmpty) break;
            var isVideo = Number(Inside(traf, "tfhd"u8), 4) == HlsInit.VideoTrackId;
            Read(Inside(traf, "trun"u8), BinaryPrimitives.ReadInt64BigEndian(Inside(traf, "tfdt"u8)[4..]), isVideo ? CmafTrack.VideoTimescale / 1000.0 : 48, isVideo ? pictures : sounds);
        }
        return (pictures, sounds);
    }

    private static void Read(ReadOnlySpan<byte> run, long time, double unit, List<FileSample> to)
    {
        var has = Number(run, 0) & 0xFFFFFF;
        var at = (has & DataOffset) != 0 ? 12 : 8;
        for (var left = Number(run, 4); left > 0; left--)
        {
            var duration = Next(run, Duration, has, ref at);
            Next(run, Size, has, ref at);
            Next(run, Flags, has, ref at);
            to.Add(new FileSample(time / unit, (time + Next(run, Cts, has, ref at)) / unit, duration / unit));
            time += duration;
        }
    }

    private static int Next(ReadOnlySpan<byte> run, int field, int has, ref int at)
    {
        if ((has & field) == 0) return 0;
        at += 4;
        return Number(run, at - 4);
    }

    private static int Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32BigEndian(bytes[at..]);

    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type) => Inside(boxes, type, out _);

    /// <summary>The content of the first box of that type, and what follows it; empty where there is none.</summary>
    private static ReadOnlySpan<byte> Inside(ReadOnlySpan<byte> boxes, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> rest)
    {
        for (rest = boxes; rest.Length >= 8;)
        {
            var size = Number(rest, 0);
            var box = rest[..size];
            rest = rest[size..];
            if (box[4..8].SequenceEqual(type)) return box[8..];
        }
        return [];
    }
}
