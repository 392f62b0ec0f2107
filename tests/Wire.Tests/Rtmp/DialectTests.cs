using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

/// <summary>The command sequences of real programs, as recorded from them or as their source sends them.</summary>
public class DialectTests
{
    private static readonly Amf0Value Null = Amf0Value.Null;

    [Fact]
    public void Ffmpeg_publishes_and_leaves()
    {
        using var peer = new TestPeer();
        peer.Send([.. TestPeer.Handshake, .. Chunks.Message(RtmpMessageType.Command, RtmpVectors.Bytes("amf0", "ffmpeg_connect_publish"))]);
        Assert.Equal(3, peer.Said().Count);
        peer.Send(RtmpVectors.Bytes("rtmp_chunks", "set_chunk_size_60000"));
        // Its later commands on csid 3 begin with format 1.
        var happened = peer.Send(
        [
            .. Format1("releaseStream", 2, Null, "show?token=abc"), .. Format1("FCPublish", 3, Null, "show?token=abc"), .. Format1("createStream", 4, Null),
            .. TestPeer.Command(1, 8, "publish", 5, Null, "show?token=abc", "live"),
        ]);
        Assert.Equal((RtmpEventKind.Publish, "live/show", "token=abc"), (happened.Kind, happened.Request!.Path, happened.Request.Query));
        Assert.Equal(
            [
                """0 "_result" 2 null undefined""", """0 "_result" 3 null undefined""",
                """0 "onFCPublish" 0 null {level:"status",code:"NetStream.Publish.Start",description:"show?token=abc"}""", """0 "_result" 4 null 1""",
            ],
            peer.Said());

        peer.Session.AcceptPublish(0);
        Assert.Equal(
            ["UserControl 000000000001", """1 "onStatus" 0 null {level:"status",code:"NetStream.Publish.Start",description:"Started publishing stream."}"""], peer.Said());
        peer.Send(Chunks.Message(RtmpMessageType.Data, TestPeer.Amf("@setDataFrame", "onMetaData", Amf0Value.EcmaArray(new Amf0Member("width", 640))), 4, 1, chunkSize: 60_000));
        Assert.Single(peer.Media);

        happened = peer.Send([.. Format1("FCUnpublish", 6, Null, "show?token=abc"), .. Format1("deleteStream", 7, Null, 1)]);
        Assert.Equal(RtmpEventKind.Ended, happened.Kind);
        Assert.Equal(
            [
                """0 "onFCUnpublish" 0 null {level:"status",code:"NetStream.Unpublish.Success",description:"show?token=abc"}""", """0 "_result" 6 null undefined""",
                """1 "onStatus" 0 null {level:"status",code:"NetStream.Unpublish.Success",description:"Stream is now unpublished."}""",
            ],
            peer.Said());
    }

    [Fact]
    public void Obs_sends_its_chunk_size_before_connect_and_does_not_wait_for_answers()
    {
        using var peer = new TestPeer();
        var connect = TestPeer.Amf("connect", 1, Amf0Value.Object(
            new("app", "live"), new("type", "nonprivate"), new("flashVer", "FMLE/3.0 (compatible; FMSc/1.0)"), new("swfUrl", "rtmp://h/live"), new("tcUrl", "rtmp://h/live"),
            new("fourCcList", Amf0Value.StrictArray("av01", "hvc1")), new("customField", "x")));
        var happened = peer.Send(
        [
            .. TestPeer.Handshake,
            .. Chunks.Message(RtmpMessageType.SetChunkSize, [0, 0, 0x10, 0], 2),
            .. Chunks.Message(RtmpMessageType.Command, connect, 3, chunkSize: 4096),
            .. TestPeer.Command(0, 3, "releaseStream", 2, Null, "key"), .. TestPeer.Command(0, 3, "FCPublish", 3, Null, "key"), .. TestPeer.Command(0, 3, "createStream", 4, Null),
        ]);
        Assert.Equal(RtmpEventKind.None, happened.Kind);
        Assert.Contains("""0 "_result" 4 null 1""", peer.Said());
        Assert.Equal("live/key", peer.Send(TestPeer.Command(1, 4, "publish", 5, Null, "key", "live")).Request!.Path);
    }

