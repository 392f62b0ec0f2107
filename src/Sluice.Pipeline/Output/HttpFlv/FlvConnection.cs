using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Output.WsFlv;
using Sluice.Wire.WebSockets;

namespace Sluice.Pipeline.Output.HttpFlv;

/// <summary>One viewer by HTTP-FLV, or FLV over WebSocket, on a socket of its own: request, answer, stream, end.</summary>
/// <remarks>
/// The egress loop makes every write once the stream is open; here the request is read, refusals are written, and the reading side is watched for the viewer's leaving.
/// </remarks>
public sealed partial class FlvConnection(StreamRegistry registry, Clients clients, ILogger<FlvConnection> logger, TimeProvider time)
{
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(20);

    private static readonly byte[] Answer = Encoding.ASCII.GetBytes("""
        HTTP/1.1 200 OK
        Content-Type: video/x-flv
        Cache-Control: no-store
        Access-Control-Allow-Origin: *
        Connection: close


        """.ReplaceLineEndings("\r\n"));

    /// <summary>Serves the socket until it is over, and disposes it.</summary>
    /// <param name="stop">Ends it before it watches; from then on its <see cref="Client"/> does.</param>
    public async Task RunAsync(Socket socket, CancellationToken stop)
    {
        var remote = socket.RemoteEndPoint as IPEndPoint;
        try
        {
            socket.NoDelay = true;
            Net.TcpOptions.SetUserTimeout(socket, UserTimeout);
            await ServeAsync(socket, remote, stop);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            Log.Gone(logger, remote, e.Message);
        }
        finally
        {
            socket.Dispose();
        }
    }

    private async Task ServeAsync(Socket socket, IPEndPoint? remote, CancellationToken stop)
    {
        if (await ReadRequestAsync(socket, stop) is not { } read) return;
        if (read.Request is not { } request)
        {
            await RefuseAsync(socket, 400, "Bad Request", read.Reason!, stop);
            return;
        }
        if (request.WebSocket?.Refusal() is { } refusal)
        {
            await RefuseAsync(socket, refusal.Status, refusal.Title, refusal.Reason, stop);
            return;
        }
        var protocol = request.WebSocket is null ? "flv" : WsFlvViewer.Protocol;
        var result = await registry.PlayAsync(new PlayRequest(request.Path, request.Query, protocol, remote), stop);
        if (result.Stream is { } stream)
        {
            if (request.WebSocket is { } offer) await StreamAsync(socket, remote, stream, offer, stop);
            else await StreamAsync(socket, remote, stream);
            return;
        }
        var (status, title) = result.Refusal == PlayRefusal.Denied ? (403, "Forbidden") : (404, "Not Found");
        await RefuseAsync(socket, status, title, result.Reason ?? title, stop);
    }

