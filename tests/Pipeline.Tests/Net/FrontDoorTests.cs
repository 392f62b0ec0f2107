using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;

namespace Pipeline.Tests.Net;

/// <summary>The front door before a real web host, on loopback.</summary>
public sealed class FrontDoorTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly HandshakeLog _failures = new(TimeProvider.System, NullLogger<HandshakeLog>.Instance);
    private WebApplication _web = null!;
    private IPEndPoint _address = null!;

    public async ValueTask InitializeAsync()
    {
        var door = new FrontDoor(Say("rtmp"), Say("flv"), _failures, NullLoggerFactory.Instance, TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => door.UsePools(services.GetRequiredService<IMemoryPoolFactory<byte>>()));
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(new DoorAddress("http", new IPEndPoint(IPAddress.IPv6Any, 0), isTls: false)));
        _web = builder.Build();
        _web.MapGet("/{**path}", (string path) => Results.Text("web " + path));
        await _web.StartAsync();
        _address = new IPEndPoint(IPAddress.Loopback, new Uri(_web.Urls.First().Replace("[::]", "127.0.0.1")).Port);
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    [Fact]
    public void Port_0_has_become_a_port_that_takes_IPv4_too() => Assert.NotEqual(0, _address.Port);

    [Fact]
    public async Task An_address_that_another_server_has_is_refused()
    {
        static Acceptor Listen(IPEndPoint address) => Acceptor.Listen(address, socket => socket.Dispose(), NullLogger.Instance, TimeProvider.System);
        await using var first = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        Assert.Throws<SocketException>(() => Listen(first.EndPoint));
    }

    [Fact]
    public async Task Each_connection_goes_to_whoever_speaks_it()
    {
        Assert.Equal("rtmp", await AskAsync("\u0003 and more"));
        Assert.Equal("flv", await AskAsync("GET /live/show.flv?key=1 HTTP/1.1\r\nHost: x\r\n\r\n"));
        Assert.Equal("flv", await AskAsync("GET /live/show.flv HTTP/1.0\r\n\r\n"));
        Assert.EndsWith("web live/other", await AskAsync("GET /live/other HTTP/1.0\r\n\r\n"));
        Assert.EndsWith("web live/show.flv", await AskAsync("GET /live/show.flv HTTP/1.1\r\nHost: x\r\nUpgrade: something\r\nConnection: close\r\n\r\n"));
    }

    [Fact]
    public async Task A_web_connection_is_kept_alive_by_the_web_host()
    {
        using var http = new HttpClient();
        for (var i = 0; i < 3; i++) Assert.Equal($"web a/{i}", await http.GetStringAsync($"http://{_address}/a/{i}").WaitAsync(Limit));
    }

    [Fact]
    public async Task A_slow_drip_is_understood_and_holds_up_nobody()
    {
        using var drip = await ConnectAsync();
        using var silent = await ConnectAsync();
        foreach (var c in "GET /live/show.f"u8.ToArray())
        {
            await drip.SendAsync(new[] { c });
            Assert.Equal("rtmp", await AskAsync("\u0003"));
        }
        await drip.SendAsync("lv HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        Assert.Equal("flv", await ReadAsync(drip));
    }

    [Fact]
    public async Task A_connection_that_says_nothing_is_closed_in_the_end()
    {
        using var silent = await ConnectAsync();
        using var half = await ConnectAsync();
        await half.SendAsync("GET /"u8.ToArray());
        Assert.Equal("", await ReadAsync(silent));
        Assert.Equal("", await ReadAsync(half));
    }

    private static ServeSocket Say(string what) => async (socket, stop) =>
    {
        using (socket)
        {
            var scratch = new byte[8192];
            await socket.ReceiveAsync(scratch, SocketFlags.None, stop);
            await socket.SendAsync(Encoding.ASCII.GetBytes(what), SocketFlags.None, stop);
            socket.Shutdown(SocketShutdown.Send);
            while (await socket.ReceiveAsync(scratch, SocketFlags.None, stop) > 0) { }
        }
    };

    private async Task<string> AskAsync(string request)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        return await ReadAsync(socket);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_address);
        return socket;
    }

    private static async Task<string> ReadAsync(Socket socket)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Limit) is var count and > 0) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        }
        catch (SocketException)
        {
            // Closed by a reset: bytes were left unread.
        }
        return text.ToString();
    }
}
