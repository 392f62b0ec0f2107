using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Pipeline.Tests.StreamLogs;

public sealed class StreamLogTests
{
    private static StreamLog Filled(PlayOptions play, SimulatedEncoder encoder, long milliseconds)
    {
        var log = new StreamLog(play);
        foreach (var (_, frame) in encoder.Frames(0, milliseconds))
        {
            log.Append(frame);
            frame.Body.Release();
        }
        return log;
    }

    [Fact]
    public void It_keeps_the_configured_time_cut_at_a_keyframe()
    {
        var log = Filled(new PlayOptions { GopCache = TimeSpan.FromSeconds(4) }, new SimulatedEncoder { Gop = 50 }, 20_000);
        Assert.True(log[log.Head].IsKey);
        Assert.InRange(log.LastDts!.Value - log[log.Head].Dts, 4000, 6000);
        Assert.InRange(log.JoinPoints.Count, 2, 3);
    }

    [Fact]
    public void It_never_holds_more_bytes_than_allowed_even_without_keyframes()
    {
        var log = Filled(new PlayOptions { GopCacheBytes = 2000 }, new SimulatedEncoder { Gop = 100_000 }, 60_000);
        long bytes = 0;
        for (var position = log.Head; position < log.Tail; position++) bytes += log[position].Body.Length;
        Assert.InRange(bytes, 1900, 2000);
        Assert.Empty(log.JoinPoints);
    }

    [Fact]
    public void Sound_alone_is_bounded_and_joinable()
    {
        var log = Filled(new PlayOptions { GopCache = TimeSpan.FromSeconds(2) }, new SimulatedEncoder { HasVideo = false }, 30_000);
        Assert.InRange(log.LastDts!.Value - log[log.Head].Dts, 2000, 2300);
        Assert.InRange(log.JoinPoints.Count, 9, 12);
    }

    [Fact]
    public void A_late_sink_gets_the_headers_in_force_then_what_is_retained_then_what_comes()
    {
        var log = Filled(new PlayOptions { GopCache = TimeSpan.FromSeconds(2) }, new SimulatedEncoder { Gop = 25 }, 10_000);
        var sink = new RecordingSink();
        log.Attach(sink);
        Assert.Equal([TrackKind.Data, TrackKind.Video, TrackKind.Audio], sink.Frames.Take(3).Select(frame => frame.Kind));
        Assert.All(sink.Frames.Take(3), frame => Assert.True(frame.IsHeader));
        Assert.Equal(log.Tail - log.Head + 3, sink.Frames.Count);
        Assert.True(sink.Frames[3].IsKey);

        log.Append(sink.Frames[^1]);
        Assert.Equal(log.Tail - log.Head + 3, sink.Frames.Count);
        log.End();
        Assert.True(sink.Ended);
    }

    private sealed class RecordingSink : IFrameSink
    {
        public List<Frame> Frames { get; } = [];

        public bool Ended { get; private set; }

        public void OnFrame(in Frame frame) => Frames.Add(frame);

        public void OnEnd() => Ended = true;
    }
}
