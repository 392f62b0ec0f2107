using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

public class ServerSessionTests
{
    [Fact]
    public void Connect_is_answered_with_window_bandwidth_chunk_size_and_result()
    {
        using var peer = new TestPeer();
        peer.Send(TestPeer.Handshake);
        Assert.Equal(RtmpEventKind.None, peer.Send(Chunks.Message(RtmpMessageType.Command, RtmpVectors.Bytes("amf0", "ffmpeg_connect_publish"))).Kind);
        Assert.Equal(
            [
                "WindowAckSize 002625a0", "SetPeerBandwidth 002625a002",
                """0 "_result" 1 {fmsVer:"FMS/3,5,3,888",capabilities:127,mode:1} {level:"status",code:"NetConnection.Connect.Success",description:"Connection succeeded.",objectEncoding:0}""",
            ],
            peer.Said());
    }

    [Fact]
    public void A_client_of_enhanced_RTMP_hears_that_every_codec_is_forwarded()
    {
        using var peer = new TestPeer();
        peer.Send(TestPeer.Handshake);
        peer.Send(Chunks.Message(RtmpMessageType.Command, RtmpVectors.Bytes("amf0", "connect_ertmp")));
        Assert.EndsWith("""objectEncoding:0,fourCcList:["*"],videoFourCcInfoMap:{*:4},audioFourCcInfoMap:{*:4},capsEx:5}""", peer.Said()[^1]);
        Assert.True(peer.Session.RequestReconnect("rtmp://edge-b.example.com/live", "draining"));
        Assert.Equal(
            """0 "onStatus" 0 null {level:"status",code:"NetConnection.Connect.ReconnectRequest",description:"draining",tcUrl:"rtmp://edge-b.example.com/live"}""",
            peer.Said()[^1]);
    }

    [Fact]
    public void A_plain_client_is_not_asked_to_reconnect()
    {
        using var peer = TestPeer.Connected();
        Assert.False(peer.Session.RequestReconnect(null, "draining"));
        Assert.Empty(peer.Said());
    }

    [Theory]
    [InlineData("live", "rtmp://h/live", "show", "live/show", "")]
    [InlineData("live", "rtmp://h/live", "show?key=a&b=c", "live/show", "key=a&b=c")]
    [InlineData("live?key=a", "rtmp://h/live?key=a", "show", "live/show", "key=a")]
    [InlineData("live?x=1", "rtmp://h/live?x=1", "show?key=a", "live/show", "key=a&x=1")]
    [InlineData("live/", "rtmp://h/live/", "/show", "live/show", "")]
    [InlineData("live/show", "rtmp://h/live/show", "", "live/show", "")]
    [InlineData("a/b", "rtmp://h/a/b", "c", "a/b/c", "")]
    [InlineData("live", "rtmp://h/live", "mp4:show", "live/show", "")]
    [InlineData(null, "rtmp://h:1935/live?key=a", "show", "live/show", "key=a")]
    [InlineData(null, null, "show", "show", "")]
    public void Path_and_query_come_from_app_tcUrl_and_name(string? app, string? tcUrl, string name, string path, string query)
    {
        using var peer = new TestPeer();
        peer.Send(TestPeer.Handshake);
        var members = new List<Amf0Member>();
        if (app is not null) members.Add(new("app", app));
        if (tcUrl is not null) members.Add(new("tcUrl", tcUrl));
        peer.Send(TestPeer.Command(0, 3, "connect", 1, Amf0Value.Object(members)));
        var happened = peer.Send(TestPeer.Command(1, 8, "publish", 5, Amf0Value.Null, name, "live"));
        Assert.Equal(RtmpEventKind.Publish, happened.Kind);
        Assert.Equal(path, happened.Request!.Path);
        Assert.Equal(query, happened.Request.Query);
    }

    [Fact]
    public void A_refused_publish_hears_the_code_and_the_session_is_over()
    {
        using var peer = TestPeer.Connected();
        peer.Send(TestPeer.Command(1, 4, "publish", 3, Amf0Value.Null, "show", "live"));
        peer.Session.Reject(RtmpStatus.PublishBadName, "Stream already publishing.");
        Assert.Equal(["1 " + string.Join(' ', new Amf0Reader(RtmpVectors.Bytes("amf0", "onStatus_badname")).ReadAll())], peer.Said());
        Assert.Equal(RtmpEventKind.Failed, peer.Send([1]).Kind);
    }

