using Pipeline.Tests.Output;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests;

[Collection(nameof(Alone))]
public sealed class AllocationTests
{
    [Fact]
    public async Task A_frame_on_its_way_from_lease_to_log_allocates_nothing()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        var lease = show.Start("live/plain", new SimulatedEncoder { Gop = 50 });
        lock (show.Stream.Log.Gate) show.Stream.Log.Detach(show);
        var frames = new SimulatedEncoder { Gop = 50 }.Frames(0, 60_000).Select(sent => sent.Frame).ToArray();
        var warm = frames.Length / 2;
        for (var i = 0; i < warm; i++) lease.OnFrame(frames[i]);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = warm; i < frames.Length; i++) lease.OnFrame(frames[i]);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.InRange(show.Stream.Log.LastDts!.Value, 59_900, 60_000);
    }

    [Fact]
    public void Muxing_and_sending_allocate_nothing_per_frame()
    {
        var rig = new OutputRig(new PlayOptions { GopCache = TimeSpan.FromSeconds(2) });
        rig.Append(OutputRig.VideoHeader(1));
        for (var viewer = 0; viewer < 10; viewer++)
        {
            rig.Open(Container.Flv, new MemorySink { KeepsNothing = true });
            rig.Open(Container.Rtmp, new MemorySink { KeepsNothing = true });
        }
        var i = 0;
        void Play(int pictures)
        {
            for (var end = i + pictures; i < end; i++)
            {
                rig.Append(OutputRig.Picture(i * 40, key: i % 25 == 0, 3000));
                rig.Loops.Tick();
            }
        }
        Play(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Play(1000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }
}
