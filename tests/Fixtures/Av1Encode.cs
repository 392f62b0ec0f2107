using System.Buffers.Binary;

namespace Fixtures;

/// <summary>The pictures of an encode as libaom makes AV1 of them, good enough for every number to be read, as they stand in E-FLV and MP4: temporal units without their delimiters.</summary>
/// <param name="Config">The av1C.</param>
/// <param name="Units">One for each picture, in the order of time; every <see cref="Gop"/>-th is a keyframe.</param>
public sealed record Av1Encode(byte[] Config, IReadOnlyList<byte[]> Units)
{
    public const int Gop = 50;

    private const int IvfHeader = 32, IvfFrameHeader = 12;

    /// <summary>The first <paramref name="seconds"/>; takes about half of that.</summary>
    public static Av1Encode Of(EncodeRecipe encode, int seconds)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-av1-").FullName;
        try
        {
            Ffmpeg.Run(folder, ["-t", $"{seconds}", "-i", EncodeFiles.PathOf(encode), "-an", "-fps_mode", "passthrough", "-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-b:v", "0", "-crf", "20", "-g", $"{Gop}", "-keyint_min", $"{Gop}", "x.mp4"]);
            Ffmpeg.Run(folder, ["-i", "x.mp4", "-c", "copy", "x.ivf"]);
            return new Av1Encode(ReadConfig(File.ReadAllBytes(Path.Combine(folder, "x.mp4"))), ReadUnits(File.ReadAllBytes(Path.Combine(folder, "x.ivf"))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] ReadConfig(byte[] mp4)
    {
        var type = mp4.AsSpan().IndexOf("av1C"u8);
        return mp4[(type + 4)..(type - 4 + (int)BinaryPrimitives.ReadUInt32BigEndian(mp4.AsSpan(type - 4)))];
    }

    private static List<byte[]> ReadUnits(byte[] ivf)
    {
        ReadOnlySpan<byte> delimiter = [0x12, 0];
        List<byte[]> units = [];
        for (var rest = ivf.AsSpan(IvfHeader); rest.Length > 0;)
        {
            var unit = rest.Slice(IvfFrameHeader, (int)BinaryPrimitives.ReadUInt32LittleEndian(rest));
            rest = rest[(IvfFrameHeader + unit.Length)..];
            units.Add([.. unit.StartsWith(delimiter) ? unit[delimiter.Length..] : unit]);
        }
        return units;
    }
}