    [Fact]
    public void A_player_hears_begin_reset_start_and_at_the_end_the_notice()
    {
        using var peer = TestPeer.Connected();
        var happened = peer.Send(TestPeer.Command(1, 8, "play", 4, Amf0Value.Null, "show?token=t", -2000));
        Assert.Equal((RtmpEventKind.Play, "live/show", "token=t"), (happened.Kind, happened.Request!.Path, happened.Request.Query));
        peer.Session.AcceptPlay(0);
        Assert.Equal(
            [
                "UserControl 000000000001",
                """1 "onStatus" 0 null {level:"status",code:"NetStream.Play.Reset",description:"Resetting the stream."}""",
                """1 "onStatus" 0 null {level:"status",code:"NetStream.Play.Start",description:"Started playing stream."}""",
                """1 "|RtmpSampleAccess" true true""",
            ],
            peer.Said());
        peer.Session.EndPlay();
        Assert.Equal(["UserControl 000100000001", """1 "onStatus" 0 null {level:"status",code:"NetStream.Play.UnpublishNotify",description:"The stream has ended."}"""], peer.Said());
        peer.Session.EndPlay();
        Assert.Equal(RtmpEventKind.None, peer.Send("what it still sends"u8).Kind);
        Assert.Empty(peer.Said());
    }

    [Fact]
    public void A_refused_player_hears_why()
    {
        using var peer = TestPeer.Connected();
        peer.Send(TestPeer.Command(1, 8, "play", 4, Amf0Value.Null, "none"));
        peer.Session.Reject(RtmpStatus.PlayStreamNotFound, "Nobody publishes it.");
        Assert.Contains("NetStream.Play.StreamNotFound", Assert.Single(peer.Said()));
    }

    [Fact]
    public void A_player_that_leaves_has_ended_for_good()
    {
        using var peer = TestPeer.Connected();
        peer.Send(TestPeer.Command(1, 8, "play", 4, Amf0Value.Null, "show"));
        peer.Session.AcceptPlay(0);
        Assert.Equal(RtmpEventKind.Ended, peer.Send(TestPeer.Command(0, 3, "deleteStream", 0, Amf0Value.Null, 1)).Kind);
        peer.Said();
        Assert.Equal(RtmpEventKind.None, peer.Send(TestPeer.Command(1, 8, "play", 0, Amf0Value.Null, "other")).Kind);
        Assert.Empty(peer.Said());
    }

    [Theory]
    [InlineData(true, "NetStream.Pause.Notify")]
    [InlineData(false, "NetStream.Unpause.Notify")]
    public void Pause_is_understood(bool pauses, string code)
    {
        using var peer = TestPeer.Connected();
        peer.Send(TestPeer.Command(1, 8, "play", 4, Amf0Value.Null, "show"));
        peer.Session.AcceptPlay(0);
        peer.Said();
        peer.Send(TestPeer.Command(1, 8, "pause", 0, Amf0Value.Null, pauses, 0));
        Assert.Contains(code, Assert.Single(peer.Said()));
    }

    [Fact]
    public void Media_and_data_come_out_in_order_with_their_times()
    {
        using var peer = TestPeer.Publishing();
        peer.Send(
        [
            .. Chunks.Message(RtmpMessageType.Data, [2, 0, 0], 4, 1, 0), .. Chunks.Message(RtmpMessageType.Video, [0x17, 0], 6, 1, 7),
            .. Chunks.Message(RtmpMessageType.Audio, [0xAF, 1], 4, 1, 9), .. Chunks.Message(RtmpMessageType.Amf3Data, [0, 2], 4, 1, 9),
        ]);
        Assert.Equal(
            ["csid 4 sid 1 type 18 @0: 020000", "csid 6 sid 1 type 9 @7: 1700", "csid 4 sid 1 type 8 @9: af01", "csid 4 sid 1 type 15 @9: 0002"], peer.Media);
    }

    [Fact]
    public void Media_that_nobody_accepted_goes_nowhere()
    {
        using var peer = TestPeer.Connected();
        peer.Send(Chunks.Message(RtmpMessageType.Video, [0x17, 0], 6, 1));
        peer.Send(TestPeer.Command(1, 4, "publish", 3, Amf0Value.Null, "show", "live"));
        peer.Send(Chunks.Message(RtmpMessageType.Video, [0x17, 0], 6, 1));
        Assert.Empty(peer.Media);
    }

    [Fact]
    public void An_aggregate_is_split_and_its_times_are_shifted()
    {
        using var peer = TestPeer.Publishing();
        peer.Send(Chunks.Message(RtmpMessageType.Aggregate, Chunks.Hex("08 000002 0003e8 00 000000 af01 0000000d | 09 000001 0003f2 00 000000 17 0000000c".Replace("|", "")), 6, 1, 5000));
        Assert.Equal(["csid 6 sid 1 type 8 @5000: af01", "csid 6 sid 1 type 9 @5010: 17"], peer.Media);
    }

