using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Switching;

/// <summary>Sources that come, go, freeze and are switched in no order at all: what holds for the output always.</summary>
public sealed class RandomShowTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Theory]
    [InlineData(SwitchMode.Keyframe)]
    [InlineData(SwitchMode.Replay)]
    [InlineData(SwitchMode.Auto)]
    public async Task Whatever_the_sources_do_the_output_never_goes_back_and_comes_back_in_lip_sync(SwitchMode mode)
    {
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            await using var show = new SimulatedShow(SimulatedShow.WithSources(3, new SwitchOptions
            {
                Mode = mode, Prefer = seed % 2 == 0 ? SwitchPreference.Stay : SwitchPreference.Priority, Clear = TimeSpan.FromSeconds(3), Hold = TimeSpan.FromSeconds(3),
            }, 1, 2, 3));
            var state = new Dictionary<string, bool>();
            for (var step = 0; step < 40; step++)
            {
                Act(show, state, Names[random.Next(3)], random);
                show.Run(random.Next(1, 3000));
            }
            foreach (var name in Names) show.Stream.Include(name);
            if (!state.ContainsKey("a")) Begin(show, state, "a", random, alone: false);
            if (state["a"]) show.Thaw("live/show-a");
            show.Run(8_000);
            Assert.Equal(CommandResult.Done, show.Stream.SwitchTo("a"));
            show.Run(12_000);

            AssertOutput(show, seed);
        }
    }

    private static void Act(SimulatedShow show, Dictionary<string, bool> state, string name, Random random)
    {
        var path = SimulatedShow.PathOf(name);
        if (!state.TryGetValue(name, out var frozen)) Begin(show, state, name, random, alone: random.Next(4) == 0 && name != "a");
        else if (random.Next(6) == 0) show.Stream.SwitchTo(name);
        else if (random.Next(8) == 0) show.Stream.Exclude(name);
        else if (random.Next(4) == 0) show.Stream.Include(name);
        else if (frozen)
        {
            show.Thaw(path);
            state[name] = false;
        }
        else if (random.Next(2) == 0)
        {
            show.Freeze(path);
            state[name] = true;
        }
        else
        {
            show.Kill(path);
            state.Remove(name);
        }
    }

    private static void Begin(SimulatedShow show, Dictionary<string, bool> state, string name, Random random, bool alone)
    {
        var only = alone ? random.Next(2) : 2;
        show.Start(SimulatedShow.PathOf(name), new SimulatedEncoder
        {
            Gop = random.Next(20, 60), Phase = random.Next(20), BFrames = random.Next(4), Origin = random.NextInt64(1L << 32),
            HasVideo = only != 0, HasSound = only != 1,
        });
        state[name] = false;
    }

    private static void AssertOutput(SimulatedShow show, int seed)
    {
        var log = show.Stream.Log;
        Assert.True(show.Pictures.Any(), $"seed {seed}: no pictures");
        AssertRising(show.Pictures.Select(frame => frame.Dts), seed, "pictures");
        AssertRising(show.Sounds.Select(frame => frame.Dts), seed, "sound");
        Assert.All(show.Pictures, frame => Assert.InRange(frame.Cts, 0, 1000));
        var (picture, sound) = (show.Pictures.Last(), show.Sounds.Last());
        Assert.True(Math.Abs(picture.Pts - sound.Dts) < 200, $"seed {seed}: pictures at {picture.Pts}, sound at {sound.Dts}\n" + string.Join("\n", show.Journal.TakeLast(25).Select(e => $"{e.Time:ss.fff} {e.Kind} {e.From} {e.To} {e.Reason} {e.Method} {e.Note}")) + $"\n{show.Now}");
        Assert.True(log.LastDts <= show.Now + 2000, $"seed {seed}: the output is at {log.LastDts} after {show.Now}");
        var lately = show.Output.Where(o => o.At > show.Now - 9000).Select(o => o.Frame).ToList();
        Assert.True(lately.Count(frame => frame is { Kind: TrackKind.Video, IsMedia: true }) >= 200, $"seed {seed}: pictures are missing\n" + string.Join("\n", show.Journal.TakeLast(25)) + $"\n{show.Now}");
        Assert.True(lately.Count(frame => frame is { Kind: TrackKind.Audio, IsMedia: true }) >= 400, $"seed {seed}: sound is missing");
    }

    private static void AssertRising(IEnumerable<long> times, int seed, string what)
    {
        var last = -1L;
        foreach (var time in times)
        {
            Assert.True(time > last, $"seed {seed}: {what} at {time} after {last}");
            last = time;
        }
    }
}
