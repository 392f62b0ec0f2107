using Microsoft.Extensions.Time.Testing;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Output;

/// <summary>A stream's log and its output under a fake clock, with a loop that the test ticks.</summary>
internal sealed class OutputRig
{
    public OutputRig(PlayOptions? play = null, EgressOptions? egress = null, long maxBytesBehind = 128 << 20, int loops = 1)
        : this(play, egress, maxBytesBehind, new(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero)), time => TestLoops.Make(time, egress, loops))
    {
    }

    private OutputRig(PlayOptions? play, EgressOptions? egress, long maxBytesBehind, FakeTimeProvider time, Func<FakeTimeProvider, EgressLoops> loops)
    {
        Time = time;
        Log = new StreamLog(play ?? new PlayOptions(), time: Arrivals);
        Loops = loops(time);
        Output = new StreamOutput(Log, "live/show", egress ?? new EgressOptions(), Loops, Time) { MaxBytesBehind = maxBytesBehind };
    }

    public FakeTimeProvider Time { get; }

    /// <summary>The clock by which frames arrive: what the loops send meanwhile takes none of its time.</summary>
    public FakeTimeProvider Arrivals { get; } = new();

    public StreamLog Log { get; }

    public EgressLoops Loops { get; }

    public StreamOutput Output { get; }

    /// <summary>Another stream on the same loops.</summary>
    public OutputRig SecondStream() => new(null, null, 128 << 20, Time, _ => Loops);

    /// <summary>Appends what an encoder sends in [<paramref name="from"/>, <paramref name="to"/>), without ticking.</summary>
    public void Feed(SimulatedEncoder encoder, long from, long to, bool headers = true)
    {
        foreach (var (_, frame) in encoder.Frames(from, to, headers)) Append(frame);
    }

    /// <summary>The same in real order: the clock goes on and the loop ticks with each frame.</summary>
    public void Play(SimulatedEncoder encoder, long from, long to, bool headers = true)
    {
        var now = from;
        foreach (var (at, frame) in encoder.Frames(from, to, headers))
        {
            Advance(at - now);
            now = at;
            Append(frame);
            Loops.Tick();
        }
        Advance(to - now);
        Loops.Tick();
    }

    public void Append(in Frame frame)
    {
        lock (Log.Gate) Log.Append(frame);
        frame.Body.Release();
    }

    public void End()
    {
        lock (Log.Gate) Log.End();
    }

    public (Subscriber Subscriber, MemorySink Sink) Open(Container container, MemorySink? sink = null, SubscribeRequest? request = null)
    {
        sink ??= new MemorySink();
        request ??= new SubscribeRequest { Container = container, Protocol = container == Container.Flv ? "flv" : "rtmp" };
        return (Output.Open(sink, request), sink);
    }

    /// <summary>Lets time pass until all that a burst holds back has been sent.</summary>
    public void Drain()
    {
        for (var i = 0; i < 400; i++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(40));
            Loops.Tick();
        }
    }

    public static Frame Picture(long dts, bool key, int size = 20, int cts = 0, byte fill = 1)
    {
        var body = SharedBuffer.Rent(size);
        body.Append([(byte)(key ? 0x17 : 0x27), 1, 0, 0, 0]);
        body.Free[..(size - 5)].Fill(fill);
        body.Advance(size - 5);
        return new Frame(TrackKind.Video, key ? FrameFlags.Key : FrameFlags.None, Codec.Avc, dts, cts, body, 5, 2);
    }

    public static Frame Sound(long dts) => new(TrackKind.Audio, FrameFlags.None, Codec.Aac, dts, 0, SharedBuffer.CopyOf([0xAF, 1, 7, 7]), 2);

    public static Frame Metadata(long dts) =>
        new(TrackKind.Data, FrameFlags.Header, Codec.None, dts, 0, SharedBuffer.CopyOf([2, 0, 10, .. "onMetaData"u8, 8, 0, 0, 0, 0, 0, 0, 9]), 0);

    public static Frame VideoHeader(params ReadOnlySpan<byte> avcC)
    {
        var body = SharedBuffer.CopyOf([0x17, 0, 0, 0, 0]);
        body.Append(avcC);
        return new Frame(TrackKind.Video, FrameFlags.Header, Codec.Avc, 0, 0, body, 5);
    }

    private void Advance(long milliseconds)
    {
        Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        Arrivals.Advance(TimeSpan.FromMilliseconds(milliseconds));
    }
}