    [Theory]
    [InlineData("08 000002 0003e8 00 000000 af")]
    [InlineData("08 ffffff 0003e8 00 000000 af 00000000")]
    [InlineData("08 000002")]
    public void An_aggregate_that_lies_ends_the_session(string hex)
    {
        using var peer = TestPeer.Publishing();
        var happened = peer.Send(Chunks.Message(RtmpMessageType.Aggregate, Chunks.Hex(hex), 6, 1));
        Assert.Equal(RtmpEventKind.Failed, happened.Kind);
        Assert.Contains("aggregate", happened.Reason);
    }

    [Fact]
    public void A_ping_is_answered()
    {
        using var peer = TestPeer.Connected();
        peer.Send(RtmpVectors.Bytes("rtmp_chunks", "user_ctrl_ping_request_12345"));
        Assert.Equal(["UserControl 000700003039"], peer.Said());
    }

    [Fact]
    public void Bandwidth_is_answered_with_the_window()
    {
        using var peer = TestPeer.Connected();
        peer.Send(RtmpVectors.Bytes("rtmp_chunks", "set_peer_bw_2500000_dynamic"));
        Assert.Equal(["WindowAckSize 002625a0"], peer.Said());
    }

    [Fact]
    public void Received_bytes_are_acknowledged_each_half_window()
    {
        using var peer = TestPeer.Publishing();
        peer.Send(Chunks.Message(RtmpMessageType.WindowAckSize, [0, 0, 0x40, 0], 2));   // 16 KB
        var acks = 0;
        for (var sent = 0; sent < 64; sent++)
        {
            peer.Send(Chunks.Message(RtmpMessageType.Video, new byte[1000], 6, 1));
            acks += peer.Said().Count(said => said.StartsWith("Acknowledgement", StringComparison.Ordinal));
        }
        Assert.InRange(acks, 7, 9);
    }

    [Fact]
    public void A_silent_or_dribbling_client_is_dropped_after_five_seconds()
    {
        using var peer = new TestPeer();
        for (var second = 0; second < 5; second++)
        {
            Assert.Equal(RtmpEventKind.None, peer.Session.Tick(second * 1000).Kind);
            Assert.Equal(RtmpEventKind.None, peer.Send([3]).Kind);
        }
        var happened = peer.Session.Tick(5000);
        Assert.Equal(RtmpEventKind.Failed, happened.Kind);
        Assert.Contains("handshake", happened.Reason);
    }

    [Fact]
    public void A_client_that_never_publishes_or_plays_is_dropped_after_ten_seconds_and_a_publisher_never()
    {
        using var idle = TestPeer.Connected();
        Assert.Equal(RtmpEventKind.None, idle.Session.Tick(9_999).Kind);
        Assert.Equal(RtmpEventKind.Failed, idle.Session.Tick(10_000).Kind);
        using var publisher = TestPeer.Publishing();
        Assert.Equal(RtmpEventKind.None, publisher.Session.Tick(1_000_000_000).Kind);
    }

    [Fact]
    public void Garbage_after_the_handshake_ends_the_session()
    {
        using var peer = new TestPeer();
        peer.Send(TestPeer.Handshake);
        var happened = peer.Send("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8);
        Assert.Equal(RtmpEventKind.Failed, happened.Kind);
        Assert.NotNull(happened.Reason);
    }

    [Theory]
    [InlineData("")]          // no value at all
    [InlineData("05")]        // no name
    [InlineData("ff")]        // no AMF
    public void A_command_without_a_name_ends_the_session(string hex)
    {
        using var peer = TestPeer.Connected();
        Assert.Equal(RtmpEventKind.Failed, peer.Send(Chunks.Message(RtmpMessageType.Command, Convert.FromHexString(hex))).Kind);
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("play")]
    [InlineData("createStream")]
    public void Before_connect_nothing_can_be_asked_for(string name)
    {
        using var peer = new TestPeer();
        peer.Send(TestPeer.Handshake);
        Assert.Equal(RtmpEventKind.Failed, peer.Send(TestPeer.Command(0, 3, name, 1, Amf0Value.Null, "show")).Kind);
    }

    [Theory]
    [InlineData("publish")]
    [InlineData("play")]
    [InlineData("connect")]
    public void While_publishing_nothing_else_begins(string name)
    {
        using var peer = TestPeer.Publishing();
        Assert.Equal(RtmpEventKind.Failed, peer.Send(TestPeer.Command(1, 3, name, 1, Amf0Value.Null, "other")).Kind);
    }

    [Fact]
    public void Commands_without_end_are_refused()
    {
        using var peer = TestPeer.Connected();
        var happened = default(RtmpEvent);
        for (var sent = 0; sent < 70 && happened.Kind == RtmpEventKind.None; sent++) happened = peer.Send(TestPeer.Command(0, 3, "_checkbw", 2, Amf0Value.Null));
        Assert.Contains("commands", happened.Reason);
    }
}
