using System.Runtime.CompilerServices;
using System.Text.Json;
using Sluice.Pipeline;
using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Alignment;

/// <summary>Frame sizes of two real encodes (x264 veryfast with 2 B-frames and medium with 3, AAC of two bit rates), in order of presentation.</summary>
public sealed class VectorTests(ITestOutputHelper output)
{
    [Fact]
    public void The_lag_between_two_real_encodes_is_found_to_the_frame()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(Here(), "..", "Vectors", "alignment.json")));
        Source[] sources = [new(new SourceOptions { Name = "a" }, 0, new SwitchOptions()), new(new SourceOptions { Name = "b" }, 1, new SwitchOptions())];
        var aligner = new Aligner(sources);
        foreach (var source in sources)
        {
            source.Open(0);
            aligner.Open(source);
        }
        var frames = Frames(json, "A", 0).Concat(Frames(json, "B", 1)).OrderBy(frame => frame.At).ToList();
        long now = 0, locked = 0;
        foreach (var (at, source, frame) in frames)
        {
            for (; now < at; now += 20)
            {
                aligner.Tick(now);
                if (locked == 0 && aligner.Of(sources[1]).Method == AlignmentMethod.Correlation) locked = now;
            }
            if (sources[source].TryAccept(frame, at, out var accepted)) aligner.OnFrame(sources[source], accepted, at);
            frame.Body.Release();
        }
        var found = aligner.Of(sources[1]);
        output.WriteLine($"locked after {locked} ms: {found}");

        Assert.Equal(AlignmentMethod.Correlation, found.Method);
        Assert.Equal(1480, found.OffsetMs - aligner.Of(sources[0]).OffsetMs, 0.5);
        Assert.InRange(locked, 1, 20_000);
    }

    private static IEnumerable<(long At, int Source, Frame Frame)> Frames(JsonDocument json, string name, int source)
    {
        var number = 0;
        foreach (var size in json.RootElement.GetProperty($"{name}_video").GetString()!.Split(' '))
        {
            var isKey = size.EndsWith('K');
            var body = Body(int.Parse(size.TrimEnd('K')) + 5);
            yield return (number * 40, source, new Frame(TrackKind.Video, isKey ? FrameFlags.Key : FrameFlags.None, Codec.Vp9, number * 40, 0, body, 5));
            number++;
        }
        number = 0;
        foreach (var size in json.RootElement.GetProperty($"{name}_audio").GetString()!.Split(' '))
        {
            var at = number++ * 1024 * 1000 / 48_000;
            yield return (at, source, new Frame(TrackKind.Audio, FrameFlags.None, Codec.Aac, at, 0, Body(int.Parse(size) + 2), 2));
        }
    }

    private static SharedBuffer Body(int size)
    {
        var body = SharedBuffer.Rent(size);
        body.Free[..size].Fill((byte)size);
        body.Advance(size);
        return body;
    }

    private static string Here([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
