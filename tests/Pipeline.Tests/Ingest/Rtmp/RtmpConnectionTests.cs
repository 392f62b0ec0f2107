using System.Net;
using System.Net.Sockets;
using Sluice.Pipeline;
using Sluice.Wire.Rtmp;

namespace Pipeline.Tests.Ingest.Rtmp;

public sealed class RtmpConnectionTests
{
    private static readonly byte[] Pings = [.. Enumerable.Repeat<byte[]>([2, 0, 0, 0, 0, 0, 6, 4, 0, 0, 0, 0, 0, 6, 0, 0, 0, 1], 10_000).SelectMany(ping => ping)];

    [Fact]
    public async Task What_is_published_is_played_headers_first_and_nothing_is_missing()
    {
        await using var server = new LoopbackServer();
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/x?key=k"));
        Assert.Equal("key=k", server.LastQuery);
        await publisher.SendShowAsync(50);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/x")?.Log.Tail >= 53);

        using var player = await LoopbackClient.PlayAsync(server.Url("live/x"));
        var first = new List<RtmpMessageType>();
        for (var n = 0; n < 4; n++)   // the first is |RtmpSampleAccess
        {
            var happened = await player.NextAsync();
            Assert.Equal(RtmpEventKind.Media, happened.Kind);
            first.Add(happened.Message.Type);
            if (happened.Message.Type == RtmpMessageType.Video) Assert.Equal(LoopbackClient.VideoHeader, happened.Message.Body.Span.ToArray());
            happened.Message.Body.Release();
        }
        Assert.Equal([RtmpMessageType.Audio, RtmpMessageType.Video, RtmpMessageType.Data, RtmpMessageType.Data], first.Order());
        Assert.Equal(Enumerable.Range(0, 50), await player.PicturesAsync(50));

        for (var n = 50; n < 100; n++) await publisher.SendPictureAsync(n);
        Assert.Equal(Enumerable.Range(50, 50), await player.PicturesAsync(50));
        Assert.Equal(["Publisher rtmp live/x", "Viewer rtmp live/x"], server.Clients.All.Select(client => $"{client.Kind} {client.Protocol} {client.Path}").Order());
    }

    [Fact]
    public async Task At_the_end_of_the_show_a_player_gets_every_byte_and_then_the_notice()
    {
        await using var server = new LoopbackServer();
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/x"));
        await publisher.SendShowAsync(20, size: 200_000);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/x")?.Log.Tail >= 23);
        using var player = await LoopbackClient.PlayAsync(server.Url("live/x"));
        await publisher.UnpublishAsync();
        Assert.Equal(Enumerable.Range(0, 20), await player.PicturesAsync(20));
        var end = await player.NextAsync();
        Assert.Equal((RtmpEventKind.Ended, RtmpStatus.PlayUnpublishNotify), (end.Kind, end.Code));
        Assert.Contains(server.Journal, entry => entry is { Kind: "source", Reason: "unpublished" });
    }

    [Fact]
    public async Task A_publisher_that_just_closes_is_a_fault_and_no_orderly_end()
    {
        await using var server = new LoopbackServer();
        using (var publisher = await LoopbackClient.PublishAsync(server.Url("live/x"))) await publisher.SendShowAsync(3);
        await LoopbackServer.UntilAsync(() => server.Journal.Any(entry => entry is { Kind: "source", Reason: "closed" }));
        Assert.Empty(server.Clients.All);
    }

    [Fact]
    public async Task A_second_publisher_hears_BadName_while_the_first_sends()
    {
        await using var server = new LoopbackServer();
        using var first = await LoopbackClient.PublishAsync(server.Url("live/x"));
        await first.SendShowAsync(1);
        var second = LoopbackClient.PublishAsync(server.Url("live/x"));
        for (var n = 1; !second.IsCompleted; n++)
        {
            await first.SendPictureAsync(n);
            await Task.WhenAny(second, Task.Delay(20));
        }
        var refusal = await Assert.ThrowsAsync<IOException>(() => second);
        Assert.Contains(RtmpStatus.PublishBadName, refusal.Message);
    }

