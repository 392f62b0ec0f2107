using System.Net;
using System.Net.Sockets;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Output;

/// <summary>The sink on real TCP: what the kernel takes, holds and says.</summary>
public sealed class SocketSinkTests
{
    [Fact]
    public async Task A_reader_that_stands_still_blocks_it_with_little_held_unsent_and_all_of_it_told()
    {
        var (here, there) = await ConnectAsync();
        using (here)
        using (there)
        {
            var sink = new SocketSink(here);
            sink.SetNotSentLimit(64 << 10);
            var chunk = new byte[16 << 10];
            long taken = 0;
            for (int sent; (sent = sink.Send(chunk)) > 0;) taken += sent;

            Assert.Null(sink.Error);
            Assert.Equal(0, sink.Send(chunk));
            Assert.InRange(sink.NotSent, 1, 256 << 10);
            var buffer = new byte[1 << 20];
            for (long read = 0; read < taken;) read += await there.ReceiveAsync(buffer);
            Assert.Equal(chunk.Length, sink.Send(chunk));
        }
    }

    [Fact]
    public async Task Two_pieces_arrive_as_one_run_of_bytes_however_much_of_them_is_taken()
    {
        var (here, there) = await ConnectAsync();
        using (here)
        using (there)
        {
            var sink = new SocketSink(here);
            var whole = new byte[8 << 20];
            Random.Shared.NextBytes(whole);
            var received = new byte[whole.Length];
            var read = 0;
            for (int at = 0, cut = 3_000_001; read < whole.Length;)
            {
                var sent = at < cut ? sink.Send(whole.AsMemory(at, cut - at), whole.AsMemory(cut)) : at < whole.Length ? sink.Send(whole.AsMemory(at)) : 0;
                Assert.InRange(sent, 0, whole.Length - at);
                at += sent;
                if (at > read) read += await there.ReceiveAsync(received.AsMemory(read));
            }
            Assert.Equal(whole, received);
        }
    }

    [Fact]
    public async Task A_peer_that_is_gone_is_an_error_not_an_exception()
    {
        var (here, there) = await ConnectAsync();
        using (here)
        {
            there.LingerState = new LingerOption(true, 0);
            there.Dispose();
            Assert.Equal(0, await here.ReceiveAsync(new byte[1]).ContinueWith(read => read.IsFaulted ? 0 : read.Result));
            var sink = new SocketSink(here);
            sink.Send(new byte[1]);
            Assert.Equal(-1, sink.Send(new byte[1]));
            Assert.NotNull(sink.Error);
            here.Dispose();
            sink.SetNotSentLimit(1);
            sink.Finish();
            Assert.Equal(-1, sink.Send(new byte[1]));
        }
    }

    private static async Task<(Socket, Socket)> ConnectAsync()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        listener.Listen();
        var there = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await there.ConnectAsync(IPAddress.IPv6Loopback, ((IPEndPoint)listener.LocalEndPoint!).Port);
        return (await listener.AcceptAsync(), there);
    }
}
