using System.Diagnostics;
using System.Globalization;
using System.Tests.Parts;

namespace System.Tests.Browser;

/// <summary>
/// One programme as four encoders make it, 320x180 at 25 fps, every picture with its number in it: a and b have equal parameter sets and keyframes at
/// different places, c has two B-frames, d is Constrained Baseline. What they publish is made beforehand, so that it costs nearly nothing to publish.
/// </summary>
public sealed class Encodes : IDisposable
{
    public static readonly IReadOnlyList<string> Names = ["a", "b", "c", "d"];

    private const int Rate = 25;

    /// <summary>Pictures from keyframe to keyframe, and the first keyframe after the one at 0.</summary>
    private static readonly IReadOnlyList<(int Gop, int Phase, string[] Codec)> Recipes =
    [
        (40, 0, ["-preset", "superfast", "-bf", "0", "-b:v", "300k", "-b:a", "64k"]),
        (40, 17, ["-preset", "superfast", "-bf", "0", "-b:v", "280k", "-b:a", "72k"]),
        (50, 31, ["-preset", "superfast", "-bf", "2", "-b:v", "250k", "-b:a", "80k"]),
        (30, 8, ["-preset", "ultrafast", "-profile:v", "baseline", "-bf", "0", "-b:v", "400k", "-b:a", "96k"]),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-encodes-").FullName;

    private Encodes()
    {
    }

    /// <summary>Takes about a seventh of <paramref name="length"/>. Publishers end with the programme.</summary>
    public static async Task<Encodes> MakeAsync(TimeSpan length)
    {
        var encodes = new Encodes();
        List<string> arguments = ["-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", $"testsrc2=size=320x180:rate={Rate}", "-f", "lavfi", "-i", Sound,
            "-filter_complex", $"{Activity},drawbox=x=0:y=0:w=320:h=32:color=black:t=fill,split=4[p0][p1][p2][p3];{string.Join(';', Names.Select((_, n) => $"[p{n}]{Counter(n)}[v{n}]"))}"];
        foreach (var (n, (gop, phase, codec)) in Recipes.Index())
            arguments.AddRange(["-map", $"[v{n}]", "-map", "1:a", "-t", Seconds(length), "-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "1000", "-sc_threshold", "0",
                "-force_key_frames", $"expr:eq(mod(n,{gop}),{phase})", "-c:a", "aac", .. codec, encodes.FileOf(n)]);
        await using var encoder = await Tool.RunAsync("ffmpeg", TimeSpan.FromSeconds(30) + length, arguments);
        Assert.True(File.Exists(encodes.FileOf(Names.Count - 1)), encoder.Errors);
        return encodes;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The programme begins now.</summary>
    public Programme Begin() => new(this, Stopwatch.StartNew());

    /// <summary>The beginning of one encode, as FLV.</summary>
    public async Task<IReadOnlyList<FlvFileTag>> TagsAsync(string name, double seconds)
    {
        var file = Path.Combine(_folder, $"{name}.flv");
        await using var copy = await Tool.RunAsync("ffmpeg", TimeSpan.FromSeconds(30), "-hide_banner", "-loglevel", "error", "-y", "-t", Seconds(TimeSpan.FromSeconds(seconds)), "-i", Path.Combine(_folder, $"{name}.mp4"), "-c", "copy", "-f", "flv", file);
        return FlvFile.Read(await File.ReadAllBytesAsync(file));
    }

    /// <summary>Publishes one encode from the first keyframe that is still to come, when it is due.</summary>
    private async Task<Tool> PublishAsync(string name, string url, Stopwatch clock)
    {
        var n = Names.Index().Single(pair => pair.Item == name).Index;
        var (gop, phase, _) = Recipes[n];
        var picture = clock.Elapsed.TotalSeconds * Rate;
        var key = picture < 1 ? 0 : phase + (gop * Math.Max(0, (int)Math.Ceiling((picture - phase) / gop)));
        var due = TimeSpan.FromSeconds((double)key / Rate);
        if (due > clock.Elapsed) await Task.Delay(due - clock.Elapsed);
        return Tool.Start("ffmpeg", "-hide_banner", "-loglevel", "warning", "-re", "-ss", Seconds(due + TimeSpan.FromMilliseconds(key == 0 ? 0 : 15)), "-i", FileOf(n), "-c", "copy", "-f", "flv", url);
    }

    private string FileOf(int n) => Path.Combine(_folder, $"{Names[n]}.mp4");

    /// <summary>Now busy, now calm, without a period: what the frame sizes of several encodes have in common.</summary>
    private static string Activity => $"noise=alls=14:allf=t:enable='{Gate("n/5", 1)}',noise=alls=30:allf=t:enable='{Gate("n/7", 2)}'";

    private static string Sound => $"aevalsrc='0.3*sin(2*PI*(400*t+t*t))+0.1*(random(0)*2-1)*{Gate("t*12.5", 4)}':s=48000";

    /// <summary>1 or 0, as a hash of the whole part of <paramref name="place"/> falls.</summary>
    private static string Gate(string place, int salt) => $"gt(mod(abs(sin(floor({place})*12.9898+{salt})*43758.5453)\\,1)\\,0.6)";

    /// <summary>Two rows of 16 cells: the bits of the picture's number, lowest left, and below them their complement.</summary>
    private static string Counter(int source)
    {
        var boxes = Enumerable.Range(0, 16).SelectMany(bit =>
        {
            var value = $"mod(floor((n+{source * Picture.PerSource})/{1 << bit})\\,2)";
            return (string[])[$"drawbox=x={20 * bit}:y=0:w=20:h=16:color=white:t=fill:enable='{value}'", $"drawbox=x={20 * bit}:y=16:w=20:h=16:color=white:t=fill:enable='1-{value}'"];
        });
        return string.Join(',', boxes);
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>The programme on air: publishers that start later begin at the place where it is by then.</summary>
    public sealed class Programme(Encodes encodes, Stopwatch clock)
    {
        public TimeSpan Elapsed => clock.Elapsed;

        /// <summary>When it began, in milliseconds since 1970; picture n is live n / 25 s later.</summary>
        public double Began { get; } = (DateTimeOffset.UtcNow - clock.Elapsed).ToUnixTimeMilliseconds();

        /// <summary>How old a picture was when it came on screen, in milliseconds.</summary>
        public double AgeOf(Picture picture) => picture.Time - Began - 1000.0 * picture.Number / Rate;

        public Task<Tool> PublishAsync(string name, string url) => encodes.PublishAsync(name, url, clock);
    }
}
