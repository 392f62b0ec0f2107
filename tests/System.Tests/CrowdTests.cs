using System.Net;
using System.Net.Sockets;
using System.Tests.Parts;

namespace System.Tests;

public sealed class CrowdTests
{
    /// <summary>Event notifications that are still under way when a request has been read must not be taken for the viewer's leaving: about one in two thousand was.</summary>
    [Fact]
    public async Task Three_thousand_viewers_who_come_at_once_all_stay()
    {
        const int viewers = 3000;
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), video: false);
        await server.WaitForLiveAsync("live/x");
        var sockets = await Task.WhenAll(Enumerable.Range(0, viewers).Select(n => AskAsync(server.HttpPort, n)));
        try
        {
            await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() == viewers);
            await Task.Delay(TimeSpan.FromSeconds(1));
            Assert.Equal(viewers, (await server.StreamAsync("live/x")).GetProperty("viewers").GetProperty("flv").GetInt32());
        }
        finally
        {
            foreach (var socket in sockets) socket.Dispose();
        }
    }

    private static async Task<Socket> AskAsync(int port, int n)
    {
        await Task.Delay(n / 3);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await socket.SendAsync("GET /live/x.flv HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
        return socket;
    }
}
