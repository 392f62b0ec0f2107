using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Output;

/// <summary>How the loop sends: partial sends, slab ends, private bytes, slow viewers, the end.</summary>
public sealed class EgressTests
{
    private static readonly SimulatedEncoder Encoder = new() { Gop = 25 };

    private static OutputRig BigShow(int pictures, int size, EgressOptions? egress = null, PlayOptions? play = null)
    {
        var rig = new OutputRig(play, egress);
        rig.Append(OutputRig.VideoHeader(1));
        for (var i = 0; i < pictures; i++) rig.Append(OutputRig.Picture(i * 40, key: i % 25 == 0, size, fill: (byte)i));
        return rig;
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void Partial_sends_across_slabs_lose_and_repeat_nothing(Container container)
    {
        var rig = BigShow(pictures: 60, size: 100_001);
        var random = new Random(1);
        var sink = new MemorySink();
        rig.Open(container, sink);
        for (var i = 0; i < 60; i++)
        {
            sink.Room = random.Next(1, 40_000);
            rig.Time.Advance(TimeSpan.FromMilliseconds(20));
            rig.Loops.Tick();
        }
        sink.Room = long.MaxValue;
        rig.Drain();

        var pictures = Read(container, sink).Where(message => message.IsVideo && message.IsFrame).ToList();
        Assert.Equal(10, pictures.Count);
        for (var i = 0; i < pictures.Count; i++)
        {
            Assert.Equal(100_001, pictures[i].Body.Length);
            Assert.Equal(-1, pictures[i].Body.AsSpan(5).IndexOfAnyExcept((byte)(50 + i)));
        }
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void A_keyframe_of_10_MB_goes_through(Container container)
    {
        var rig = new OutputRig();
        rig.Append(OutputRig.VideoHeader(1));
        for (var i = 0; i < 50; i++) rig.Append(OutputRig.Picture(i * 40, key: i == 10, i == 10 ? 10_000_000 : 1000));
        var (_, sink) = rig.Open(container);
        rig.Drain();
        var key = Assert.Single(Read(container, sink), message => message.IsKey);
        Assert.Equal(10_000_000, key.Body.Length);
        Assert.True(sink.Sends.Max() <= SlabPool.SlabSize);
    }

    [Fact]
    public void Composition_times_of_the_output_are_written_into_the_bodies()
    {
        var rig = new OutputRig();
        rig.Append(OutputRig.VideoHeader(1));
        for (var i = 0; i < 30; i++) rig.Append(OutputRig.Picture(i * 40, key: i == 0, cts: 80 + i));
        foreach (var container in new[] { Container.Flv, Container.Rtmp })
        {
            var (_, sink) = rig.Open(container);
            rig.Drain();
            var pictures = Read(container, sink).Where(message => message.IsVideo && message.IsFrame).ToList();
            Assert.Equal(Enumerable.Range(80, 30), pictures.Select(picture => (picture.Body[2] << 16) | (picture.Body[3] << 8) | picture.Body[4]));
        }
    }

    [Fact]
    public void Private_bytes_go_between_messages_however_the_sends_were_cut()
    {
        byte[] ping = [2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 7, 1, 2, 3, 4];
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var (subscriber, sink) = rig.Open(Container.Rtmp);
        rig.Loops.Tick();
        sink.Bite = 7;
        var random = new Random(2);
        for (var now = 2000L; now < 4000; now += 40)
        {
            rig.Feed(Encoder, now, now + 40, headers: false);
            sink.Room = random.Next(1, 60);
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            rig.Loops.Tick();
            if (now % 400 == 0) subscriber.SendPrivate(ping);
        }
        sink.Room = long.MaxValue;
        rig.Drain();

        var messages = RtmpBytes.Read(sink.Bytes);
        Assert.Equal(5, messages.Count(message => message.ChunkStream == 2));
        Assert.All(messages.Where(message => message.ChunkStream == 2), message => Assert.Equal(ping[12..], message.Body));
        Assert.Equal((4000 - 1000) / 40, messages.Count(message => message.IsVideo && message.IsFrame));
    }

    [Fact]
    public void Slabs_are_reused_but_never_under_a_slow_reader()
    {
        var egress = new EgressOptions { MaxLag = TimeSpan.FromHours(1) };
        var rig = new OutputRig(new PlayOptions { GopCache = TimeSpan.FromSeconds(2) }, egress);
        rig.Append(OutputRig.VideoHeader(1));
        var sink = new MemorySink { Room = 50_000 };
        var (subscriber, _) = rig.Open(Container.Flv, sink);
        var i = 0;
        void More(int count)
        {
            for (var end = i + count; i < end; i++)
            {
                rig.Append(OutputRig.Picture(i * 40, key: i % 25 == 0, 20_000, fill: (byte)(i % 251)));
                rig.Time.Advance(TimeSpan.FromMilliseconds(40));
                rig.Loops.Tick();
            }
        }
        More(400);
        var held = subscriber.Mux.SlabCount;
        Assert.InRange(held, 375 * 20_000 / SlabPool.SlabSize, 375 * 20_000 / SlabPool.SlabSize + 3);
        sink.Room = long.MaxValue;
        rig.Drain();
        More(200);
        rig.Drain();
        Assert.InRange(subscriber.Mux.SlabCount, 1, 10);

        var pictures = FlvBytes.Read(sink.Bytes).Tags.Where(tag => tag.IsVideo && tag.IsFrame).ToList();
        Assert.Equal(575, pictures.Count);   // it joined at the keyframe of 1 s
        for (var n = 0; n < pictures.Count; n++) Assert.Equal(-1, pictures[n].Body.AsSpan(5).IndexOfAnyExcept((byte)((n + 25) % 251)));
    }

    [Fact]
    public void A_slow_RTMP_player_goes_on_at_a_keyframe_with_no_gap_in_its_time()
    {
        var rig = new OutputRig(egress: new EgressOptions { MaxLag = TimeSpan.FromSeconds(2) });
        var sink = new MemorySink();
        var (subscriber, _) = rig.Open(Container.Rtmp, sink);
        rig.Play(Encoder with { BFrames = 2 }, 0, 3000);
        sink.Room = 133;   // stops inside a message
        rig.Play(Encoder with { BFrames = 2 }, 3000, 9500, headers: false);
        sink.Room = long.MaxValue;
        rig.Play(Encoder with { BFrames = 2 }, 9500, 12_000, headers: false);

        var messages = RtmpBytes.Read(sink.Bytes);
        Assert.InRange(subscriber.DroppedGops, 4, 8);
        Assert.Equal(1, rig.Output.Drops);
        Assert.Equal(2, messages.Count(message => message.IsVideo && message.IsHeader));
        foreach (var track in new[] { messages.Where(message => message.ChunkStream == 6), messages.Where(message => message.ChunkStream == 4) })
        {
            var times = track.SkipWhile(message => !message.IsFrame).Select(message => message.Time).ToList();
            Assert.All(times.Zip(times.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 0, 100));
        }
        var header = messages.FindLastIndex(message => message.IsVideo && message.IsHeader);
        Assert.True(messages[header + 1].IsKey);
        Assert.InRange(messages.Last(message => message.IsAudio).Time - messages.Last(message => message.IsVideo).Time, -40, 40);
        Assert.InRange(subscriber.LagMs, 0, 60);
    }

    [Fact]
    public async Task An_RTMP_player_stuck_inside_a_message_is_given_up_before_it_keeps_much()
    {
        var rig = new OutputRig(egress: new EgressOptions { MaxLag = TimeSpan.FromSeconds(2) }, maxBytesBehind: 2000);
        var sink = new MemorySink();
        var (subscriber, _) = rig.Open(Container.Rtmp, sink);
        rig.Play(Encoder, 0, 3000);
        sink.Room = 133;
        rig.Play(Encoder, 3000, 12_000, headers: false);
        Assert.True(subscriber.Finished.IsCompleted);
        Assert.Equal(EndReason.TooSlow, (await EndOf(subscriber)).Reason);
    }

    [Fact]
    public async Task A_slow_FLV_viewer_is_closed_with_the_reason_and_nobody_else_notices()
    {
        var rig = new OutputRig(egress: new EgressOptions { MaxLag = TimeSpan.FromSeconds(2) });
        var slow = new MemorySink();
        var (subscriber, _) = rig.Open(Container.Flv, slow);
        var (other, fast) = rig.Open(Container.Flv);
        rig.Play(Encoder, 0, 1000);
        slow.Room = 50;
        rig.Play(Encoder, 1000, 9000, headers: false);

        Assert.True(subscriber.Finished.IsCompletedSuccessfully);
        Assert.Equal(EndReason.TooSlow, (await EndOf(subscriber)).Reason);
        Assert.Contains("2000 ms allowed", (await EndOf(subscriber)).Text);
        Assert.False(other.Finished.IsCompleted);
        Assert.Equal((1, 1L), (rig.Output.Viewers.Flv, rig.Output.Drops));
        Assert.Equal(9000 / 40, FlvBytes.Read(fast.Bytes).Tags.Count(tag => tag.IsVideo && tag.IsFrame));
    }

    [Fact]
    public async Task What_the_kernel_holds_unsent_counts_as_lag()
    {
        var rig = new OutputRig(egress: new EgressOptions { MaxLag = TimeSpan.FromSeconds(2) });
        var (subscriber, sink) = rig.Open(Container.Flv);
        sink.NotSent = int.MaxValue / 2;
        rig.Play(Encoder, 0, 1900);
        Assert.InRange(subscriber.LagMs, 1000, 1900);
        rig.Play(Encoder, 1900, 8000, headers: false);
        Assert.Equal(EndReason.TooSlow, (await EndOf(subscriber)).Reason);
        Assert.Equal(64 << 10, sink.NotSentLimit);
    }

    [Fact]
    public async Task At_the_end_all_is_sent_then_sending_is_shut_down()
    {
        var rig = BigShow(pictures: 60, size: 50_000);
        var sink = new MemorySink { Room = 200_000 };
        var (subscriber, _) = rig.Open(Container.Flv, sink);
        rig.Loops.Tick();
        rig.End();
        rig.Loops.Tick();
        Assert.False(subscriber.Finished.IsCompleted);
        sink.Room = long.MaxValue;
        rig.Drain();

        Assert.Equal(EndReason.StreamEnded, (await EndOf(subscriber)).Reason);
        Assert.True(sink.IsFinished);
        Assert.Equal(10, FlvBytes.Read(sink.Bytes).Tags.Count(tag => tag.IsVideo && tag.IsFrame));
        Assert.Equal(0, rig.Output.SubscriberCount);
        Assert.Equal(0, subscriber.Mux.SlabCount);
    }

    [Fact]
    public async Task A_connection_that_fails_is_let_go_and_one_that_is_stopped_too()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var (failed, sink) = rig.Open(Container.Flv);
        var (stopped, _) = rig.Open(Container.Flv);
        rig.Loops.Tick();
        sink.Error = "ConnectionReset";
        rig.Feed(Encoder, 2000, 2040, headers: false);
        stopped.Stop("asked to");
        rig.Loops.Tick();
        Assert.Equal(new SubscriberEnd(EndReason.Closed, "ConnectionReset"), (await EndOf(failed)));
        Assert.Equal(new SubscriberEnd(EndReason.Stopped, "asked to"), (await EndOf(stopped)));
        Assert.Equal(0, rig.Output.SubscriberCount);
    }

    [Fact]
    public void Muxed_bytes_are_kept_half_a_minute_after_the_last_viewer()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var (first, _) = rig.Open(Container.Flv);
        rig.Loops.Tick();
        first.Stop("left");
        rig.Loops.Tick();
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(first.Mux.SlabCount > 0);
        var (second, _) = rig.Open(Container.Flv);
        Assert.Same(first.Mux, second.Mux);
        rig.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.True(first.Mux.SlabCount > 0);
        second.Stop("left");
        rig.Loops.Tick();
        rig.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(0, first.Mux.SlabCount);
        Assert.NotSame(first.Mux, rig.Open(Container.Flv).Subscriber.Mux);
    }

