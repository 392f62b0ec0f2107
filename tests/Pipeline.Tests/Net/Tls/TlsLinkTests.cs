using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Fixtures;
using Pipeline.Tests.Output;
using Sluice.Pipeline;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Net.Tls;

/// <summary>TLS on real TCP, from our side against the framework's own client.</summary>
[Collection(nameof(Alone))]
public sealed class TlsLinkTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _certificates = new();
    private Socket _here = null!;
    private Socket _there = null!;
    private TlsLink _link = null!;
    private SslStream _viewer = null!;

    public async ValueTask InitializeAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen();
        _there = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 64 << 10 };
        await _there.ConnectAsync(IPAddress.IPv6Loopback, ((IPEndPoint)listener.LocalEndPoint!).Port);
        _here = await listener.AcceptAsync();
        _viewer = new SslStream(new NetworkStream(_there));
        var certificate = TlsCertificate.Load(_certificates.Cert, _certificates.Key, out _, out _)!;
        var accept = TlsLink.AcceptAsync(_here, certificate.ServerOptions(), CancellationToken.None);
        await _viewer.AuthenticateAsClientAsync(new TlsTrust { CaFile = _certificates.CaFile }.ClientOptions("localhost")).WaitAsync(Limit);
        _link = await accept.WaitAsync(Limit);
    }

    public async ValueTask DisposeAsync()
    {
        _link.Dispose();
        await _viewer.DisposeAsync();
        _here.Dispose();
        _there.Dispose();
        _certificates.Dispose();
    }

    [Fact]
    public async Task Both_sides_understand_each_other_and_the_end_is_told()
    {
        await _link.SendAsync("hello"u8.ToArray(), CancellationToken.None);
        var buffer = new byte[64];
        Assert.Equal(5, await _viewer.ReadAsync(buffer).AsTask().WaitAsync(Limit));
        await _viewer.WriteAsync(new byte[7]);
        Assert.Equal(0, await _link.ReadAsync(Memory<byte>.Empty, CancellationToken.None).AsTask().WaitAsync(Limit));
        Assert.Equal(7, await _link.ReadAsync(buffer, CancellationToken.None).AsTask().WaitAsync(Limit));
        await _link.ShutdownAsync(CancellationToken.None);
        Assert.Equal(0, await _viewer.ReadAsync(buffer).AsTask().WaitAsync(Limit));
    }

    [Fact]
    public async Task A_reader_that_stands_still_blocks_the_sink_with_little_kept_and_loses_nothing()
    {
        var sink = new TlsSink(_here, _link);
        sink.SetNotSentLimit(64 << 10);
        var bytes = new byte[8 << 20];
        Random.Shared.NextBytes(bytes);
        var taken = 0;
        for (int sent; (sent = sink.Send(bytes.AsMemory(taken))) > 0;) taken += sent;
        Assert.Null(sink.Error);
        Assert.InRange(taken, 1, bytes.Length - 1);
        Assert.False(sink.Flush());
        Assert.InRange(_link.Kept, 1, 66 << 10);
        Assert.InRange(sink.NotSent, _link.Kept, 400 << 10);

        var received = new byte[taken + 5];
        var reading = _viewer.ReadExactlyAsync(received).AsTask();
        while (!sink.Flush()) await Task.Yield();
        // What the session sends when the loop has let go comes behind it.
        await _link.SendAsync("after"u8.ToArray(), CancellationToken.None);
        await reading.WaitAsync(Limit);
        Assert.Equal(bytes.AsSpan(0, taken), received.AsSpan(0, taken));
        Assert.Equal("after"u8, received.AsSpan(taken));
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_an_error_not_an_exception()
    {
        var sink = new TlsSink(_here, _link);
        _there.LingerState = new LingerOption(true, 0);
        _there.Dispose();
        while (sink.Send(new byte[100]) >= 0) await Task.Yield();
        Assert.NotNull(sink.Error);
        _here.Dispose();
        sink.SetNotSentLimit(1);
        sink.Finish();
        Assert.Equal(-1, sink.Send(new byte[1]));
        Assert.False(sink.Flush());
    }

    [Fact]
    public void Sending_allocates_nothing()
    {
        var sink = new TlsSink(_here, _link);
        var bytes = new byte[3000];
        var scratch = new byte[64 << 10];
        void Send(int count)
        {
            for (var i = 0; i < count; i++)
            {
                if (sink.Send(bytes) != bytes.Length) throw new InvalidOperationException(sink.Error ?? "blocked");
                while (_there.Available > 0) _there.Receive(scratch);
            }
        }
        Send(200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Send(500);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);
    }

    [Fact]
    public async Task A_viewer_that_is_too_slow_is_moved_to_a_keyframe_between_two_messages()
    {
        var rig = new OutputRig(egress: new EgressOptions { Tick = TimeSpan.FromMilliseconds(40), MaxLag = TimeSpan.FromSeconds(2) });
        using var connection = new RtmpSocket(_here, _link);
        var subscriber = rig.Output.Open(connection, new SubscribeRequest { Container = Container.Rtmp, Protocol = "rtmp", ShutdownAtEnd = false });
        var plain = rig.Open(Container.Rtmp).Sink;
        rig.Append(OutputRig.VideoHeader(1));
        for (var n = 0; n < 600; n++)
        {
            rig.Append(OutputRig.Picture(n * 40, key: n % 25 == 0, size: 40_000));
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            rig.Loops.Tick();
        }
        var stalledAt = subscriber.LagMs;
        Assert.InRange(stalledAt, 2000, 60_000);
        rig.End();
        var received = new MemoryStream();
        var reading = _viewer.CopyToAsync(received);
        for (var tries = 0; tries < 5000 && !subscriber.Finished.IsCompleted; tries++)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            rig.Loops.Tick();
            await Task.Yield();
        }
        Assert.Equal(EndReason.StreamEnded, (await subscriber.Finished.WaitAsync(Limit)).Reason);
        await connection.ShutdownAsync(CancellationToken.None);
        await reading.WaitAsync(Limit);
        Assert.True(subscriber.DroppedGops > 0);
        var messages = RtmpBytes.Read(received.ToArray());
        Assert.True(messages.Count < RtmpBytes.Read(plain.Bytes).Count);
        Assert.All(messages.Where(message => message.IsVideo && message.IsFrame), message => Assert.Equal(40_000, message.Body.Length));
    }
}
