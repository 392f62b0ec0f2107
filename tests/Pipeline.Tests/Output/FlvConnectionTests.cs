using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.HttpFlv;

namespace Pipeline.Tests.Output;

/// <summary>HTTP-FLV over real sockets and a real egress thread; the show runs on a fake clock.</summary>
public sealed class FlvConnectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly EgressLoops _loops = new(new EgressOptions(), TimeProvider.System, count: 1);
    private readonly SimulatedShow _show;
    private readonly Acceptor _acceptor;
    private readonly List<Task> _served = [];

    public FlvConnectionTests()
    {
        _show = new SimulatedShow(new StreamOptions(), loops: _loops);
        var flv = new FlvConnection(_show.Registry, _show.Clients, NullLogger<FlvConnection>.Instance, TimeProvider.System);
        _acceptor = Acceptor.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), socket => Serve(flv, socket), NullLogger.Instance, TimeProvider.System);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _acceptor.DisposeAsync();
        await _show.DisposeAsync();
        _loops.Dispose();
    }

    [Fact]
    public async Task A_viewer_gets_every_frame_from_a_keyframe_to_the_end_and_then_a_clean_end()
    {
        _show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        _show.Run(4500);
        using var viewer = await AskAsync("GET /live/show.flv?key=1 HTTP/1.1\r\nHost: x\r\nRange: bytes=0-\r\n\r\n");
        var first = await ReadSomeAsync(viewer, 500);
        Assert.Equal(1, _show.Stream.Output.Viewers.Flv);
        Assert.Equal("flv", Assert.Single(_show.Clients.All, client => client.Kind == ClientKind.Viewer).Protocol);
        _show.Run(2000);
        await _show.Registry.DisposeAsync();

        byte[] answer = [.. first, .. await ReadToEndAsync(viewer)];
        var body = answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4;
        var head = Encoding.ASCII.GetString(answer, 0, body);
        Assert.StartsWith("HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n", head);
        Assert.Contains("Connection: close\r\n", head);
        Assert.Contains("Access-Control-Allow-Origin: *\r\n", head);
        var (flags, tags) = FlvBytes.Read(answer.AsSpan(body));
        Assert.Equal(5, flags);
        var sent = _show.Pictures.Last().Dts;
        var pictures = tags.Where(tag => tag.IsVideo && tag.IsFrame).ToList();
        Assert.True(pictures[0].IsKey);
        Assert.Equal(sent, _show.Pictures.First().Dts + (pictures[^1].Time - pictures[0].Time) + (pictures[0].Time - 400));
        viewer.Dispose();
        await Task.WhenAll(_served).WaitAsync(Limit);
        Assert.DoesNotContain(_show.Clients.All, client => client.Kind == ClientKind.Viewer);
    }

    [Fact]
    public async Task A_viewer_that_leaves_is_forgotten()
    {
        _show.Start("live/show", new SimulatedEncoder());
        _show.Run(3000);
        var viewer = await AskAsync("GET /live/show.flv HTTP/1.0\r\n\r\n");
        await ReadSomeAsync(viewer, 500);
        viewer.Dispose();
        await Task.WhenAll(_served).WaitAsync(Limit);
        Assert.Equal(0, _show.Stream.Output.SubscriberCount);
    }

    [Fact]
    public async Task A_viewer_may_be_closed_from_the_list_of_clients()
    {
        _show.Start("live/show", new SimulatedEncoder());
        _show.Run(3000);
        using var viewer = await AskAsync("GET /live/show.flv HTTP/1.0\r\n\r\n");
        await ReadSomeAsync(viewer, 500);
        Assert.Single(_show.Clients.All, client => client.Kind == ClientKind.Viewer).Close("operator");
        await Task.WhenAll(_served).WaitAsync(Limit);
    }

    [Fact]
    public async Task A_viewer_before_the_first_keyframe_waits()
    {
        _show.Start("live/show", new SimulatedEncoder());
        using var viewer = await AskAsync("GET /live/show.flv HTTP/1.0\r\n\r\n");
        var head = await ReadSomeAsync(viewer, 20);
        _show.Run(3000);
        var more = await ReadSomeAsync(viewer, 500);
        byte[] answer = [.. head, .. more];
        Assert.Contains("200 OK\r\n", Encoding.ASCII.GetString(answer));
        Assert.True(answer.AsSpan().IndexOf("FLV\u0001"u8) > 0);
    }

    [Theory]
    [InlineData("GET /live/nothing.flv HTTP/1.0\r\n\r\n", 404)]
    [InlineData("GET /live/../x.flv HTTP/1.0\r\n\r\n", 404)]
    [InlineData("GET /live/show.flv HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /live/show.flv HTTP/1.7\r\n\r\n", 400)]
    [InlineData("GET /live/ show.flv HTTP/1.0\r\n\r\n", 400)]
    public async Task A_refusal_is_a_problem_with_its_status(string request, int status)
    {
        using var viewer = await AskAsync(request);
        var answer = Encoding.UTF8.GetString(await ReadToEndAsync(viewer));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Contains("Content-Type: application/problem+json\r\n", answer);
        var problem = System.Text.Json.JsonDocument.Parse(answer[(answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        Assert.Equal(status, problem.RootElement.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task The_same_stream_comes_through_the_writer_of_the_web_host()
    {
        _show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        _show.Run(4500);
        var pipe = new Pipe();
        var subscriber = _show.Stream.Output.Open(pipe.Writer, new SubscribeRequest { Container = Container.Flv, Protocol = "flv" });
        var read = await pipe.Reader.ReadAtLeastAsync(300).AsTask().WaitAsync(Limit);
        pipe.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        await _show.Registry.DisposeAsync();
        Assert.Equal(EndReason.StreamEnded, (await subscriber.Finished.WaitAsync(Limit)).Reason);
        await pipe.Writer.CompleteAsync();
        var all = await pipe.Reader.ReadAtLeastAsync(int.MaxValue).AsTask().WaitAsync(Limit);
        var (_, tags) = FlvBytes.Read(System.Buffers.BuffersExtensions.ToArray(all.Buffer));
        Assert.True(tags.First(tag => tag.IsFrame).IsKey);
        Assert.Equal(_show.Pictures.Last().Dts, tags.Last(tag => tag.IsVideo).Time - 400);
    }

    [Fact]
    public async Task Two_hundred_viewers_on_real_sockets_get_equal_bytes()
    {
        const int viewers = 200;
        _show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        _show.Run(4500);
        var sockets = new List<Socket>();
        for (var i = 0; i < viewers; i++) sockets.Add(await AskAsync("GET /live/show.flv HTTP/1.0\r\n\r\n"));
        var firsts = new List<byte[]>();
        foreach (var socket in sockets) firsts.Add(await ReadSomeAsync(socket, 500));
        _show.Run(5000);
        await _show.Registry.DisposeAsync();
        var expected = (byte[])[.. firsts[0], .. await ReadToEndAsync(sockets[0])];
        for (var i = 1; i < viewers; i++) Assert.Equal(expected, (byte[])[.. firsts[i], .. await ReadToEndAsync(sockets[i])]);
        foreach (var socket in sockets) socket.Dispose();
        await Task.WhenAll(_served).WaitAsync(Limit);
    }

    /// <summary>Listed before it is served: its bytes may reach the test before the serving call returns.</summary>
    private async void Serve(FlvConnection flv, Socket socket)
    {
        var served = new TaskCompletionSource();
        _served.Add(served.Task);
        await flv.RunAsync(socket, CancellationToken.None);
        served.SetResult();
    }

    private async Task<Socket> AskAsync(string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _acceptor.EndPoint.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        return socket;
    }

    private static async Task<byte[]> ReadSomeAsync(Socket socket, int least)
    {
        var bytes = new List<byte>();
        var buffer = new byte[64 << 10];
        while (bytes.Count < least && await socket.ReceiveAsync(buffer).WaitAsync(Limit) is var count and > 0) bytes.AddRange(buffer.AsSpan(0, count));
        return [.. bytes];
    }

    private static Task<byte[]> ReadToEndAsync(Socket socket) => ReadSomeAsync(socket, int.MaxValue);
}