    [Fact]
    public void Sound_waits_for_a_picture_but_no_longer_than_40_ms()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var (_, sink) = rig.Open(Container.Flv);
        rig.Drain();
        var before = sink.Sends.Count;
        rig.Append(OutputRig.Sound(2000));
        rig.Loops.Tick();
        rig.Time.Advance(TimeSpan.FromMilliseconds(30));
        rig.Loops.Tick();
        Assert.Equal(before, sink.Sends.Count);
        rig.Append(OutputRig.Picture(2000, key: false));
        rig.Loops.Tick();
        Assert.Equal(before + 1, sink.Sends.Count);
        rig.Append(OutputRig.Sound(2021));
        rig.Loops.Tick();
        rig.Time.Advance(TimeSpan.FromMilliseconds(40));
        rig.Loops.Tick();
        Assert.Equal(before + 2, sink.Sends.Count);
    }

    [Fact]
    public void The_pace_widens_under_load_and_narrows_without()
    {
        var pace = new TickPace(null);
        var now = 0.0;
        void Load(double usage, int seconds)
        {
            for (var end = now + seconds * 1000; now < end;) pace.OnTick(now += 40, 40 * usage);
        }
        Load(0.20, 5);
        Assert.Equal(0, pace.Interval);
        Load(0.40, 5);
        Assert.Equal(TickPace.MaxInterval, pace.Interval);
        Assert.Equal(0.40, pace.Usage, 0.02);
        Load(0.20, 5);
        Assert.Equal(TickPace.MaxInterval, pace.Interval);
        Load(0.05, 5);
        Assert.Equal(0, pace.Interval);
        var fixedPace = new TickPace(TimeSpan.FromMilliseconds(350));
        fixedPace.OnTick(1000, 900);
        Assert.Equal(350, fixedPace.Interval);
    }

    private static Task<SubscriberEnd> EndOf(Subscriber subscriber)
    {
        Assert.True(subscriber.Finished.IsCompleted, "it has not been let go");
        return subscriber.Finished;
    }

    private static List<Received> Read(Container container, MemorySink sink) =>
        container == Container.Flv ? FlvBytes.Read(sink.Bytes).Tags : RtmpBytes.Read(sink.Bytes);
}
