using System.Net.Security;
using System.Net.WebSockets;
using System.Tests.Parts;
using Fixtures;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests;

/// <summary>FLV over WebSocket by every way in: plain, under TLS, and as a stream of HTTP/2.</summary>
public sealed class WsFlvTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _certificates = new();

    private SluiceOptions Options => new() { Tls = new TlsOptions { Cert = _certificates.Cert, Key = _certificates.Key } };

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [InlineData("ws", 1)]
    [InlineData("wss", 1)]
    [InlineData("wss", 2)]
    public async Task A_viewer_watches_to_the_end_of_the_show(string scheme, int version)
    {
        var stream = new StreamOptions { Switch = new SwitchOptions { End = TimeSpan.FromMilliseconds(500) } };
        await using var server = await TestServer.StartAsync(Options, new StreamEntry("live/x", stream));
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        using var invoker = Invoker();
        using var viewer = await ConnectAsync(server, scheme, version, invoker, "live/x");
        Assert.Equal("FLV"u8.ToArray(), (await ReceiveAsync(viewer, 100_000)).AsSpan(0, 3).ToArray());
        await server.WaitForAsync("live/x", live => live.GetProperty("viewers").GetProperty("wsFlv").GetInt32() == 1);

        encoder.Kill();
        await ReceiveAsync(viewer, int.MaxValue);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, viewer.CloseStatus);
    }

    [Theory]
    [InlineData("ws", 1)]
    [InlineData("wss", 1)]
    [InlineData("wss", 2)]
    public async Task A_viewer_that_is_kicked_is_cut_off_without_a_close(string scheme, int version)
    {
        await using var server = await TestServer.StartAsync(Options);
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        using var invoker = Invoker();
        using var viewer = await ConnectAsync(server, scheme, version, invoker, "live/x");
        await ReceiveAsync(viewer, 1000);
        var clients = (await server.GetAsync("api/v1/clients")).GetProperty("clients").EnumerateArray();
        var id = clients.Single(client => client.GetProperty("protocol").GetString() == "ws-flv").GetProperty("id").GetInt64();
        (await server.Http.DeleteAsync($"api/v1/clients/{id}")).EnsureSuccessStatusCode();
        await Assert.ThrowsAnyAsync<WebSocketException>(() => ReceiveAsync(viewer, int.MaxValue));
        Assert.Null(viewer.CloseStatus);
    }

    [Theory]
    [InlineData("ws", 1)]
    [InlineData("wss", 1)]
    [InlineData("wss", 2)]
    public async Task A_stream_that_is_not_there_is_refused(string scheme, int version)
    {
        await using var server = await TestServer.StartAsync(Options);
        using var invoker = Invoker();
        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(server, scheme, version, invoker, "live/nothing"));
        Assert.Contains("404", refusal.ToString());
    }

    private static HttpMessageInvoker Invoker() =>
        new(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true } });

    private static async Task<ClientWebSocket> ConnectAsync(TestServer server, string scheme, int version, HttpMessageInvoker invoker, string path)
    {
        var viewer = new ClientWebSocket();
        viewer.Options.HttpVersion = new Version(version, version == 1 ? 1 : 0);
        viewer.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var url = new UriBuilder(scheme == "ws" ? server.Flv(path) : server.FlvTls(path)) { Scheme = scheme }.Uri;
        await viewer.ConnectAsync(url, invoker, CancellationToken.None).WaitAsync(Limit);
        return viewer;
    }

    /// <summary>At least this many bytes, or all until the close.</summary>
    private static async Task<byte[]> ReceiveAsync(ClientWebSocket viewer, int least)
    {
        var bytes = new List<byte>();
        var buffer = new byte[64 << 10];
        while (bytes.Count < least)
        {
            var received = await viewer.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Limit);
            if (received.MessageType == WebSocketMessageType.Close) break;
            bytes.AddRange(buffer.AsSpan(0, received.Count));
        }
        return [.. bytes];
    }
}
