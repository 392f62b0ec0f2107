using System.Diagnostics;
using Sluice.Pipeline;
using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Pipeline.Tests.Alignment;

[Collection(nameof(Alone))]
public sealed class CostTests(ITestOutputHelper output)
{
    [Fact]
    public void Four_sources_allocate_nothing_and_cost_less_than_two_per_cent_of_a_core_each()
    {
        var show = new Programme(30);
        Source[] sources = [.. Enumerable.Range(0, 4).Select(i => new Source(new SourceOptions { Name = $"{i}" }, i, new SwitchOptions()))];
        var aligner = new Aligner(sources);
        var frames = new List<(long At, Source Source, Frame Frame)>();
        foreach (var source in sources)
        {
            source.Open(0);
            aligner.Open(source);
            var encoder = new ContentEncoder { Programme = show, Id = source.Order, Fps = 50, Gop = 100, Phase = 17 * source.Order, BFrames = source.Order, Origin = 1000 * source.Order };
            foreach (var (at, raw) in encoder.Frames(0).TakeWhile(sent => sent.At < 60_000))
                if (source.TryAccept(raw, at, out var frame)) frames.Add((at, source, frame));
        }
        frames.Sort((a, b) => a.At.CompareTo(b.At));
        var (next, now) = (0, 0L);
        var (inFrames, inTicks, longest, counted, ticks) = (0L, 0L, 0L, 0, 0);
        void Run(long until)
        {
            for (; now < until; now += 20)
            {
                var start = Stopwatch.GetTimestamp();
                for (; next < frames.Count && frames[next].At <= now; next++, counted++) aligner.OnFrame(frames[next].Source, frames[next].Frame, now);
                var ticked = Stopwatch.GetTimestamp();
                aligner.Tick(now);
                var end = Stopwatch.GetTimestamp();
                inFrames += ticked - start;
                inTicks += end - ticked;
                longest = Math.Max(longest, end - ticked);
                ticks++;
            }
        }
        Run(40_000);
        (inFrames, inTicks, longest, counted, ticks) = (0, 0, 0, 0, 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var cpu = Environment.CpuUsage.TotalTime;
        Run(58_000);
        var share = (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / (58_000 - 40_000) / sources.Length;
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var micro = 1e6 / Stopwatch.Frequency;
        output.WriteLine($"{inFrames * micro / counted:F2} µs a frame, {inTicks * micro / ticks:F1} µs a tick, longest {longest * micro:F0} µs, {share:P3} of a core per source; {aligner.Of(sources[3])}");

        Assert.Equal(0, allocated);
        Assert.InRange(share, 0, 0.02);
        Assert.Equal(AlignmentMethod.Correlation, aligner.Of(sources[3]).Method);
    }
}