    [Fact]
    public async Task Who_may_not_hears_why()
    {
        await using var server = new LoopbackServer { Refusal = "the key is wrong" };
        var publish = await Assert.ThrowsAsync<IOException>(() => LoopbackClient.PublishAsync(server.Url("live/x")));
        Assert.Equal($"{RtmpStatus.PublishDenied}: the key is wrong", publish.Message);
        var play = await Assert.ThrowsAsync<IOException>(() => LoopbackClient.PlayAsync(server.Url("live/x")));
        Assert.Equal($"{RtmpStatus.PlayFailed}: the key is wrong", play.Message);
    }

    [Fact]
    public async Task What_nobody_publishes_is_not_found()
    {
        await using var server = new LoopbackServer();
        var play = await Assert.ThrowsAsync<IOException>(() => LoopbackClient.PlayAsync(server.Url("live/none")));
        Assert.StartsWith(RtmpStatus.PlayStreamNotFound, play.Message);
    }

    [Fact]
    public async Task The_operator_closes_a_publisher_and_a_player()
    {
        await using var server = new LoopbackServer();
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/x"));
        await publisher.SendShowAsync(3);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/x")?.Log.Tail >= 6);
        using var player = await LoopbackClient.PlayAsync(server.Url("live/x"));
        await player.PicturesAsync(3);
        foreach (var client in server.Clients.All) client.Close("by the operator");
        await LoopbackServer.UntilAsync(() => server.Clients.All.Count == 0);
    }

    [Fact]
    public async Task A_publisher_that_pings_for_ever_and_never_reads_is_closed()
    {
        await using var server = new LoopbackServer();
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/x"));
        await publisher.SendShowAsync(3);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            for (var n = 0; n < 500; n++) await publisher.SendRawAsync(Pings);
        });
        await LoopbackServer.UntilAsync(() => server.Clients.All.Count == 0);
    }

    [Fact]
    public async Task One_that_floods_and_one_that_breaks_cost_the_third_nothing()
    {
        await using var server = new LoopbackServer();
        using var broken = await LoopbackClient.PublishAsync(server.Url("live/broken"));
        using var flooding = await LoopbackClient.PublishAsync(server.Url("live/flood"));
        using var good = await LoopbackClient.PublishAsync(server.Url("live/x"));
        await broken.SendShowAsync(1);
        await flooding.SendShowAsync(1);
        await good.SendShowAsync(1);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/x")?.Log.Tail >= 4);
        using var player = await LoopbackClient.PlayAsync(server.Url("live/x"));

        using var over = new CancellationTokenSource();
        var flood = Task.Run(async () =>
        {
            for (var n = 1; !over.IsCancellationRequested; n++) await flooding.SendPictureAsync(n, size: 200_000);
        }, over.Token);
        await broken.SendRawAsync(Enumerable.Repeat((byte)0xFF, 5000).ToArray());
        for (var n = 1; n < 50; n++) await good.SendPictureAsync(n);
        Assert.Equal(Enumerable.Range(0, 50), await player.PicturesAsync(50));
        await LoopbackServer.UntilAsync(() => server.Clients.All.All(client => client.Path != "live/broken"));
        Assert.False(flood.IsCompleted);
        await over.CancelAsync();
        await flood;
    }

    [Fact]
    public async Task A_player_that_pings_for_ever_and_never_reads_is_closed()
    {
        await using var server = new LoopbackServer();
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/x"));
        await publisher.SendShowAsync(3);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/x")?.Log.Tail >= 6);
        using var player = await LoopbackClient.PlayAsync(server.Url("live/x"));
        await player.PicturesAsync(3);
        await Assert.ThrowsAsync<SocketException>(async () =>
        {
            for (var n = 0; n < 500; n++) await player.SendRawAsync(Pings);
        });
        await LoopbackServer.UntilAsync(() => server.Clients.All.All(client => client.Kind == ClientKind.Publisher));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0006")]
    public async Task What_is_no_RTMP_is_closed_at_once(string text)
    {
        await using var server = new LoopbackServer();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        await socket.SendAsync(System.Text.Encoding.Latin1.GetBytes(text));
        await ClosedAsync(socket);
    }

    [Fact]
    public async Task Garbage_behind_the_handshake_is_closed_at_once()
    {
        await using var server = new LoopbackServer();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        await socket.SendAsync((byte[])[3, .. new byte[3072], 0xFF, 0xFF, 0xFF, 0xFF]);
        await ClosedAsync(socket);
    }

    private static async Task ClosedAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(4));
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token) > 0)
            {
                // The answer to the handshake.
            }
        }
        catch (SocketException)
        {
            // A reset is a close, too.
        }
    }
}
