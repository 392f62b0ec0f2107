using System.Buffers;
using System.Tests.Parts;
using Sluice.Pipeline;
using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Ingest;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;
using Sluice.Wire.Flv;

namespace System.Tests;

/// <summary>Real encodes of one programme, at other GOP phases, presets, B-frames and bit rates, begun at other times of it: the lag between any two is found to the frame.</summary>
public sealed class AlignmentTests(ITestOutputHelper output) : IDisposable
{
    private const int Seconds = 30;

    private static readonly Encode[] Encodes =
    [
        new(0, "-preset veryfast -b:v 1500k -maxrate 1500k -bufsize 1500k -g 50 -bf 2", 96),
        new(1480, "-preset medium -b:v 1200k -maxrate 1200k -bufsize 2400k -g 48 -bf 3", 128),
        new(520, "-preset ultrafast -b:v 2000k -g 25 -bf 0", 64),
        new(2960, "-preset faster -b:v 900k -g 100 -bf 1 -refs 2", 160),
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-alignment-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Real_encodes_of_one_programme_are_aligned_to_the_frame()
    {
        var files = await EncodeAllAsync();
        Source[] sources = [.. Encodes.Select((_, i) => new Source(new SourceOptions { Name = $"{(char)('a' + i)}" }, i, new SwitchOptions()))];
        var aligner = new Aligner(sources);
        foreach (var source in sources)
        {
            source.Open(0);
            aligner.Open(source);
        }
        var frames = sources.SelectMany(source => ReadFrames(files[source.Order]).Select(frame => (At: frame.Dts + Encodes[source.Order].StartMs, source, frame))).OrderBy(frame => frame.At).ToList();
        var locked = new long[Encodes.Length];
        var now = 0L;
        foreach (var (at, source, frame) in frames)
        {
            for (; now < at; now += 20)
            {
                aligner.Tick(now);
                foreach (var other in sources)
                    if (locked[other.Order] == 0 && aligner.Of(other).Method == AlignmentMethod.Correlation) locked[other.Order] = now;
            }
            if (source.TryAccept(frame, at, out var accepted)) aligner.OnFrame(source, accepted, at);
            frame.Body.Release();
        }
        for (var a = 0; a < sources.Length; a++)
        {
            output.WriteLine($"{a}: {aligner.Of(sources[a])}, locked after {locked[a]} ms");
            for (var b = a + 1; b < sources.Length; b++)
            {
                var error = Lag(aligner, sources[a], sources[b]) - (HeadOf(frames, a) - HeadOf(frames, b));
                output.WriteLine($"  {a}-{b}: error {error:F2} ms");
                Assert.InRange(error, -2, 2);
                Assert.Equal(AlignmentMethod.Correlation, aligner.Between(sources[a], sources[b]).Method);
            }
        }
    }

    private static double Lag(Aligner aligner, Source a, Source b) => aligner.Of(b).OffsetMs - aligner.Of(a).OffsetMs;

    /// <summary>Where the programme's beginning lies, or would lie, on the source's time line: its first picture shows the programme at the encode's start.</summary>
    private static long HeadOf(List<(long At, Source Source, Frame Frame)> frames, int source) =>
        frames.First(entry => entry.Source.Order == source && entry.Frame is { Kind: TrackKind.Video, IsMedia: true }).Frame.Pts - Encodes[source].StartMs;

    private static List<Frame> ReadFrames(string file)
    {
        List<Frame> frames = [];
        using var reader = new FlvReader();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(file);
        while (reader.Read(rest, out var consumed, out var tag) == OperationStatus.Done)
        {
            rest = rest[consumed..];
            if (FrameReader.Read((byte)tag.Type, tag.Time, tag.Body) is { Status: FrameReadStatus.Frame, Frame: var frame }) frames.Add(frame);
        }
        return frames;
    }

    /// <summary>A programme in which something happens: pictures that move, turn and are noisy at times, a chirp and bursts of noise.</summary>
    private async Task<string[]> EncodeAllAsync()
    {
        var programme = Path.Combine(_folder.FullName, "programme.mkv");
        await FfmpegAsync(
            "-f", "lavfi", "-i", $"testsrc2=size=320x180:rate=25,hue=H=2*PI*t/7,noise=alls=25:allf=t:enable='lt(mod(t,3.1)*mod(t,1.7),1)',rotate=0.3*sin(t*t/9)",
            "-f", "lavfi", "-i", "aevalsrc='0.3*sin(2*PI*(200+40*t)*t)*(0.3+0.7*abs(sin(t*t/3)))+0.4*(random(0)-0.5)*gt(sin(5*t+t*t/5),0.3)':s=48000",
            "-t", $"{Seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", programme);
        var files = Encodes.Select((_, i) => Path.Combine(_folder.FullName, $"{i}.flv")).ToArray();
        for (var i = 0; i < files.Length; i++)
        {
            var start = $"{Encodes[i].StartMs / 1000.0}";
            // The cut is made by filters: they are exact, seeking in a file is not.
            await FfmpegAsync(
                ["-i", programme, "-vf", $"trim=start={start},setpts=PTS-STARTPTS", "-af", $"atrim=start={start},asetpts=PTS-STARTPTS", "-c:v", "libx264", .. Encodes[i].Video.Split(' '), "-c:a", "aac", "-b:a", $"{Encodes[i].SoundKbps}k", "-f", "flv", files[i]]);
        }
        return files;
    }

    private static async Task FfmpegAsync(params string[] arguments)
    {
        await using var tool = await Tool.RunAsync("ffmpeg", TimeSpan.FromSeconds(120), ["-hide_banner", "-loglevel", "error", "-y", .. arguments]);
    }

    private sealed record Encode(int StartMs, string Video, int SoundKbps);
}
