using System.Buffers.Binary;

namespace Fixtures;

/// <summary>One track of an encode as another codec, as it stands in MP4 and in Enhanced FLV: its configuration, and its samples in the order of time.</summary>
/// <param name="Config">av1C, hvcC or OpusHead.</param>
public sealed record Mp4Encode(byte[] Config, IReadOnlyList<byte[]> Samples)
{
    /// <summary>Pictures from keyframe to keyframe.</summary>
    public const int Gop = 50;

    /// <summary>Samples of 48 kHz in a packet of Opus.</summary>
    public const int OpusSamples = 960;

    /// <summary>Good enough for every picture's number to be read. Takes about half of <paramref name="seconds"/>.</summary>
    public static Mp4Encode Av1(EncodeRecipe encode, int seconds) =>
        Of(encode, seconds, "av1C"u8, ["-an", "-fps_mode", "passthrough", "-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-b:v", "0", "-crf", "20", "-g", $"{Gop}", "-keyint_min", $"{Gop}"]);

    /// <summary>Likewise.</summary>
    public static Mp4Encode Hevc(EncodeRecipe encode, int seconds) =>
        Of(encode, seconds, "hvcC"u8, ["-an", "-fps_mode", "passthrough", "-c:v", "libx265", "-preset", "ultrafast", "-crf", "18", "-tag:v", "hvc1", "-x265-params", $"keyint={Gop}:min-keyint={Gop}:scenecut=0:bframes=0:log-level=error"]);

    /// <summary>In packets of <see cref="OpusSamples"/>.</summary>
    public static Mp4Encode Opus(EncodeRecipe encode, int seconds)
    {
        var opus = Of(encode, seconds, "dOps"u8, ["-vn", "-c:a", "libopus", "-frame_duration", "20", "-b:a", "96k"]);
        return opus with { Config = OpusHead(opus.Config) };
    }

    private static Mp4Encode Of(EncodeRecipe encode, int seconds, ReadOnlySpan<byte> configBox, string[] codec)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-mp4-").FullName;
        try
        {
            Ffmpeg.Run(folder, ["-t", $"{seconds}", "-i", EncodeFiles.PathOf(encode), .. codec, "x.mp4"]);
            var mp4 = File.ReadAllBytes(Path.Combine(folder, "x.mp4"));
            return new Mp4Encode(Box(mp4, configBox).ToArray(), ReadSamples(Box(mp4, "stsz"u8), Box(mp4, "mdat"u8)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The content of the first box of that type, wherever it stands.</summary>
    private static ReadOnlySpan<byte> Box(ReadOnlySpan<byte> mp4, ReadOnlySpan<byte> type)
    {
        var at = mp4.IndexOf(type);
        return mp4[(at + 4)..(at - 4 + (int)BinaryPrimitives.ReadUInt32BigEndian(mp4[(at - 4)..]))];
    }

    /// <summary>There is one track: its samples lie behind each other. (ISO/IEC 14496-12 §8.7.3.2.)</summary>
    private static List<byte[]> ReadSamples(ReadOnlySpan<byte> sizes, ReadOnlySpan<byte> media)
    {
        var same = BinaryPrimitives.ReadInt32BigEndian(sizes[4..]);
        List<byte[]> samples = [];
        for (var (i, at) = (0, 0); i < BinaryPrimitives.ReadInt32BigEndian(sizes[8..]); i++)
        {
            var size = same > 0 ? same : BinaryPrimitives.ReadInt32BigEndian(sizes[(12 + 4 * i)..]);
            samples.Add(media.Slice(at, size).ToArray());
            at += size;
        }
        return samples;
    }

    /// <summary>What dOps says, in the order of bytes of RFC 7845 §5.1.</summary>
    private static byte[] OpusHead(ReadOnlySpan<byte> box) =>
        [.. "OpusHead"u8, 1, box[1], box[3], box[2], box[7], box[6], box[5], box[4], box[9], box[8], box[10]];
}
