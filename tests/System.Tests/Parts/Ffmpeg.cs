namespace System.Tests.Parts;

/// <summary>The ffmpeg and ffprobe command lines that tests share.</summary>
public static class Ffmpeg
{
    /// <summary>Publishes a moving test picture (25 fps, H.264) and a tone (AAC 48 kHz) in real time until it is disposed.</summary>
    public static Tool Publish(string url, int gop = 25, int bFrames = 0, bool video = true, bool sound = true, int kbps = 300)
    {
        List<string> arguments = ["-hide_banner", "-loglevel", "warning", "-re"];
        if (video) arguments.AddRange(["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"]);
        if (sound) arguments.AddRange(["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"]);
        if (video) arguments.AddRange(["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", $"{kbps}k", "-g", $"{gop}", "-keyint_min", $"{gop}", "-sc_threshold", "0", "-bf", $"{bFrames}"]);
        if (sound) arguments.AddRange(["-c:a", "aac", "-b:a", "64k"]);
        return Tool.Start("ffmpeg", [.. arguments, "-f", "flv", url]);
    }

    /// <summary>The packets that ffprobe reads from <paramref name="url"/> within <paramref name="seconds"/>.</summary>
    public static async Task<Probe> ProbeAsync(string url, int seconds)
    {
        await using var probe = await Tool.RunAsync("ffprobe", TimeSpan.FromSeconds(seconds + 25),
            "-v", "error", "-read_intervals", $"%+{seconds}", "-show_entries", "packet=codec_type,pts_time,dts_time,flags", "-show_entries", "stream=codec_type,codec_name,width,height", "-of", "csv", url);
        var packets = probe.Output.Split('\n').Where(line => line.StartsWith("packet,", StringComparison.Ordinal)).Select(Packet.Parse).OfType<Packet>().ToList();
        var streams = probe.Output.Split('\n').Where(line => line.StartsWith("stream,", StringComparison.Ordinal)).Select(line => line.Trim()).ToList();
        return new Probe(packets, streams, probe.Errors);
    }
}

/// <summary>What ffprobe saw.</summary>
public sealed record Probe(IReadOnlyList<Packet> Packets, IReadOnlyList<string> Streams, string Errors)
{
    public IReadOnlyList<Packet> Video => [.. Packets.Where(packet => packet.Type == "video")];

    public IReadOnlyList<Packet> Audio => [.. Packets.Where(packet => packet.Type == "audio")];
}

/// <summary>One packet; times in seconds.</summary>
public sealed record Packet(string Type, double Pts, double Dts, bool IsKey)
{
    public static Packet? Parse(string line)
    {
        var fields = line.Trim().Split(',');
        if (fields.Length < 5 || !double.TryParse(fields[2], out var pts) || !double.TryParse(fields[3], out var dts)) return null;
        return new Packet(fields[1], pts, dts, fields[4].StartsWith('K'));
    }
}
