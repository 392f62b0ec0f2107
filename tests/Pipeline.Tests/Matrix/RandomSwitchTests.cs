using Fixtures;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Matrix;

/// <summary>Hours of an operator who cannot make up his mind: nothing adds up from switch to switch.</summary>
[Trait("Category", "Thorough")]
public sealed class RandomSwitchTests
{
    private const long Settling = 20_000;

    private static readonly string[] Names = ["a", "b", "c", "d"];

    private static readonly long[] Lags = [0, 80, 200, 350];

    [Theory]
    [InlineData(SwitchMode.Lookahead, 10_000)]
    [InlineData(SwitchMode.Replay, 1_000)]
    public async Task Random_switches_among_four_patterns_lose_nothing_and_do_not_drift(SwitchMode mode, int switches)
    {
        var showing = new Showing(frame => SizedEncoder.ContentOf(frame));
        var cell = new Cell(Fault.Operator, mode, 4);
        await using var show = new SimulatedShow(SimulatedShow.WithSources(4, cell.Options)) { Watcher = (at, frame) => showing.Add(at, frame) };
        for (var i = 0; i < Names.Length; i++) show.Start(SimulatedShow.PathOf(Names[i]), Frames(i));
        show.Run(Settling);

        var random = new Random(4);
        var active = 0;
        for (var done = 0; done < switches; done++)
        {
            active = (active + random.Next(1, Names.Length)) % Names.Length;
            Assert.Equal(CommandResult.Done, show.Stream.SwitchTo(Names[active]));
            for (var patience = show.Now + 4000; show.Stream.ActiveName != Names[active]; show.Run(20)) Assert.True(show.Now < patience, $"no switch to {Names[active]} at {show.Now}");
            show.Run(random.Next(400));
        }
        show.Run(5000);

        var verdict = Verdict.On(showing, Settling, show.Now);
        var faults = Expectation.Of(cell, verdict.SilenceBeforeMs).Faults(verdict);
        Assert.True(faults.Count == 0, $"{string.Join("; ", faults)}: {verdict.Breaks}");
        Assert.Equal(switches, show.Cuts.Count());
    }

    /// <summary>Encoder <paramref name="i"/>: its GOP, its B-frames, its lag.</summary>
    private static IEnumerable<(long At, Frame Frame)> Frames(int i) =>
        new SizedEncoder(new SimulatedEncoder { IsLive = true, Gop = 10 + 5 * i, Phase = 3 * i, BFrames = i, Origin = 1_000_000 * i, Mark = (byte)(i + 1) }, Lags[i], seed: i).Frames();
}
