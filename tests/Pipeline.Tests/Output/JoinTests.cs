using System.Buffers.Binary;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Output;

/// <summary>What a viewer gets from its first byte on, wherever in the stream it comes.</summary>
public sealed class JoinTests
{
    private static readonly SimulatedEncoder Encoder = new() { Gop = 25, BFrames = 2 };

    [Fact]
    public void An_FLV_viewer_gets_header_metadata_and_codecs_then_frames_from_a_keyframe()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 3500);
        var (_, sink) = rig.Open(Container.Flv);
        rig.Drain();

        var (flags, tags) = FlvBytes.Read(sink.Bytes);
        Assert.Equal(5, flags);
        Assert.Equal((18, 0L), (tags[0].Type, tags[0].Time));
        Assert.True(tags[1].IsVideo && tags[1].IsHeader && tags[2].IsAudio && tags[2].IsHeader);
        Assert.True(tags[3].IsKey);
        Assert.Equal(tags[3].Time, tags[1].Time);
        Assert.Equal(tags[3].Time, tags[2].Time);
        Assert.Equal(13, tags.Count(tag => tag.IsVideo && tag.IsFrame));
        Assert.Equal(3000 + 400, tags[3].Time);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void An_instant_viewer_is_live_after_ten_pictures_wherever_it_comes(int bFrames)
    {
        var encoder = new SimulatedEncoder { Gop = 50, BFrames = bFrames };
        for (var joined = 2000L; joined < 4000; joined += 120)
        {
            var rig = new OutputRig();
            rig.Feed(encoder, 0, joined);
            var natural = rig.Open(Container.Flv).Sink;
            var sink = rig.Open(Container.Flv, request: new SubscribeRequest { Container = Container.Flv, Protocol = "flv", Join = JoinPolicy.Instant }).Sink;
            rig.Loops.Tick();
            var burst = FlvBytes.Read(sink.Bytes).Tags.Count;
            rig.Feed(encoder, joined, 5000, headers: false);
            rig.Drain();

            var expected = FlvBytes.Read(natural.Bytes).Tags;
            var tags = FlvBytes.Read(sink.Bytes).Tags;
            var pictures = tags.Where(tag => tag.IsVideo && tag.IsFrame).ToList();
            var all = expected.Where(tag => tag.IsVideo && tag.IsFrame).ToList();
            Assert.Equal(all.Select(Content), pictures.Select(Content));
            Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
            Assert.Equal(all.OrderBy(Pts).Select(Content), pictures.OrderBy(Pts).Select(Content));

            var atOnce = tags.Take(burst).Count(tag => tag.IsVideo && tag.IsFrame);
            var old = Math.Max(0, atOnce - 10);
            Assert.Equal(all.Skip(old).Select(tag => tag.Time), pictures.Skip(old).Select(tag => tag.Time));
            if (old == 0) continue;
            Assert.InRange(pictures[old].Time - pictures[0].Time, old, old + 1);
            var sound = tags.Where(tag => tag.IsAudio && tag.IsFrame).ToList();
            Assert.Equal(expected.Where(tag => tag.IsAudio && tag.IsFrame && tag.Time >= pictures[old].Time).Select(tag => tag.Time), sound.Select(tag => tag.Time));
        }

        static string Content(Received tag) => Convert.ToHexString(tag.Body.AsSpan(5));

        static long Pts(Received tag) => tag.Time + ((sbyte)tag.Body[2] << 16 | tag.Body[3] << 8 | tag.Body[4]);
    }

    [Fact]
    public void What_FLV_time_0_is_stands_in_onMetaData()
    {
        var rig = new OutputRig();
        var utc = rig.Time.GetUtcNow();
        rig.Log.BeginEpoch(0, utc);
        rig.Append(new(TrackKind.Data, FrameFlags.Header, Codec.None, 0, 0,
            SharedBuffer.CopyOf([2, 0, 10, .. "onMetaData"u8, 8, 0, 0, 0, 1, 0, 5, .. "width"u8, 0, 0x40, 0x94, 0, 0, 0, 0, 0, 0, 0, 0, 9]), 0));
        foreach (var (_, frame) in Encoder.Frames(0, 2000))
            if (frame.Kind != TrackKind.Data) rig.Append(frame);
        var (_, sink) = rig.Open(Container.Flv);
        rig.Drain();

        var (_, tags) = FlvBytes.Read(sink.Bytes);
        var body = tags[0].Body;
        Assert.Equal(3, body[17]);
        Assert.True(body.AsSpan().EndsWith((byte[])[0, 0, 9]));
        var dts = tags.First(tag => tag.IsKey).Time;
        Assert.Equal(utc.AddMilliseconds(1000).ToUnixTimeMilliseconds(), Number("originUtc\0"u8) + dts);
        Assert.Equal(1000, Number("originPts\0"u8) + dts);

        double Number(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadDoubleBigEndian(body.AsSpan(body.AsSpan().IndexOf(key) + key.Length));
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void Viewers_that_join_at_every_picture_all_decode_the_same_frames(Container container)
    {
        var rig = new OutputRig();
        List<(long At, MemorySink Sink)> viewers = [];
        for (var now = 0L; now < 4000; now += 40)
        {
            rig.Play(Encoder, now, now + 40, headers: now == 0);
            viewers.Add((now, rig.Open(container).Sink));
            rig.Loops.Tick();
        }
        rig.Play(Encoder, 4000, 6000, headers: false);
        rig.Drain();

        foreach (var (at, sink) in viewers)
        {
            var messages = Read(container, sink);
            var pictures = messages.Where(message => message.IsVideo && message.IsFrame).ToList();
            Assert.True(pictures[0].IsKey, $"joined at {at}: begins without a keyframe");
            var begun = Math.Max(0, at / 1000 * 1000);
            Assert.Equal((6000 - begun) / 40, pictures.Count);
            Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.Equal(40, pair.Second.Time - pair.First.Time));
            var sounds = messages.Where(message => message.IsAudio && message.IsFrame).ToList();
            Assert.All(sounds.Zip(sounds.Skip(1)), pair => Assert.InRange(pair.Second.Time - pair.First.Time, 21, 22));
            // Lip sync: the newest sound and picture are as near as they were sent.
            Assert.InRange(sounds[^1].Time - pictures[^1].Time, -40, 40);
            Assert.Equal(pictures.Count * 40, (sounds.Count * 1024 / 48.0), 60.0);
        }
    }

    [Fact]
    public void An_RTMP_player_gets_every_chunk_stream_opened_and_begins_near_time_0()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 9500);
        var (_, sink) = rig.Open(Container.Rtmp, request: new SubscribeRequest { Container = Container.Rtmp, Protocol = "rtmp", MessageStreamId = 7 });
        rig.Drain();

        var messages = RtmpBytes.Read(sink.Bytes);
        Assert.All(messages, message => Assert.Equal(7u, message.MessageStream));
        Assert.Equal((18, 4, 0L), (messages[0].Type, messages[0].ChunkStream, messages[0].Time));
        Assert.True(messages[1].IsHeader && messages[1].IsAudio && messages[1].ChunkStream == 4);
        Assert.True(messages[2].IsHeader && messages[2].IsVideo && messages[2].ChunkStream == 6);
        Assert.True(messages[3].IsKey);
        Assert.InRange(messages[3].Time, 0, 60);
    }

    [Fact]
    public void A_push_gets_its_metadata_as_a_publisher_sends_it()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var (_, sink) = rig.Open(Container.Rtmp, request: new SubscribeRequest { Container = Container.Rtmp, Protocol = "push", AsPublisher = true });
        rig.Drain();
        Assert.Equal([2, 0, 13, .. "@setDataFrame"u8, 2, 0, 10, .. "onMetaData"u8], RtmpBytes.Read(sink.Bytes)[0].Body[..29]);
        Assert.Equal((0, 1), (rig.Output.Viewers.Rtmp, rig.Output.SubscriberCount));
    }

    [Fact]
    public void Nothing_but_the_opening_is_sent_before_a_keyframe_and_both_headers()
    {
        var rig = new OutputRig();
        var request = new SubscribeRequest { Container = Container.Flv, Protocol = "flv", Opening = "HTTP"u8.ToArray() };
        var (_, sink) = rig.Open(Container.Flv, request: request);
        rig.Loops.Tick();
        Assert.Equal("HTTP"u8.ToArray(), sink.Bytes);

        rig.Append(OutputRig.VideoHeader(1));
        rig.Append(OutputRig.Picture(0, key: true));
        rig.Drain();
        Assert.Equal("HTTP"u8.ToArray(), sink.Bytes);

        rig.Feed(Encoder with { HasVideo = false }, 40, 100);
        rig.Drain();
        var (flags, tags) = FlvBytes.Read(sink.Bytes.AsSpan(4));
        Assert.Equal(5, flags);
        Assert.True(tags[2].IsKey && tags[3].Type == 18 && tags[4].IsAudio && tags[4].IsHeader);
    }

    [Fact]
    public void A_stream_without_sound_is_said_to_have_none_after_a_second()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder with { HasSound = false }, 0, 960);
        var (_, sink) = rig.Open(Container.Flv);
        rig.Drain();
        Assert.Empty(sink.Bytes);
        rig.Feed(Encoder with { HasSound = false }, 960, 1100, headers: false);
        rig.Drain();
        Assert.Equal(1, FlvBytes.Read(sink.Bytes).Flags);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_track_that_begins_hours_later_plays_in_time_for_those_who_were_there(bool soundLater)
    {
        const long later = 3 * 3600_000;
        var rig = new OutputRig(new PlayOptions { GopCache = TimeSpan.FromSeconds(4) });
        var first = Encoder with { HasSound = !soundLater, HasVideo = soundLater };
        rig.Feed(first, 0, 2000);
        List<MemorySink> sinks = [rig.Open(Container.Rtmp).Sink];
        rig.Drain();
        rig.Play(first, later, later + 20_000, headers: false);
        sinks.Add(rig.Open(Container.Rtmp).Sink);
        rig.Play(first, later + 20_000, later + 21_000, headers: false);
        rig.Play(Encoder, later + 21_000, later + 23_000);
        rig.Drain();

        foreach (var sink in sinks)
        {
            var messages = RtmpBytes.Read(sink.Bytes);
            var (sound, picture) = (messages.Last(message => message.IsAudio), messages.Last(message => message.IsVideo));
            Assert.InRange(sound.Time - picture.Time, -40, 40);
        }
        Assert.InRange(RtmpBytes.Read(sinks[1].Bytes).First(message => message.IsFrame).Time, 0, 12_000);
    }

    [Fact]
    public void A_joiner_behind_live_begins_at_the_nearest_keyframe()
    {
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 8040);
        var (_, sink) = rig.Open(Container.Flv, request: new SubscribeRequest { Container = Container.Flv, Protocol = "flv", Join = new JoinPolicy(TimeSpan.FromSeconds(2)) });
        rig.Drain();
        Assert.Equal(6000 + 400, FlvBytes.Read(sink.Bytes).Tags.First(tag => tag.IsKey).Time);
    }

    [Fact]
    public void Who_comes_while_a_publisher_connects_anew_gets_the_last_GOP_at_once()
    {
        var rig = new OutputRig();
        rig.Play(Encoder, 0, 5480);
        rig.Arrivals.Advance(TimeSpan.FromSeconds(2.9));
        var (_, sink) = rig.Open(Container.Flv);
        rig.Drain();
        Assert.Equal(5000 + 400, FlvBytes.Read(sink.Bytes).Tags.First(tag => tag.IsKey).Time);
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void Who_comes_in_the_dark_gets_nothing_that_was_before_it(Container container)
    {
        var rig = new OutputRig();
        rig.Play(Encoder, 0, 6000);
        rig.Arrivals.Advance(TimeSpan.FromSeconds(3.1));
        List<MemorySink> sinks = [.. new[] { JoinPolicy.Live, JoinPolicy.Instant, new JoinPolicy(TimeSpan.FromSeconds(2)) }.Select(Open)];
        rig.Drain();
        Assert.All(sinks, sink => Assert.Equal("HI"u8.ToArray(), sink.Bytes));

        // The sound is back a moment before the first picture.
        foreach (var (_, frame) in Encoder.Frames(6000, 6100, headers: false))
            if (frame.Kind == TrackKind.Audio) rig.Append(frame);
        rig.Drain();
        Assert.All(sinks, sink => Assert.Equal("HI"u8.ToArray(), sink.Bytes));

        foreach (var (_, frame) in Encoder.Frames(6000, 6500, headers: false))
            if (frame.Kind == TrackKind.Video) rig.Append(frame);
        sinks.Add(Open(new JoinPolicy(TimeSpan.FromSeconds(2))));
        rig.Drain();
        Assert.All(sinks, sink =>
        {
            var messages = Read(container, sink, 2);
            Assert.True(messages.First(message => message.IsVideo).IsHeader);
            var pictures = messages.Where(message => message.IsVideo && message.IsFrame).ToList();
            Assert.True(pictures[0].IsKey);
            Assert.Equal(13, pictures.Count);
        });

        MemorySink Open(JoinPolicy join) => rig.Open(container, request: new SubscribeRequest
        {
            Container = container, Protocol = container == Container.Flv ? "flv" : "rtmp", Join = join, Opening = "HI"u8.ToArray(),
        }).Sink;
    }

    [Fact]
    public void Pictures_that_go_on_in_the_middle_of_a_GOP_bring_that_GOP_and_none_before_it()
    {
        var rig = new OutputRig();
        rig.Play(Encoder, 0, 5480);
        rig.Arrivals.Advance(TimeSpan.FromSeconds(10));
        rig.Play(Encoder, 5480, 5800, headers: false);
        var (_, sink) = rig.Open(Container.Flv, request: new SubscribeRequest { Container = Container.Flv, Protocol = "flv", Join = new JoinPolicy(TimeSpan.FromSeconds(3)) });
        rig.Drain();
        Assert.Equal(5000 + 400, FlvBytes.Read(sink.Bytes).Tags.First(tag => tag.IsKey).Time);
    }

    [Fact]
    public void Who_comes_in_the_dark_is_told_of_the_end_and_sees_no_picture()
    {
        var rig = new OutputRig();
        rig.Play(Encoder, 0, 5000);
        rig.Arrivals.Advance(TimeSpan.FromSeconds(20));
        var (subscriber, sink) = rig.Open(Container.Flv);
        rig.Drain();
        Assert.False(subscriber.Finished.IsCompleted);
        rig.End();
        rig.Drain();
        Assert.True(sink.IsFinished);
        Assert.Empty(sink.Bytes);
    }

    [Fact]
    public void A_burst_is_paced_at_four_times_the_stream()
    {
        var rig = new OutputRig();
        for (var dts = 0L; dts < 8000; dts += 40)
        {
            if (dts == 0) rig.Append(OutputRig.VideoHeader(1));
            rig.Append(OutputRig.Picture(dts, key: dts == 0, size: 20_000));
        }
        var (_, sink) = rig.Open(Container.Flv, new MemorySink { KeepsNothing = false });
        var sent = new List<long>();
        for (var i = 0; i < 60; i++)
        {
            rig.Loops.Tick();
            sent.Add(sink.Sends.Sum(send => (long)send));
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
        }
        // 500 KB/s: half a second at once, then 2 MB/s.
        Assert.InRange(sent[0], 200_000, 300_000);
        Assert.InRange(sent[25] - sent[0], 1_900_000, 2_100_000);
        Assert.Equal(200 * 20_015, sent[^1], 2_000.0);
    }

    [Fact]
    public void Sound_alone_can_be_joined()
    {
        foreach (var container in new[] { Container.Flv, Container.Rtmp })
        {
            var rig = new OutputRig();
            rig.Feed(Encoder with { HasVideo = false }, 0, 30_000);
            var (_, sink) = rig.Open(container);
            rig.Drain();
            rig.Play(Encoder with { HasVideo = false }, 30_000, 31_000, headers: false);
            rig.Drain();
            var sounds = Read(container, sink).Where(message => message.IsAudio && message.IsFrame).ToList();
            Assert.InRange(sounds.Count, 47, 58);
        }
    }

    [Fact]
    public void FLV_times_pass_20_days_for_those_who_watch_and_begin_anew_for_those_who_come()
    {
        const long day = 24 * 3600_000L;
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        var (_, early) = rig.Open(Container.Flv);
        rig.Play(Encoder, 24 * day, 24 * day + 20_000, headers: false);
        var (_, late) = rig.Open(Container.Flv);
        rig.Play(Encoder, 24 * day + 20_000, 24 * day + 21_000, headers: false);
        rig.Drain();

        var last = FlvBytes.Read(early.Bytes).Tags[^1];
        Assert.InRange(last.Time, 24 * day + 21_300, 24 * day + 21_400);
        var tags = FlvBytes.Read(late.Bytes).Tags;
        Assert.InRange(tags.First(tag => tag.IsKey).Time, 400, 13_000);
        Assert.All(tags, tag => Assert.True(tag.Time >= 0));
    }

    [Fact]
    public void FLV_times_go_on_from_one_origin_when_viewers_come_again_and_begin_anew_after_20_days()
    {
        const long day = 24 * 3600_000L;
        var rig = new OutputRig();
        rig.Feed(Encoder, 0, 2000);
        long FirstKey()
        {
            var (subscriber, sink) = rig.Open(Container.Flv);
            rig.Drain();
            subscriber.Stop("left");
            rig.Loops.Tick();
            rig.Time.Advance(StreamOutput.IdleTime + TimeSpan.FromSeconds(1));
            return FlvBytes.Read(sink.Bytes).Tags.First(tag => tag.IsKey).Time;
        }
        Assert.Equal(1400, FirstKey());
        rig.Feed(Encoder, 10 * day, 10 * day + 20_000, headers: false);
        Assert.Equal(10 * day + 19_400, FirstKey());
        rig.Feed(Encoder, 21 * day, 21 * day + 20_000, headers: false);
        Assert.InRange(FirstKey(), 400, 13_000);
    }

    private static List<Received> Read(Container container, MemorySink sink, int opening = 0) =>
        container == Container.Flv ? FlvBytes.Read(sink.Bytes.AsSpan(opening)).Tags : RtmpBytes.Read(sink.Bytes.AsSpan(opening));
}
