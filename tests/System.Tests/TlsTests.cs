using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Tests.Parts;
using System.Text;
using Fixtures;
using Sluice.Configuration;
using Sluice.Pipeline;
using Sluice.Pipeline.Net.Tls;

namespace System.Tests;

/// <summary>The same show over TLS, with real clients, the certificates of a private authority, and other Sluices as ends of push and pull.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    private SluiceOptions Options => new() { Tls = new TlsOptions { Cert = _certificates.Cert, Key = _certificates.Key } };

    private TlsTrust Trust => new() { CaFile = _certificates.CaFile };

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Ffmpeg_publishes_and_plays_over_rtmps()
    {
        await using var server = await TestServer.StartAsync(Options);
        await using var encoder = Ffmpeg.Publish(server.Rtmps("live/x"));
        await server.WaitForLiveAsync("live/x");
        await using var plain = await PacketsAsync(server.Rtmp("live/x"));
        await using var secure = await PacketsAsync(server.Rtmps("live/x"), "-tls_verify", "1", "-ca_file", _certificates.CaFile);
        Assert.True(secure.Output.Split('\n').Count(line => line.StartsWith("packet", StringComparison.Ordinal)) >= 60, secure.Errors);
        Assert.Equal(plain.Output.Split('\n').Length, secure.Output.Split('\n').Length, 40.0);
        await using var stranger = await PacketsAsync(server.Rtmps("live/x"), "-tls_verify", "1");
        Assert.DoesNotContain("packet", stranger.Output);
    }

    [Fact]
    public async Task Viewers_over_tls_are_counted_listed_and_kicked()
    {
        await using var server = await TestServer.StartAsync(Options);
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        await using var rtmps = Tool.Start("ffmpeg", "-hide_banner", "-loglevel", "error", "-i", server.Rtmps("live/x"), "-c", "copy", "-f", "null", "-");
        using var http = Client(2);
        using var flv = await http.GetAsync(server.FlvTls("live/x"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await flv.Content.ReadAsStreamAsync();
        var viewers = (await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("rtmp").GetInt32() == 1)).GetProperty("viewers");
        Assert.Equal(1, viewers.GetProperty("flv").GetInt32());

        var clients = (await server.GetAsync("api/v1/clients")).GetProperty("clients").EnumerateArray().Where(client => client.GetProperty("kind").GetString() == "viewer").ToList();
        Assert.Equal(2, clients.Count);
        foreach (var client in clients) (await server.Http.DeleteAsync($"api/v1/clients/{client.GetProperty("id").GetInt64()}")).EnsureSuccessStatusCode();
        await rtmps.WaitAsync(TimeSpan.FromSeconds(20));
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(20)));
        await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() == 0 && stream.GetProperty("viewers").GetProperty("rtmp").GetInt32() == 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task HttpFlv_api_and_health_answer_over_https(int version)
    {
        await using var server = await TestServer.StartAsync(Options);
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        using var http = Client(version);
        using var flv = await http.GetAsync(server.FlvTls("live/x"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(version, flv.Version.Major);
        Assert.Equal(HttpStatusCode.OK, flv.StatusCode);
        var bytes = new byte[100_000];
        await using (var body = await flv.Content.ReadAsStreamAsync()) await body.ReadExactlyAsync(bytes).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("FLV"u8, bytes.AsSpan(0, 3));
        foreach (var path in (string[])["healthz", "metrics", "api/v1/streams/live/x"])
        {
            using var answer = await http.GetAsync($"https://localhost:{server.HttpsPort}/{path}");
            Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version.Major));
        }
        using var missing = await http.GetAsync(server.FlvTls("live/nothing"));
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    /// <summary>Apple's low-latency players ask for HTTP/2: a reload and the part that it waits for share the connection.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task LowLatencyHls_comes_over_https(int version)
    {
        await using var server = await TestServer.StartAsync(Options);
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        using var http = Client(version);
        var folder = $"https://localhost:{server.HttpsPort}/live/x.hls/";
        var list = await http.GetStringAsync(folder + "media.m3u8");
        for (var i = 0; i < 4; i++)
        {
            var hint = PreloadHint.Of(list);
            var reload = http.GetAsync($"{folder}media.m3u8?{hint.Reload}");
            using var part = await http.GetAsync(folder + hint.Uri);
            Assert.Equal((HttpStatusCode.OK, version), (part.StatusCode, part.Version.Major));
            Assert.Equal("prft", Encoding.ASCII.GetString(await part.Content.ReadAsByteArrayAsync(), 4, 4));
            using var answer = await reload;
            list = await answer.Content.ReadAsStringAsync();
            Assert.Contains($"URI=\"{hint.Uri}\"", list.Split("#EXT-X-PRELOAD-HINT")[0]);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_https_viewer_that_does_not_read_is_closed_and_another_loses_nothing(int version)
    {
        await using var server = await TestServer.StartAsync(Options with { Egress = new EgressOptions { MaxLag = TimeSpan.FromSeconds(1) } });
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), kbps: 4000);
        await server.WaitForLiveAsync("live/x");
        using var http = Client(version);
        using var slow = await http.GetAsync(server.FlvTls("live/x"), HttpCompletionOption.ResponseHeadersRead);
        var good = PacketsAsync(server.FlvTls("live/x"), "-tls_verify", "0");
        await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() >= 1);
        await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() == 0, seconds: 40);
        await using var seen = await good;
        Assert.True(seen.Output.Split('\n').Count(line => line.StartsWith("packet", StringComparison.Ordinal)) >= 60, seen.Errors);
        await using var body = await slow.Content.ReadAsStreamAsync();
        await Assert.ThrowsAnyAsync<IOException>(async () => await body.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task A_new_certificate_is_for_new_connections_and_a_viewer_watches_on()
    {
        await using var server = await TestServer.StartAsync(Options);
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        using var http = Client(1);
        using var flv = await http.GetAsync(server.FlvTls("live/x"), HttpCompletionOption.ResponseHeadersRead);
        await using var body = await flv.Content.ReadAsStreamAsync();
        var before = await ThumbprintAsync(server.RtmpsPort);

        var renewed = _certificates.Write("server");
        Assert.NotEqual(before, renewed);
        for (var tries = 0; await ThumbprintAsync(server.RtmpsPort) != renewed; tries++)
        {
            Assert.True(tries < 100, "The new certificate was not taken.");
            await Task.Delay(100);
        }
        Assert.Equal(renewed, await ThumbprintAsync(server.HttpsPort));
        await body.ReadExactlyAsync(new byte[200_000]).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Contains((await server.GetAsync("api/v1/journal")).GetProperty("entries").EnumerateArray(), entry => entry.GetProperty("reason").GetString() == "reloaded");
    }

    [Fact]
    public async Task Push_and_pull_go_over_rtmps_and_https()
    {
        await using var cdn = await TestServer.StartAsync(Options);
        await using var server = await TestServer.StartAsync(new StreamEntry("live/x", new StreamOptions
        {
            Push = [new PushOptions("cdn", cdn.Rtmps("live/pushed")) { Trust = Trust }],
        }));
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await cdn.WaitForLiveAsync("live/pushed");
        await using var puller = await TestServer.StartAsync(
            new StreamEntry("live/a", new StreamOptions { Sources = [new SourceOptions { Name = "a", Pull = cdn.Rtmps("live/pushed"), Trust = Trust }] }),
            new StreamEntry("live/b", new StreamOptions { Sources = [new SourceOptions { Name = "b", Pull = cdn.FlvTls("live/pushed"), Trust = Trust }] }),
            new StreamEntry("live/c", new StreamOptions { Sources = [new SourceOptions { Name = "c", Pull = cdn.FlvTls("live/pushed"), Trust = new TlsTrust { Insecure = true } }] }));
        foreach (var name in (string[])["live/a", "live/b", "live/c"])
        {
            await puller.WaitForLiveAsync(name);
            Assert.InRange((await Ffmpeg.ProbeAsync(puller.Flv(name), 3)).Video.Count, 50, 150);
        }
    }

    [Theory]
    [InlineData("localhost", false, "does not hold")]
    [InlineData("127.0.0.2", true, "it is not for 127.0.0.2 but for localhost")]
    public async Task A_push_to_one_whose_certificate_does_not_hold_says_so(string host, bool trusted, string expected)
    {
        var options = Options;
        await using var cdn = await TestServer.StartAsync(options);
        using var relay = new TcpRelay(IPAddress.Parse(host == "localhost" ? "127.0.0.1" : host), cdn.RtmpsPort);
        await using var server = await TestServer.StartAsync(new StreamEntry("live/x", new StreamOptions
        {
            Push = [new PushOptions("cdn", $"rtmps://{host}:{relay.Port}/live/x") { Trust = trusted ? Trust : TlsTrust.System }],
        }));
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        var state = await server.WaitForAsync("live/x", stream => stream.GetProperty("push")[0].GetProperty("lastError").ValueKind == Text.Json.JsonValueKind.String);
        Assert.Contains(expected, state.GetProperty("push")[0].GetProperty("lastError").GetString());
    }

    [Fact]
    public async Task Only_this_machine_may_publish_over_tls_too_and_refusals_have_their_reason()
    {
        await using var server = await TestServer.StartAsync(Options with { Access = new AccessOptions { Publish = AccessRule.Key, PublishKey = "k", Play = AccessRule.Loopback, Api = AccessRule.Loopback } });
        await using var refused = Ffmpeg.Publish(server.Rtmps("live/x"));
        await refused.WaitAsync(TimeSpan.FromSeconds(20));
        await using var encoder = Ffmpeg.Publish(server.Rtmps("live/x?key=k"));
        await server.WaitForLiveAsync("live/x");
        var journal = (await server.GetAsync("api/v1/journal")).GetProperty("entries").EnumerateArray();
        Assert.Contains(journal, entry => entry.GetProperty("kind").GetString() == "access" && entry.GetProperty("reason").GetString() == "no key was given");
        using var http = Client(2);
        using var flv = await http.GetAsync(server.FlvTls("live/x"), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, flv.StatusCode);
    }

    [Fact]
    public async Task Versions_before_TLS_1_2_are_refused()
    {
        await using var server = await TestServer.StartAsync(Options);
        foreach (var port in (int[])[server.RtmpsPort, server.HttpsPort])
        {
            await using var old = await Tool.RunAsync("openssl", TimeSpan.FromSeconds(20), "s_client", "-connect", $"127.0.0.1:{port}", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0");
            Assert.Contains("Cipher is (NONE)", old.Output);
        }
    }

    private static Task<Tool> PacketsAsync(string url, params string[] options) => Tool.RunAsync("ffprobe", TimeSpan.FromSeconds(30),
        ["-v", "error", .. options, "-read_intervals", "%+3", "-show_entries", "packet=codec_type", "-of", "csv", url]);

    private HttpClient Client(int version) => new(new SocketsHttpHandler { SslOptions = Trust.ClientOptions("localhost") })
    {
        DefaultRequestVersion = new Version(version, version == 1 ? 1 : 0), DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Task<string> ThumbprintAsync(int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var stream = new SslStream(new NetworkStream(socket), false, (_, _, _, _) => true);
        await stream.AuthenticateAsClientAsync("localhost");
        return ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;
    }
}
