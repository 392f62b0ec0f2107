using Microsoft.Extensions.Logging;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Output;

/// <summary>Viewers that keep up, whom the feed sends to without asking their subscribers; and loops that do not keep up.</summary>
public sealed class SteadyTests
{
    private static readonly SimulatedEncoder Encoder = new() { Gop = 25 };

    [Fact]
    public void Where_a_slab_ends_a_viewer_still_costs_one_send_a_tick()
    {
        var rig = new OutputRig(egress: new EgressOptions { Tick = TimeSpan.FromMilliseconds(100) });
        rig.Append(OutputRig.VideoHeader(1));
        rig.Append(OutputRig.Picture(0, key: true, 1000));
        rig.Append(OutputRig.Picture(1100, key: false, 1000));   // a second of pictures only: now it may be joined
        var sink = new TwoPieceSink();
        var subscriber = rig.Output.Open(sink, new SubscribeRequest { Container = Container.Flv, Protocol = "flv" });
        rig.Loops.Tick();
        var opening = sink.Bytes.Count;
        sink.Sends = 0;
        for (var i = 0; i < 100; i++)
        {
            rig.Append(OutputRig.Picture(1140 + i * 40, key: false, 20_000, fill: (byte)i));
            rig.Time.Advance(TimeSpan.FromMilliseconds(1));
            rig.Loops.Tick();
        }
        Assert.True(sink.Bytes.Count - opening > 7 * SlabPool.SlabSize);
        Assert.Equal(100, sink.Sends);
        Assert.Equal(7, sink.SendsOfTwo);
        Assert.Equal(102, FlvBytes.Read([.. sink.Bytes]).Tags.Count(tag => tag.IsVideo && tag.IsFrame));
        Assert.False(subscriber.Finished.IsCompleted);
    }

    [Fact]
    public void A_viewer_that_takes_half_goes_on_where_it_stood_while_the_others_keep_up()
    {
        var rig = new OutputRig(egress: new EgressOptions { Tick = TimeSpan.FromMilliseconds(100) });
        rig.Feed(Encoder, 0, 2000);
        var sinks = Enumerable.Range(0, 5).Select(_ => rig.Open(Container.Rtmp).Sink).ToArray();
        rig.Drain();
        var random = new Random(3);
        for (var now = 2000L; now < 6000; now += 40)
        {
            sinks[2].Room = random.Next(0, 90);
            rig.Feed(Encoder, now, now + 40, headers: false);
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            rig.Loops.Tick();
        }
        sinks[2].Room = long.MaxValue;
        rig.Drain();
        Assert.All(sinks, sink => Assert.Equal(sinks[0].Bytes, sink.Bytes));
        Assert.Equal((6000 - 1000) / 40, RtmpBytes.Read(sinks[2].Bytes).Count(message => message.IsVideo && message.IsFrame));
    }

    [Fact]
    public void Those_who_leave_from_the_middle_take_nobody_with_them()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var viewers = Enumerable.Range(0, 50).Select(_ => rig.Open(Container.Flv)).ToArray();
        rig.Drain();
        var random = new Random(4);
        var left = new HashSet<int>();
        for (var now = 2000L; now < 4000; now += 40)
        {
            var leaving = random.Next(viewers.Length);
            if (left.Add(leaving)) viewers[leaving].Subscriber.Stop("left");
            viewers[leaving].Subscriber.Stop("left again");   // after it has been let go of, too
            rig.Feed(Encoder, now, now + 40, headers: false);
            rig.Loops.Tick();
        }
        for (var i = 0; i < viewers.Length; i++)
        {
            Assert.Equal(left.Contains(i), viewers[i].Subscriber.Finished.IsCompleted);
            if (!left.Contains(i)) Assert.Equal((4000 - 1000) / 40, FlvBytes.Read(viewers[i].Sink.Bytes).Tags.Count(tag => tag.IsVideo && tag.IsFrame));
        }
        Assert.Equal(viewers.Length - left.Count, rig.Output.SubscriberCount);
        Assert.Equal(viewers.Length - left.Count, rig.Loops.Load[0].Subscribers);
    }

    [Fact]
    public void The_bytes_of_a_steady_viewer_are_counted_within_a_second_and_all_of_them_at_its_end()
    {
        var rig = new OutputRig();
        var clients = new Clients(rig.Time);
        using var client = clients.Add(ClientKind.Viewer, "flv", "live/show", null);
        var (subscriber, sink) = rig.Open(Container.Flv, request: new SubscribeRequest { Container = Container.Flv, Protocol = "flv", Client = client });
        rig.Play(Encoder, 0, 5000);
        Assert.InRange(client.BytesOut, sink.Bytes.Length * 3 / 4, sink.Bytes.Length);
        subscriber.Stop("left");
        rig.Loops.Tick();
        Assert.Equal(sink.Bytes.Length, client.BytesOut);
    }

    [Fact]
    public void New_viewers_go_to_the_loop_with_the_least_to_send()
    {
        var heavy = new OutputRig(loops: 2);
        heavy.Append(OutputRig.VideoHeader(1));
        for (var i = 0; i < 60; i++) heavy.Append(OutputRig.Picture(i * 40, key: i % 25 == 0, 100_000));   // 2.5 MB/s
        heavy.Open(Container.Flv);   // weighs as much as three others
        var light = heavy.SecondStream();
        light.Append(OutputRig.Picture(0, key: true));
        for (var i = 0; i < 9; i++) light.Open(Container.Flv);
        Assert.Equal([4, 6], heavy.Loops.Load.Select(load => load.Subscribers));
    }

    [Fact]
    public void A_loop_that_falls_behind_counts_it_and_says_so_but_not_each_time()
    {
        var log = new LineLog();
        using var loop = new EgressLoop(3, TimeSpan.FromMilliseconds(100), TimeProvider.System, log);
        for (var i = 1; i <= 50; i++) loop.OnWalked(i * 100, 60);
        Assert.Empty(log.Lines);
        for (var i = 51; i <= 250; i++) loop.OnWalked(i * 100, 120);
        Assert.Equal(200, loop.Late);
        Assert.Equal(2, log.Lines.Count);
        Assert.StartsWith("egress loop 3 falls behind: 1 walks took longer than 100 ms", log.Lines[0]);
        Assert.StartsWith("egress loop 3 falls behind: 100 walks", log.Lines[1]);
    }

    private sealed class LineLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => true;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> format) => Lines.Add(format(state, error));
    }

    /// <summary>Takes all it is offered, two pieces in one send.</summary>
    private sealed class TwoPieceSink : IByteSink
    {
        public List<byte> Bytes { get; } = [];

        public int Sends { get; set; }

        public int SendsOfTwo { get; private set; }

        public string? Error => null;

        public int NotSent => 0;

        public int Send(ReadOnlyMemory<byte> bytes)
        {
            Bytes.AddRange(bytes.Span);
            Sends++;
            return bytes.Length;
        }

        public int Send(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> more)
        {
            Bytes.AddRange(bytes.Span);
            Bytes.AddRange(more.Span);
            Sends++;
            SendsOfTwo++;
            return bytes.Length + more.Length;
        }

        public bool Flush() => true;

        public void SetNotSentLimit(int bytes)
        {
        }

        public bool Finish() => true;
    }
}
