using System.Buffers;
using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

/// <summary>Client and server wired back to back, in pieces of every kind; and the client against servers that behave otherwise.</summary>
public sealed class ClientSessionTests : IDisposable
{
    private readonly ArrayBufferWriter<byte> _toServer = new();
    private readonly ArrayBufferWriter<byte> _toClient = new();
    private readonly List<RtmpEvent> _atServer = [];
    private readonly List<RtmpEvent> _atClient = [];
    private readonly RtmpServerSession _server;
    private RtmpClientSession? _client;

    public ClientSessionTests() => _server = new RtmpServerSession(_toClient, RtmpLimits.Default, TestPeer.Random, 0);

    public void Dispose()
    {
        _server.Dispose();
        _client?.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1537)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void A_publish_goes_through_in_pieces_of_any_size(int piece)
    {
        Open(RtmpClientMode.Publish, "rtmp://h/live/show?key=k", piece);
        var request = Assert.Single(_atServer);
        Assert.Equal((RtmpEventKind.Publish, "live/show", "key=k"), (request.Kind, request.Request!.Path, request.Request.Query));
        Assert.Empty(_atClient);

        _server.AcceptPublish(0);
        Pump(piece);
        Assert.Equal(RtmpEventKind.Started, Assert.Single(_atClient).Kind);
        Assert.Equal(1u, _client!.MessageStreamId);

        var body = Chunks.Pattern(150_000);
        ChunkWriter.Write(_toServer, new ChunkHeader(0, 6, RtmpMessageType.Video, 1, 40, body.Length), RtmpServerSession.ChunkSize, body);
        Pump(piece);
        Assert.Equal(RtmpEventKind.Media, _atServer[^1].Kind);
        Assert.True(_atServer[^1].Message.Body.Span.SequenceEqual(body));

        _client.Unpublish();
        Pump(piece);
        Assert.Equal(RtmpEventKind.Ended, _atServer[^1].Kind);
        Assert.Equal(RtmpEventKind.Started, Assert.Single(_atClient).Kind);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(1 << 20)]
    public void A_play_goes_through_and_ends(int piece)
    {
        Open(RtmpClientMode.Play, "rtmp://h/live/show", piece);
        Assert.Equal((RtmpEventKind.Play, "live/show"), (_atServer[0].Kind, _atServer[0].Request!.Path));
        _server.AcceptPlay(0);
        ChunkWriter.Write(_toClient, new ChunkHeader(0, 6, RtmpMessageType.Video, 1, 40, 3), RtmpServerSession.ChunkSize, [1, 2, 3]);
        _server.EndPlay();
        Pump(piece);
        Assert.Equal([RtmpEventKind.Started, RtmpEventKind.Media, RtmpEventKind.Media, RtmpEventKind.Ended], _atClient.Select(happened => happened.Kind));
        Assert.Equal("csid 6 sid 1 type 9 @40: 010203", Chunks.Text(_atClient[2].Message));
        Assert.Equal(RtmpStatus.PlayUnpublishNotify, _atClient[3].Code);
    }

    [Theory]
    [InlineData(RtmpClientMode.Publish, RtmpStatus.PublishBadName)]
    [InlineData(RtmpClientMode.Play, RtmpStatus.PlayStreamNotFound)]
    public void A_refusal_arrives_with_code_and_description(RtmpClientMode mode, string code)
    {
        Open(mode, "rtmp://h/live/show", 100);
        _server.Reject(code, "because");
        Pump(100);
        var failure = Assert.Single(_atClient);
        Assert.Equal((RtmpEventKind.Failed, code, "because"), (failure.Kind, failure.Code, failure.Reason));
    }

    [Fact]
    public void A_server_that_says_nothing_fails_at_the_deadlines()
    {
        using var client = Client(RtmpClientMode.Publish, "rtmp://h/live/show");
        Assert.Equal(RtmpEventKind.None, client.Tick(4_999).Kind);
        Assert.Equal(RtmpEventKind.Failed, client.Tick(5_000).Kind);

        Open(RtmpClientMode.Publish, "rtmp://h/live/show", 1000);
        Assert.Equal(RtmpEventKind.None, _client!.Tick(9_999).Kind);
        Assert.Contains("Starting", _client.Tick(10_000).Reason);
    }

    [Fact]
    public void A_refused_connect_arrives_with_its_description()
    {
        using var client = Greeted();
        var happened = client.Receive(
            TestPeer.Command(0, 3, "_error", 1, Amf0Value.Null, Amf0Value.Object(new("level", "error"), new("code", RtmpStatus.ConnectRejected), new("description", "no such app"))), 0, out _);
        Assert.Equal((RtmpEventKind.Failed, RtmpStatus.ConnectRejected, "no such app"), (happened.Kind, happened.Code, happened.Reason));
    }

