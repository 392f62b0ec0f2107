using System.Net;
using System.Net.Sockets;
using System.Tests.Parts;
using System.Text.Json;
using Fixtures;
using Sluice.Bench;
using Sluice.Configuration;
using Sluice.Pipeline;
using SluiceCommand = Sluice.Commands.CommandLine;

namespace System.Tests;

/// <summary>The load that the program brings itself, against the real server.</summary>
public sealed class BenchTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-bench-").FullName;

    private string File => Path.Combine(_folder, "loop.flv");

    /// <summary>Two seconds of 25 fps, so that a test sees several laps.</summary>
    public async ValueTask InitializeAsync()
    {
        await using var encoder = await Tool.RunAsync("ffmpeg", TimeSpan.FromSeconds(60), "-hide_banner", "-loglevel", "error",
            "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "2",
            "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "300k", "-g", "25", "-c:a", "aac", "-b:a", "64k", "-f", "flv", File);
        Assert.True(IO.File.Exists(File), encoder.Errors);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<(int Exit, string Output, string Errors)> BenchAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var errors = new StringWriter();
        var exit = await Task.Run(() => SluiceCommand.RunAsync(["bench", .. arguments], output, errors));
        return (exit, output.ToString(), errors.ToString());
    }

    private static JsonElement Report(string output) => JsonDocument.Parse(output).RootElement;

    [Theory]
    [InlineData("flv")]
    [InlineData("rtmp")]
    [InlineData("https")]
    [InlineData("rtmps")]
    public async Task Twenty_viewers_of_a_published_file_keep_up(string protocol)
    {
        using var certificates = new TestCertificates();
        await using var server = await TestServer.StartAsync(new SluiceOptions { Tls = new TlsOptions { Cert = certificates.Cert, Key = certificates.Key } });
        var publishing = BenchAsync("publish", File, protocol == "rtmps" ? server.Rtmps("live/x") : server.Rtmp("live/x"), "--seconds", "10");
        await server.WaitForLiveAsync("live/x");
        var url = protocol switch { "flv" => server.Flv("live/x"), "https" => server.FlvTls("live/x"), "rtmps" => server.Rtmps("live/x"), _ => server.Rtmp("live/x") };

        var (exit, output, errors) = await BenchAsync("play", url, "-n", "20", "--seconds", "3", "--json", "--pid", $"{Environment.ProcessId}");

        Assert.True(exit == 0, output + errors);
        var report = Report(output);
        Assert.Equal(20, report.GetProperty("viewers").GetInt32());
        Assert.Equal(20, report.GetProperty("keepUp").GetInt32());
        Assert.Equal(0, report.GetProperty("lost").GetInt32());
        Assert.InRange(report.GetProperty("medianKbps").GetDouble(), 150, 1500);
        Assert.Equal(report.GetProperty("bytes").GetInt64() * 8 / 3e6, report.GetProperty("mbps").GetDouble(), tolerance: 0.0051);   // it is told to two places
        Assert.InRange(report.GetProperty("firstByteMs").GetProperty("p99").GetDouble(), 0.01, 2500);
        Assert.InRange(report.GetProperty("firstKeyframeMs").GetProperty("p99").GetDouble(), report.GetProperty("firstByteMs").GetProperty("p50").GetDouble(), 2500);
        Assert.InRange(report.GetProperty("longestGapMs").GetProperty("p50").GetDouble(), 10, 2000);
        Assert.True(report.GetProperty("server").GetProperty("cpuPercent").GetDouble() > 0);
        var published = await publishing;
        Assert.True(published.Exit == 0, published.Output + published.Errors);
    }

    [Theory]
    [InlineData("flv")]
    [InlineData("rtmps")]
    public async Task Stamped_pictures_tell_how_old_they_are(string protocol)
    {
        using var certificates = new TestCertificates();
        await using var server = await TestServer.StartAsync(new SluiceOptions { Tls = new TlsOptions { Cert = certificates.Cert, Key = certificates.Key }, Egress = new EgressOptions { Tick = TimeSpan.FromMilliseconds(200) } });
        var publishing = BenchAsync("publish", File, server.Rtmp("live/x"), "--seconds", "8", "--stamp");
        await server.WaitForLiveAsync("live/x");

        var (exit, output, errors) = await BenchAsync("play", protocol == "flv" ? server.Flv("live/x") : server.Rtmps("live/x"), "-n", "7", "--probes", "2", "--seconds", "2", "--json");

        Assert.True(exit == 0, output + errors);
        var latency = Report(output).GetProperty("latencyMs");
        Assert.InRange(latency.GetProperty("p50").GetDouble(), 30, 190);    // a picture waits half a tick for its turn
        Assert.InRange(latency.GetProperty("p99").GetDouble(), 120, 400);
        Assert.Equal(0, (await publishing).Exit);
    }

    [Fact]
    public async Task The_loop_has_no_seam_for_a_player()
    {
        await using var server = await TestServer.StartAsync();
        var publishing = BenchAsync("publish", File, server.Rtmp("live/x"), "--seconds", "10");
        await server.WaitForLiveAsync("live/x");

        var probe = await Ffmpeg.ProbeAsync(server.Rtmp("live/x"), 6);

        Assert.InRange(probe.Video.Count, 120, 300);
        Assert.All(probe.Video.Zip(probe.Video.Skip(1), (a, b) => b.Dts - a.Dts), step => Assert.InRange(step, 0.039, 0.041));
        Assert.All(probe.Audio.Zip(probe.Audio.Skip(1), (a, b) => b.Dts - a.Dts), step => Assert.InRange(step, 0.001, 0.045));
        Assert.Equal(0, (await publishing).Exit);
    }

    [Fact]
    public void A_chunked_answer_is_read_at_any_split()
    {
        var answer = "5;name=value\r\nhello\r\n1\r\n \r\n0005\r\nworld\r\n0\r\n\r\n"u8.ToArray();
        for (var size = 1; size <= answer.Length; size++)
        {
            var body = new ChunkedBody();
            var inside = new List<byte>();
            foreach (var part in answer.Chunk(size))
            {
                ReadOnlySpan<byte> bytes = part;
                while (!bytes.IsEmpty) inside.AddRange(body.Take(ref bytes));
            }
            Assert.Equal("hello world"u8.ToArray(), inside);
        }
    }

    [Fact]
    public async Task Several_publishers_are_numbered()
    {
        await using var server = await TestServer.StartAsync();
        var publishing = BenchAsync("publish", File, server.Rtmp("live/x?a=b"), "-n", "3", "--seconds", "4");
        for (var number = 1; number <= 3; number++) await server.WaitForLiveAsync($"live/x-{number}");
        var (exit, output, _) = await publishing;
        Assert.Equal(0, exit);
        Assert.Contains("3, 0 lost", output);
    }

    [Theory]
    [InlineData("flv", "404")]
    [InlineData("rtmp", "StreamNotFound")]
    public async Task Viewers_that_are_refused_are_lost_and_the_reason_is_told(string protocol, string reason)
    {
        await using var server = await TestServer.StartAsync();
        var url = protocol == "flv" ? server.Flv("live/nobody") : server.Rtmp("live/nobody");
        var (exit, output, _) = await BenchAsync("play", url, "-n", "3", "--seconds", "30");
        Assert.Equal(1, exit);
        Assert.Contains("0 keep up, 3 lost", output);
        Assert.Contains("3: ", output);
        Assert.Contains(reason, output);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)socket.LocalEndPoint!).Port;   // bound, but nobody listens

        var played = await BenchAsync("play", $"http://127.0.0.1:{port}/live/x.flv", "-n", "2", "--seconds", "30");
        Assert.Equal(1, played.Exit);
        Assert.Contains("2: Connection refused", played.Output);

        var published = await BenchAsync("publish", File, $"rtmp://127.0.0.1:{port}/live/x", "--seconds", "30");
        Assert.Equal(1, published.Exit);
        Assert.Contains("Connection refused", published.Output);
    }

    [Theory]
    [InlineData("play", "ftp://127.0.0.1/live/x")]
    [InlineData("play", "rtmp://127.0.0.1/live/x", "-n", "0")]
    [InlineData("publish", "/nowhere/x.flv", "rtmp://127.0.0.1/live/x")]
    public async Task What_cannot_be_tried_is_not(params string[] arguments)
    {
        var (exit, _, errors) = await BenchAsync(arguments);
        Assert.Equal(2, exit);
        Assert.NotEmpty(errors);
    }
}
