using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Tests.Parts;

namespace System.Tests;

/// <summary>Clients that misbehave, while a good viewer watches.</summary>
public sealed class HostileTests
{
    private static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Reads until the other side closes; how long that took.</summary>
    private static async Task<TimeSpan> UntilClosedAsync(Socket socket, Func<Task>? meanwhile = null)
    {
        var clock = Stopwatch.StartNew();
        var buffer = new byte[4096];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var closed = Task.Run(async () =>
        {
            try
            {
                while (await socket.ReceiveAsync(buffer, patience.Token) > 0) continue;
            }
            catch (SocketException)
            {
                // A reset is a close too.
            }
        });
        while (!closed.IsCompleted && meanwhile is not null) await meanwhile();
        await closed;
        return clock.Elapsed;
    }

    [Fact]
    public async Task One_byte_a_second_is_no_handshake()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await ConnectAsync(server.RtmpPort);
        await socket.SendAsync(new byte[] { 3 });
        var elapsed = await UntilClosedAsync(socket, async () =>
        {
            await Task.Delay(1000);
            socket.Send([0], SocketFlags.None, out _);
        });
        Assert.InRange(elapsed.TotalSeconds, 3, 8);
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed()
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await ConnectAsync(server.RtmpPort);
        Assert.InRange((await UntilClosedAsync(socket)).TotalSeconds, 3, 12);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000")]
    public async Task Another_protocol_on_the_rtmp_port_is_refused(string bytes)
    {
        await using var server = await TestServer.StartAsync();
        using var socket = await ConnectAsync(server.RtmpPort);
        await socket.SendAsync(Text.Encoding.Latin1.GetBytes(bytes));
        Assert.InRange((await UntilClosedAsync(socket)).TotalSeconds, 0, 8);
    }

    [Fact]
    public async Task A_viewer_that_never_reads_is_closed_and_costs_the_others_nothing()
    {
        await using var server = await TestServer.StartAsync(new Sluice.Configuration.SluiceOptions { Egress = new Sluice.Pipeline.EgressOptions { MaxLag = TimeSpan.FromSeconds(2) } });
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        using var lazy = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await lazy.ConnectAsync(IPAddress.Loopback, server.HttpPort);
        await lazy.SendAsync("GET /live/x.flv HTTP/1.1\r\nHost: h\r\n\r\n"u8.ToArray());
        var good = await Ffmpeg.ProbeAsync(server.Flv("live/x"), 8);
        Assert.InRange(good.Video.Count, 150, 300);
        await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() == 0);
    }

    [Fact]
    public async Task A_half_open_publisher_does_not_block_its_name()
    {
        await using var server = await TestServer.StartAsync();
        await using var first = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        first.Signal("STOP");
        await using var second = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForAsync("live/x", stream => stream.GetProperty("sources")[0].GetProperty("state").GetString() == "healthy", 15);
        Assert.False(second.HasExited);
    }

    [Fact]
    public async Task A_publisher_that_falls_silent_is_closed_after_ten_seconds()
    {
        await using var server = await TestServer.StartAsync();
        await using var publisher = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        var stopped = Stopwatch.StartNew();
        publisher.Signal("STOP");
        while ((await server.GetAsync("api/v1/clients")).GetProperty("clients").GetArrayLength() > 0 && stopped.Elapsed < TimeSpan.FromSeconds(20)) await Task.Delay(100);
        Assert.InRange(stopped.Elapsed.TotalSeconds, 9.5, 15);
    }
}