    [Fact]
    public void Errors_to_releaseStream_and_FCPublish_do_no_harm_and_onBWDone_is_answered()
    {
        using var client = Greeted();
        byte[] answers =
        [
            .. TestPeer.Command(0, 3, "onBWDone", 0, Amf0Value.Null), .. TestPeer.Command(0, 3, "_result", 1, Amf0Value.Null, Amf0Value.Null),
            .. TestPeer.Command(0, 3, "_error", 2, Amf0Value.Null), .. TestPeer.Command(0, 3, "_error", 3, Amf0Value.Null), .. TestPeer.Command(0, 3, "_result", 4, Amf0Value.Null, 7),
            .. TestPeer.Command(7, 3, "onStatus", 0, Amf0Value.Null, Amf0Value.Object(new("level", "status"), new("code", RtmpStatus.PublishStart))),
        ];
        Assert.Equal(RtmpEventKind.Started, client.Receive(answers, 0, out var consumed).Kind);
        Assert.Equal(answers.Length, consumed);
        Assert.Equal(7u, client.MessageStreamId);
        Assert.True(_toServer.WrittenSpan.IndexOf("_checkbw"u8) > 0);
    }

    [Fact]
    public void A_createStream_without_a_number_fails()
    {
        using var client = Greeted();
        var happened = client.Receive([.. TestPeer.Command(0, 3, "_result", 1, Amf0Value.Null), .. TestPeer.Command(0, 3, "_result", 4, Amf0Value.Null, "x")], 0, out _);
        Assert.Equal(RtmpEventKind.Failed, happened.Kind);
    }

    [Fact]
    public void An_HTTP_server_fails_at_its_first_byte()
    {
        using var client = Client(RtmpClientMode.Play, "rtmp://h/live/show");
        Assert.Equal(RtmpEventKind.Failed, client.Receive("HTTP/1.1 400 Bad Request"u8, 0, out _).Kind);
    }

    [Fact]
    public void A_started_publish_that_the_server_drops_fails_with_its_reason()
    {
        Open(RtmpClientMode.Publish, "rtmp://h/live/show", 1000);
        _server.AcceptPublish(0);
        Pump(1000);
        var happened = _client!.Receive(
            TestPeer.Command(1, 3, "onStatus", 0, Amf0Value.Null, Amf0Value.Object(new("level", "error"), new("code", "NetStream.Publish.Rejected"), new("description", "quota"))), 0, out _);
        Assert.Equal((RtmpEventKind.Failed, "quota"), (happened.Kind, happened.Reason));
    }

    /// <summary>A client whose handshake is done.</summary>
    private RtmpClientSession Greeted()
    {
        var client = Client(RtmpClientMode.Publish, "rtmp://h/live/show");
        Assert.Equal(RtmpEventKind.None, client.Receive([3, .. new byte[3072]], 0, out _).Kind);
        return client;
    }

    private RtmpClientSession Client(RtmpClientMode mode, string url) =>
        new(RtmpUrl.Parse(url, out _)!, mode, _toServer, RtmpLimits.Default, TestPeer.Random, 0);

    private void Open(RtmpClientMode mode, string url, int piece)
    {
        _toServer.ResetWrittenCount();
        _client = Client(mode, url);
        Pump(piece);
    }

    private void Pump(int piece)
    {
        while (_toServer.WrittenCount + _toClient.WrittenCount > 0)
        {
            Give(_toServer, piece, _server.Receive, _atServer);
            Give(_toClient, piece, _client!.Receive, _atClient);
        }
    }

    private delegate RtmpEvent Receive(ReadOnlySpan<byte> input, long now, out int consumed);

    private static void Give(ArrayBufferWriter<byte> from, int piece, Receive receive, List<RtmpEvent> events)
    {
        ReadOnlySpan<byte> bytes = from.WrittenSpan.ToArray();
        from.ResetWrittenCount();
        while (!bytes.IsEmpty)
        {
            var next = bytes[..Math.Min(piece, bytes.Length)];
            var happened = receive(next, 0, out var consumed);
            bytes = bytes[consumed..];
            if (happened.Kind == RtmpEventKind.None) Assert.Equal(next.Length, consumed);
            else events.Add(happened);
            if (happened.Kind == RtmpEventKind.Failed) return;
        }
    }
}
