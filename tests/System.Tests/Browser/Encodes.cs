using System.Diagnostics;
using System.Globalization;
using System.Tests.Parts;

namespace System.Tests.Browser;

/// <summary>
/// One programme as four encoders make it, 320x180 at 25 fps, every picture with its number in it: a and b have equal parameter sets and keyframes at
/// different places, c has two B-frames, d is Constrained Baseline. What they publish is made beforehand, so that it costs nearly nothing to publish.
/// </summary>
public sealed class Encodes : IAsyncLifetime
{
    public static readonly IReadOnlyList<string> Names = ["a", "b", "c", "d"];

    /// <summary>How long the programme is; publishers end with it.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(100);

    private const int Rate = 25;

    /// <summary>Pictures from keyframe to keyframe, and the first keyframe after the one at 0.</summary>
    private static readonly IReadOnlyList<(int Gop, int Phase, string[] Codec)> Recipes =
    [
        (40, 0, ["-profile:v", "high", "-bf", "0", "-b:v", "300k", "-b:a", "64k"]),
        (40, 17, ["-profile:v", "high", "-bf", "0", "-b:v", "300k", "-b:a", "72k"]),
        (50, 31, ["-profile:v", "high", "-bf", "2", "-b:v", "250k", "-b:a", "80k"]),
        (30, 8, ["-profile:v", "baseline", "-bf", "0", "-b:v", "400k", "-b:a", "96k"]),
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-encodes-").FullName;

    public async ValueTask InitializeAsync()
    {
        Chromium.Require();
        List<string> arguments = ["-hide_banner", "-loglevel", "error", "-f", "lavfi", "-i", $"testsrc2=size=320x180:rate={Rate}",
            "-f", "lavfi", "-i", "aevalsrc='0.3*sin(2*PI*(400*t+t*t))+0.1*random(0)*gt(sin(t),0)':s=48000",
            "-filter_complex", $"noise=alls=12:allf=t,drawbox=x=0:y=0:w=320:h=32:color=black:t=fill,split=4[p0][p1][p2][p3];{string.Join(';', Names.Select((_, n) => $"[p{n}]{Counter(n)}[v{n}]"))}"];
        foreach (var (recipe, n) in Recipes.Select((recipe, n) => (recipe, n)))
            arguments.AddRange(["-map", $"[v{n}]", "-map", "1:a", "-t", Seconds(Length), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "1000", "-sc_threshold", "0",
                "-force_key_frames", $"expr:eq(mod(n,{recipe.Gop}),{recipe.Phase})", "-c:a", "aac", .. recipe.Codec, FileOf(n)]);
        await using var encoder = await Tool.RunAsync("ffmpeg", TimeSpan.FromSeconds(120), arguments);
        Assert.True(File.Exists(FileOf(Names.Count - 1)), encoder.Errors);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The programme begins now.</summary>
    public Programme Begin() => new(this, Stopwatch.StartNew());

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

        public Task<Tool> PublishAsync(string name, string url) => encodes.PublishAsync(name, url, clock);
    }
}
