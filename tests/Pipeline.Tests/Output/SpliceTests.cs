using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Output;

/// <summary>What viewers get when the parameter sets change in mid-stream.</summary>
public sealed class SpliceTests
{
    private const string SpsOf322x242 = "001b6764000dacd94150878888c044000003000400000300c03c50a658";
    private static readonly byte[] A = Convert.FromHexString("0164000dffe1" + SpsOf322x242 + "01000668ebe3cb22c0");
    private static readonly byte[] B = Convert.FromHexString("0164000dffe1" + SpsOf322x242 + "01000568cb83cb20");
    private static readonly byte[] Other = Convert.FromHexString("01640020ffe1001967640020acd9405005bb0110000003001000000640f183196001000668ebe3cb22c0fdf8f800");

    private readonly OutputRig _rig = new(new Sluice.Pipeline.PlayOptions { GopCache = TimeSpan.FromSeconds(2) });
    private long _now;

    /// <summary>A new source brings metadata, which shares the sound's chunk stream, stamped where the pictures are: ahead of the sound.</summary>
    [Fact]
    public void Metadata_ahead_of_the_sound_does_not_move_the_sound()
    {
        _rig.Append(OutputRig.VideoHeader(A));
        _rig.Append(OutputRig.Picture(0, key: true));
        _rig.Append(OutputRig.Sound(0));
        var sink = Join(Container.Rtmp);
        _rig.Append(OutputRig.Sound(20));
        _rig.Append(OutputRig.Metadata(60));
        _rig.Append(OutputRig.Sound(40));
        _rig.Append(OutputRig.Sound(60));
        _rig.Drain();
        var sounds = Read(Container.Rtmp, sink).Where(message => message.IsAudio && message.IsFrame).Select(message => (long)message.Time).ToList();
        Assert.Equal([20, 20, 20], sounds.Zip(sounds.Skip(1), (a, b) => b - a));
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void Equal_sets_send_nothing(Container container)
    {
        Source(A, gops: 2);
        var sink = Join(container);
        Source(A, gops: 2);
        Assert.Single(Headers(Read(container, sink)));
        Assert.All(Keys(Read(container, sink)), key => Assert.False(HasSets(key)));
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void Other_sets_of_the_same_size_go_in_band_before_every_keyframe_and_in_the_preface_of_new_viewers(Container container)
    {
        Source(A, gops: 2);
        var old = Join(container);
        Source(B, gops: 6);
        var late = Join(container);
        Source(null, gops: 2);

        var messages = Read(container, old);
        Assert.Equal(A, Assert.Single(Headers(messages)).Body[5..]);
        Assert.Equal([false, true, true, true, true, true, true, true, true], Keys(messages).Select(HasSets));
        Assert.Equal(B, Assert.Single(Headers(Read(container, late))).Body[5..]);
    }

    [Fact]
    public void In_band_sets_end_with_the_last_viewer_who_was_given_another_header()
    {
        Source(A, gops: 2);
        var old = _rig.Open(Container.Flv).Subscriber;
        _rig.Drain();
        Source(B, gops: 4);
        var sink = Join(Container.Flv);
        old.Stop("left");
        _rig.Loops.Tick();
        Source(null, gops: 3);
        Assert.Equal([true, false, false, false], Keys(Read(Container.Flv, sink)).Select(HasSets));
    }

    [Fact]
    public void Back_to_the_first_sets_those_who_joined_between_get_them_in_band()
    {
        Source(A, gops: 2);
        Join(Container.Flv);
        Source(B, gops: 6);
        var between = Join(Container.Flv);
        Source(A, gops: 3);
        var messages = Read(Container.Flv, between);
        Assert.Equal(B, Assert.Single(Headers(messages)).Body[5..]);
        Assert.All(Keys(messages), key => Assert.True(HasSets(key)));
        Assert.True(Keys(messages)[^1].Body.AsSpan().IndexOf(A.AsSpan()[^6..]) > 0);
    }

    [Theory]
    [InlineData(Container.Flv)]
    [InlineData(Container.Rtmp)]
    public void Another_size_sends_the_last_picture_twice_more_and_then_the_header(Container container)
    {
        Source(A, gops: 2);
        var sink = Join(container);
        Source(Other, gops: 1);

        var messages = Read(container, sink).Where(message => message.IsVideo).ToList();
        var header = messages.FindLastIndex(message => message.IsHeader);
        Assert.Equal(Other, messages[header].Body[5..]);
        Assert.Equal(messages[header - 3].Body, messages[header - 2].Body);
        Assert.Equal(messages[header - 3].Body, messages[header - 1].Body);
        Assert.Equal((1L, 2L), (messages[header - 2].Time - messages[header - 3].Time, messages[header - 1].Time - messages[header - 3].Time));
        Assert.True(messages[header + 1].IsKey);
        Assert.False(HasSets(messages[header + 1]));
        Assert.Equal(messages[header + 1].Time, messages[header].Time);
    }

    [Fact]
    public void A_joiner_at_an_older_keyframe_gets_the_header_in_force_there()
    {
        Source(A, gops: 3);
        Source(Other, gops: 1);
        var request = new SubscribeRequest { Container = Container.Rtmp, Protocol = "rtmp", Join = new(TimeSpan.FromSeconds(2)) };
        var (_, sink) = _rig.Open(Container.Rtmp, request: request);
        _rig.Drain();
        var headers = Headers(Read(Container.Rtmp, sink));
        Assert.Equal(2, headers.Count);
        Assert.Equal(A, headers[0].Body[5..]);
        Assert.Equal(Other, headers[1].Body[5..]);
    }

    private void Source(byte[]? avcC, int gops)
    {
        if (avcC is not null) _rig.Append(OutputRig.VideoHeader(avcC) with { Dts = _now });
        for (var i = 0; i < gops * 25; i++, _now += 40)
        {
            _rig.Append(OutputRig.Picture(_now, key: i % 25 == 0, size: 30));
            _rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            _rig.Loops.Tick();
        }
        _rig.Drain();
    }

    private MemorySink Join(Container container)
    {
        var (_, sink) = _rig.Open(container);
        _rig.Drain();
        return sink;
    }

    private static List<Received> Read(Container container, MemorySink sink) =>
        container == Container.Flv ? FlvBytes.Read(sink.Bytes).Tags : RtmpBytes.Read(sink.Bytes);

    private static List<Received> Headers(IEnumerable<Received> messages) => [.. messages.Where(message => message.IsVideo && message.IsHeader)];

    private static List<Received> Keys(IEnumerable<Received> messages) => [.. messages.Where(message => message.IsKey)];

    private static bool HasSets(Received key) => key.Body[5..9] is [0, 0, 0, 0x1b] && (key.Body[9] & 0x1F) == 7;
}