    [Fact]
    public void Ffmpeg_plays()
    {
        using var peer = new TestPeer();
        var connect = Amf0Value.Object(
            new("app", "live"), new("flashVer", "LNX 9,0,124,2"), new("tcUrl", "rtmp://h/live"), new("fpad", false), new("capabilities", 15),
            new("audioCodecs", 4071), new("videoCodecs", 252), new("videoFunction", 1));
        peer.Send([.. TestPeer.Handshake, .. TestPeer.Command(0, 3, "connect", 1, connect)]);
        peer.Said();
        peer.Send([.. RtmpVectors.Bytes("rtmp_chunks", "window_ack_2500000"), .. TestPeer.Command(0, 3, "createStream", 2, Null)]);
        Assert.Equal(["""0 "_result" 2 null 1"""], peer.Said());
        var happened = peer.Send(
        [
            .. TestPeer.Command(0, 8, "getStreamLength", 3, Null, "show"), .. TestPeer.Command(1, 8, "play", 4, Null, "show", -2000),
            .. Chunks.Message(RtmpMessageType.UserControl, Chunks.Hex("0003 00000001 00000bb8"), 2),
        ]);
        Assert.Equal((RtmpEventKind.Play, "live/show"), (happened.Kind, happened.Request!.Path));
        Assert.Equal(["""0 "_result" 3 null 0"""], peer.Said());
    }

    [Fact]
    public void Librtmp_plays_live()
    {
        using var peer = new TestPeer();
        peer.Send([.. TestPeer.Handshake, .. TestPeer.Command(0, 3, "connect", 1, Amf0Value.Object(new("app", "live"), new("tcUrl", "rtmp://h:1935/live")))]);
        peer.Said();
        var happened = peer.Send(
        [
            .. Chunks.Message(RtmpMessageType.WindowAckSize, Chunks.Hex("002625a0"), 2), .. Chunks.Message(RtmpMessageType.UserControl, Chunks.Hex("0003 00000000 0000012c"), 2),
            .. TestPeer.Command(0, 3, "createStream", 2, Null), .. TestPeer.Command(0, 3, "FCSubscribe", 3, Null, "show"), .. TestPeer.Command(1, 8, "play", 4, Null, "show", -1000),
        ]);
        Assert.Equal(RtmpEventKind.Play, happened.Kind);
        Assert.Equal(["""0 "_result" 2 null 1""", """0 "_result" 3 null undefined"""], peer.Said());
    }

    [Fact]
    public void Haivision_checks_bandwidth_first_and_waits_for_onFCPublish()
    {
        using var peer = TestPeer.Connected();
        peer.Send([.. TestPeer.Command(0, 3, "_checkbw", 2, Null), .. TestPeer.Command(0, 3, "createStream", 3, Null), .. TestPeer.Command(0, 3, "FCPublish", 0, Null, "show")]);
        Assert.Equal(
            ["""0 "_result" 2 null undefined""", """0 "_result" 3 null 1""", """0 "onFCPublish" 0 null {level:"status",code:"NetStream.Publish.Start",description:"show"}"""],
            peer.Said());
        Assert.Equal(RtmpEventKind.Publish, peer.Send(TestPeer.Command(1, 4, "publish", 0, Null, "show", "live")).Kind);
    }

    [Fact]
    public void Flash_publishes_in_AMF3_messages_and_ends_with_closeStream()
    {
        using var peer = TestPeer.Connected();
        peer.Send(Amf3("createStream", 2, Null));
        Assert.Equal(["""0 "_result" 2 null 1"""], peer.Said());
        Assert.Equal("live/show", peer.Send(Amf3("publish", 0, Null, "show", "live")).Request!.Path);
        peer.Session.AcceptPublish(0);
        peer.Said();
        Assert.Equal(RtmpEventKind.Ended, peer.Send(Amf3("closeStream", 0, Null)).Kind);
        Assert.Contains("NetStream.Unpublish.Success", Assert.Single(peer.Said()));
    }

    [Fact]
    public void Fmle_repeats_format_0_times_with_format_3()
    {
        using var peer = TestPeer.Publishing();
        peer.Send(Chunks.Hex("04 000000 000002 08 01000000 af00 | c4 af01 | 44 000017 000002 08 af01 | c4 af01".Replace("|", "")));
        Assert.Equal(["csid 4 sid 1 type 8 @0: af00", "csid 4 sid 1 type 8 @0: af01", "csid 4 sid 1 type 8 @23: af01", "csid 4 sid 1 type 8 @46: af01"], peer.Media);
    }

    [Fact]
    public void A_publisher_may_publish_again_on_the_same_connection()
    {
        using var peer = TestPeer.Publishing();
        Assert.Equal(RtmpEventKind.Ended, peer.Send(TestPeer.Command(0, 3, "deleteStream", 0, Null, 1)).Kind);
        peer.Send(TestPeer.Command(0, 3, "createStream", 9, Null));
        Assert.Contains("""0 "_result" 9 null 2""", peer.Said());
        Assert.Equal(RtmpEventKind.Publish, peer.Send(TestPeer.Command(2, 4, "publish", 0, Null, "again", "live")).Kind);
    }

    private static byte[] Format1(params Amf0Value[] values) => Chunks.Message(RtmpMessageType.Command, TestPeer.Amf(values), 3, format: 1);

    private static byte[] Amf3(params Amf0Value[] values) => Chunks.Message(RtmpMessageType.Amf3Command, [0, .. TestPeer.Amf(values)], 3, 1);
}
