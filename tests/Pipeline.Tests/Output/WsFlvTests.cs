using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.HttpFlv;
using Sluice.Pipeline.Output.WsFlv;
using Sluice.Wire.WebSockets;

namespace Pipeline.Tests.Output;

/// <summary>FLV over WebSocket on real sockets, with the framework's client and with one that misbehaves; the show runs on a fake clock.</summary>
public sealed class WsFlvTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private const string Ask = "GET /live/show.flv HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

    private readonly EgressLoops _loops = new(new EgressOptions(), TimeProvider.System, count: 1);
    private readonly SimulatedShow _show;
    private readonly Acceptor _acceptor;
    private readonly List<Task> _served = [];

    public WsFlvTests()
    {
        _show = new SimulatedShow(new StreamOptions(), loops: _loops);
        var flv = new FlvConnection(_show.Registry, _show.Clients, NullLogger<FlvConnection>.Instance, TimeProvider.System);
        _acceptor = Acceptor.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), socket => Serve(flv, socket), NullLogger.Instance, TimeProvider.System);
        _show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        _show.Run(4500);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        await _acceptor.DisposeAsync();
        await _show.DisposeAsync();
        _loops.Dispose();
    }

    [Fact]
    public async Task A_viewer_gets_every_frame_to_the_end_and_a_normal_close()
    {
        using var viewer = await ConnectAsync();
        var first = await ReceiveAsync(viewer, 500);
        Assert.Equal(1, _show.Stream.Output.Viewers.WsFlv);
        Assert.Equal("ws-flv", Assert.Single(_show.Clients.All, client => client.Kind == ClientKind.Viewer).Protocol);
        _show.Run(2000);
        await _show.Registry.DisposeAsync();
        byte[] all = [.. first, .. await ReceiveAsync(viewer, int.MaxValue)];
        Assert.Equal(WebSocketCloseStatus.NormalClosure, viewer.CloseStatus);
        await viewer.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        var (flags, tags) = FlvBytes.Read(all);
        Assert.Equal(5, flags);
        Assert.True(tags.First(tag => tag.IsVideo && tag.IsFrame).IsKey);
        Assert.Equal(_show.Pictures.Last().Dts, tags.Last(tag => tag.IsVideo).Time - 400);
        await Task.WhenAll(_served).WaitAsync(Limit);
        Assert.Equal(0, _show.Stream.Output.Viewers.WsFlv);
    }

    [Fact]
    public async Task A_viewer_that_closes_in_order_is_answered_and_forgotten()
    {
        using var viewer = await ConnectAsync();
        await ReceiveAsync(viewer, 500);
        await viewer.SendAsync("what is this"u8.ToArray(), WebSocketMessageType.Text, true, CancellationToken.None);
        await viewer.CloseAsync(WebSocketCloseStatus.NormalClosure, "enough", CancellationToken.None).WaitAsync(Limit);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, viewer.CloseStatus);
        await Task.WhenAll(_served).WaitAsync(Limit);
        Assert.Equal(0, _show.Stream.Output.SubscriberCount);
    }

    [Fact]
    public async Task A_viewer_that_vanishes_is_forgotten()
    {
        var viewer = await ConnectAsync();
        await ReceiveAsync(viewer, 500);
        viewer.Abort();
        await Task.WhenAll(_served).WaitAsync(Limit);
        Assert.Equal(0, _show.Stream.Output.SubscriberCount);
    }

    [Fact]
    public async Task A_viewer_that_is_kicked_is_cut_off_without_a_close_that_would_say_that_the_show_is_over()
    {
        using var viewer = await ConnectAsync();
        await ReceiveAsync(viewer, 500);
        Assert.Single(_show.Clients.All, client => client.Kind == ClientKind.Viewer).Close("operator");
        await Task.WhenAll(_served).WaitAsync(Limit);
        await Assert.ThrowsAnyAsync<WebSocketException>(() => ReceiveAsync(viewer, int.MaxValue));
        Assert.Null(viewer.CloseStatus);
    }

    [Theory]
    [InlineData(false, EndReason.Stopped)]
    [InlineData(true, EndReason.TooSlow)]
    public async Task On_a_connection_of_the_web_host_too_nothing_is_said_to_one_who_is_let_go_of(bool isSlow, EndReason expected)
    {
        await using var show = new SimulatedShow(new StreamOptions(), loops: _loops);
        show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        show.Run(3000);
        var connection = new HostedConnection();
        using var client = show.Clients.Add(ClientKind.Viewer, WsFlvViewer.Protocol, "live/show", null);
        var watching = new WsFlvViewer(connection).WatchAsync(show.Stream, client, TimeProvider.System, CancellationToken.None);
        await connection.WrittenAsync(500).WaitAsync(Limit);
        if (isSlow)
        {
            connection.IsStuck = true;
            show.Run(20_000);
        }
        else
        {
            client.Close("operator");
        }
        Assert.Equal(expected, (await watching.WaitAsync(Limit)).Reason);
        connection.IsStuck = false;
        var opcodes = new List<int>();
        for (var bytes = connection.Bytes; bytes.Length >= 4;)
        {
            opcodes.Add(bytes[0] & 15);
            var (head, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(2))),
                127 => (10, (int)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(2))),
                var small => (2, small),
            };
            bytes = bytes[Math.Min(bytes.Length, head + length)..];
        }
        Assert.NotEmpty(opcodes);
        Assert.All(opcodes, opcode => Assert.Equal((int)WebSocketOpcode.Binary, opcode));
    }

    [Fact]
    public async Task A_ping_is_answered_though_the_stream_says_nothing()
    {
        using var viewer = await AskAsync(Ask);
        await ReadUntilAsync(viewer, bytes => bytes.AsSpan().IndexOf("FLV\u0001"u8) > 0);
        await viewer.SendAsync(Convert.FromHexString("8985" + "37FA213D" + "7F9F4D5158"));
        await ReadUntilAsync(viewer, bytes => bytes.AsSpan().IndexOf(Convert.FromHexString("8A0548656C6C6F")) >= 0);
    }

    [Fact]
    public async Task What_is_no_frame_ends_the_connection_with_a_protocol_error()
    {
        using var viewer = await AskAsync(Ask);
        await ReadUntilAsync(viewer, bytes => bytes.AsSpan().IndexOf("FLV\u0001"u8) > 0);
        await viewer.SendAsync(Convert.FromHexString("890548656C6C6F"));   // not masked
        var rest = await ReadUntilAsync(viewer, _ => false);
        Assert.EndsWith("880203EA", Convert.ToHexString(rest));
        viewer.Dispose();
        await Task.WhenAll(_served).WaitAsync(Limit);
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", 426)]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "short", 400)]
    [InlineData("/live/show.flv", "/live/nothing.flv", 404)]
    public async Task An_offer_that_cannot_be_taken_is_refused_with_its_status(string from, string to, int status)
    {
        using var viewer = await AskAsync(Ask.Replace(from, to, StringComparison.Ordinal));
        var answer = Encoding.ASCII.GetString(await ReadUntilAsync(viewer, _ => false));
        Assert.StartsWith($"HTTP/1.1 {status} ", answer);
        Assert.Equal(status == 426, answer.Contains("Sec-WebSocket-Version: 13\r\n", StringComparison.Ordinal));
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var viewer = new ClientWebSocket();
        await viewer.ConnectAsync(new Uri($"ws://127.0.0.1:{_acceptor.EndPoint.Port}/live/show.flv"), CancellationToken.None).WaitAsync(Limit);
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
            Assert.Equal(WebSocketMessageType.Binary, received.MessageType);
            bytes.AddRange(buffer.AsSpan(0, received.Count));
        }
        return [.. bytes];
    }

    private async Task<Socket> AskAsync(string request)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _acceptor.EndPoint.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        return socket;
    }

    private static async Task<byte[]> ReadUntilAsync(Socket socket, Func<byte[], bool> isEnough)
    {
        var bytes = Array.Empty<byte>();
        var buffer = new byte[64 << 10];
        while (!isEnough(bytes) && await socket.ReceiveAsync(buffer).WaitAsync(Limit) is var count and > 0) bytes = [.. bytes, .. buffer.AsSpan(0, count)];
        return bytes;
    }

    /// <summary>Listed before it is served: its bytes may reach the test before the serving call returns.</summary>
    private async void Serve(FlvConnection flv, Socket socket)
    {
        var served = new TaskCompletionSource();
        _served.Add(served.Task);
        await flv.RunAsync(socket, CancellationToken.None);
        served.SetResult();
    }

    /// <summary>What the web host upgraded: it takes what is written until it is stuck, and nothing ever comes from the viewer.</summary>
    private sealed class HostedConnection : Stream
    {
        private readonly Lock _gate = new();
        private readonly List<byte> _bytes = [];
        private readonly TaskCompletionSource _unstuck = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isStuck;

        public bool IsStuck
        {
            set
            {
                _isStuck = value;
                if (!value) _unstuck.TrySetResult();
            }
        }

        public byte[] Bytes
        {
            get { lock (_gate) return [.. _bytes]; }
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public async Task WrittenAsync(int least)
        {
            while (true)
            {
                Task more;
                lock (_gate)
                {
                    if (_bytes.Count >= least) return;
                    more = _written.Task;
                }
                await more;
            }
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isStuck) await _unstuck.Task;
            lock (_gate)
            {
                _bytes.AddRange(buffer.Span);
                _written.SetResult();
                _written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(new TaskCompletionSource<int>().Task);

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Flush()
        {
            // Nothing is held back.
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