    private async Task StreamAsync(Socket socket, IPEndPoint? remote, LiveStream stream)
    {
        var path = stream.Output.Name;   // one string for all its viewers
        using var client = clients.Add(ClientKind.Viewer, "flv", path, remote);
        var subscriber = stream.Output.Open(socket, new SubscribeRequest
        {
            Container = Container.Flv, Protocol = "flv", Client = client, Join = stream.Options.Play.Join, Opening = Answer,
        });

        var closed = WatchAsync(socket, subscriber);
        var end = await subscriber.Finished;
        if (end.Reason == EndReason.StreamEnded) await closed.WaitAsync(DrainTime, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else Reset(socket);
        Log.Ended(logger, "flv", remote, path, end.Text, client.BytesOut);
    }

    private async Task StreamAsync(Socket socket, IPEndPoint? remote, LiveStream stream, WebSocketOffer offer, CancellationToken stop)
    {
        var path = stream.Output.Name;
        await socket.SendAsync(offer.Answer(), SocketFlags.None, stop);
        using var client = clients.Add(ClientKind.Viewer, WsFlvViewer.Protocol, path, remote);
        var end = await new WsFlvViewer(socket).WatchAsync(stream, client, time, stop);
        if (end.Reason != EndReason.StreamEnded) Reset(socket);
        Log.Ended(logger, WsFlvViewer.Protocol, remote, path, end.Text, client.BytesOut);
    }

    /// <summary>Closing it throws away what waits in the kernel, which is of no use any more.</summary>
    private static void Reset(Socket socket) => socket.LingerState = new LingerOption(true, 0);

    /// <summary>Takes what a viewer sends, which is nothing, until it leaves.</summary>
    /// <remarks>
    /// A receive of no bytes holds no buffer while it waits, but an event that was already under way when the request was read may complete it:
    /// only a read tells whether the viewer is gone.
    /// </remarks>
    private static async Task WatchAsync(Socket socket, Subscriber subscriber)
    {
        try
        {
            while (true)
            {
                await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None);
                var count = Receive(socket, out var error);
                if (error == SocketError.WouldBlock || (error == SocketError.Success && count > 0)) continue;
                subscriber.Stop(count == 0 && error == SocketError.Success ? "the viewer left" : $"the viewer left: {error}");
                return;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            subscriber.Stop($"the viewer left: {e.Message}");
        }
    }

    /// <summary>Takes some of what came and throws it away; the egress loop has made the socket non-blocking.</summary>
    private static int Receive(Socket socket, out SocketError error)
    {
        Span<byte> scratch = stackalloc byte[256];
        return socket.Receive(scratch, SocketFlags.None, out error);
    }

    private async ValueTask<(FlvRequest? Request, string? Reason)?> ReadRequestAsync(Socket socket, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(RequestTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        var buffer = ArrayPool<byte>.Shared.Rent(FlvRequest.MaxHead);
        try
        {
            for (var length = 0; length < FlvRequest.MaxHead;)
            {
                var count = await socket.ReceiveAsync(buffer.AsMemory(length, FlvRequest.MaxHead - length), SocketFlags.None, both.Token);
                if (count == 0) return null;
                length += count;
                var end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8);
                if (end < 0) continue;
                var request = FlvRequest.Parse(buffer.AsSpan(0, end + 4), out var reason);
                return (request, reason);
            }
            return (null, "the head of the request is too long");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task RefuseAsync(Socket socket, int status, string title, string reason, CancellationToken stop)
    {
        var problem = $$"""{"type":"about:blank","title":"{{title}}","status":{{status}},"detail":"{{JsonEncodedText.Encode(reason)}}"}""";
        var answer = $"""
            HTTP/1.1 {status} {title}
            Content-Type: application/problem+json
            Content-Length: {Encoding.UTF8.GetByteCount(problem)}
            Access-Control-Allow-Origin: *
            Cache-Control: no-store
            Connection: close{(status == 426 ? $"\nSec-WebSocket-Version: {WebSocketHandshake.Version}" : "")}


            """.ReplaceLineEndings("\r\n") + problem;
        await socket.SendAsync(Encoding.UTF8.GetBytes(answer), SocketFlags.None, stop);
        socket.Shutdown(SocketShutdown.Send);
        Log.Refused(logger, socket.RemoteEndPoint, status, reason);
        // Until the viewer has read it: closing with bytes unread would reset the connection.
        using var drained = new CancellationTokenSource(DrainTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(drained.Token, stop);
        var scratch = new byte[256];
        while (await socket.ReceiveAsync(scratch, SocketFlags.None, both.Token) > 0)
        {
            // What else it sends is not looked at.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Protocol} {Remote} {Path}: {Reason}, {Bytes} bytes sent")]
        public static partial void Ended(ILogger logger, string protocol, EndPoint? remote, string path, string reason, long bytes);

        [LoggerMessage(2, LogLevel.Debug, "flv {Remote}: {Status}, {Reason}")]
        public static partial void Refused(ILogger logger, EndPoint? remote, int status, string reason);

        [LoggerMessage(3, LogLevel.Debug, "flv {Remote}: gone before it played: {Reason}")]
        public static partial void Gone(ILogger logger, EndPoint? remote, string reason);
    }
}
