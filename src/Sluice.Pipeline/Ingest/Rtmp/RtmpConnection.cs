using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Pipeline.Output;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Ingest.Rtmp;

/// <summary>One RTMP connection that came to us: handshake, then publish or play, to the one reason that ended it.</summary>
/// <remarks>
/// <code>
///   (1) handshake, connect, createStream     deadlines, small messages only
///   (2) publish: lease ─▶ frames             until it unpublishes, closes, is silent, or another takes over
///   (3) play: the egress loop writes media   here only the reading side is served; answers go out through the loop
/// </code>
/// </remarks>
public sealed partial class RtmpConnection(StreamRegistry registry, PipelineContext context)
{
    /// <summary>A publisher that sends nothing for this long is closed.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the session's own deadlines: for one that asks and does not read the answers.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(16);

    private readonly ILogger _log = context.Logs.CreateLogger<RtmpConnection>();
    private readonly Lock _gate = new();
    private string? _closeReason;

    /// <summary>Serves the socket until it is over, and disposes it. Does not throw.</summary>
    /// <param name="tls">Its TLS, for RTMPS; null: plain.</param>
    public async Task RunAsync(Socket socket, TlsLink? tls, CancellationToken stop)
    {
        IPEndPoint? remote = null;
        var reason = "closed by the other side";
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            using var connection = new RtmpSocket(socket, tls);
            remote = connection.Remote;
            using var session = new RtmpServerSession(connection.Output, RtmpLimits.Default, RandomNumberGenerator.GetBytes(1528), Now);
            reason = await ServeAsync(connection, session, closing);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            reason = error.Message;
        }
        catch (OperationCanceledException)
        {
            reason = _closeReason ?? "the server stops";
        }
        catch (Exception error)
        {
            Log.Faulted(_log, error, remote);
        }
        finally
        {
            socket.Dispose();
        }
        Log.Closed(_log, remote, reason);
    }

    private long Now => (long)context.Time.GetElapsedTime(0).TotalMilliseconds;

    private async Task<string> ServeAsync(RtmpSocket connection, RtmpServerSession session, CancellationTokenSource closing)
    {
        while (true)
        {
            // (1)
            var wanted = await NextRequestAsync(connection, session, closing.Token);
            if (wanted.Kind == RtmpEventKind.Play) return await PlayAsync(connection, session, wanted.Request!, closing);
            if (wanted.Kind != RtmpEventKind.Publish) return wanted.Reason!;
            if (await PublishAsync(connection, session, wanted.Request!, closing) is { } reason) return reason;
        }
    }

    /// <summary>Serves commands until the other side wants to publish or play, or something is wrong.</summary>
    private async Task<RtmpEvent> NextRequestAsync(RtmpSocket connection, RtmpServerSession session, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(RequestTime, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            return await ServeCommandsAsync(connection, session, both.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new RtmpEvent(RtmpEventKind.Failed, Reason: "it does not read the answers");
        }
    }

    private async Task<RtmpEvent> ServeCommandsAsync(RtmpSocket connection, RtmpServerSession session, CancellationToken stop)
    {
        while (true)
        {
            while (!connection.Unread.IsEmpty)
            {
                var happened = session.Receive(connection.Unread, Now, out var consumed);
                connection.Take(consumed);
                if (happened.Kind is RtmpEventKind.Publish or RtmpEventKind.Play or RtmpEventKind.Failed)
                {
                    await connection.FlushAsync(stop);
                    return happened;
                }
            }
            await connection.FlushAsync(stop);
            if (session.Tick(Now) is { Kind: RtmpEventKind.Failed } late) return late;
            if (await connection.ReceiveAsync(() => session.Tick(Now).Kind != RtmpEventKind.Failed, context.Time, stop) > 0) continue;
            return session.Tick(Now) is { Kind: RtmpEventKind.Failed } expired ? expired : new RtmpEvent(RtmpEventKind.Failed, Reason: "closed by the other side");
        }
    }

    /// <summary>(2). Null when it unpublished in order and may go on with something else.</summary>
    private async Task<string?> PublishAsync(RtmpSocket connection, RtmpServerSession session, RtmpRequest request, CancellationTokenSource closing)
    {
        var result = await registry.PublishAsync(new PublishRequest(request.Path, request.Query, "rtmp", connection.Remote, reason => Close(closing, reason), () => TcpOptions.GetRoundTrip(connection.Socket)), closing.Token);
        if (result.Lease is not { } lease)
        {
            session.Reject(result.Refusal == PublishRefusal.Busy ? RtmpStatus.PublishBadName : RtmpStatus.PublishDenied, result.Reason!);
            await connection.FinishAsync(context.Time);
            return $"publish of {request.Path} refused: {result.Reason}";
        }
        using var publication = lease;
        Log.Publishing(_log, connection.Remote, request.Path);
        connection.ExpectMedia();
        session.AcceptPublish(Now);
        var ended = await FeedAsync(connection, session, lease, closing.Token);
        lease.Close(ended.Kind == RtmpEventKind.Ended ? "unpublished" : "closed");
        await connection.FlushAsync(closing.Token);
        return ended.Kind == RtmpEventKind.Ended ? null : ended.Reason;
    }

    private async Task<RtmpEvent> FeedAsync(RtmpSocket connection, RtmpServerSession session, PublishLease lease, CancellationToken stop)
    {
        var feed = new FrameFeed(lease, context.Time, _log);
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(stop);
        while (true)
        {
            while (!connection.Unread.IsEmpty)
            {
                var happened = session.Receive(connection.Unread, Now, out var consumed);
                connection.Take(consumed);
                if (happened.Kind == RtmpEventKind.Media) feed.OnMessage((byte)happened.Message.Type, happened.Message.Timestamp, happened.Message.Body);
                else if (happened.Kind != RtmpEventKind.None) return happened;
            }
            idle.CancelAfter(IdleTime);
            try
            {
                if (connection.Output.WrittenCount > 0) await connection.FlushAsync(idle.Token);
                var count = await connection.ReceiveAsync(idle.Token);
                if (count == 0) return new RtmpEvent(RtmpEventKind.Failed, Reason: "closed by the other side");
                lease.Client.AddBytesIn(count);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return new RtmpEvent(RtmpEventKind.Failed, Reason: $"the publisher sent nothing, or read nothing, for {IdleTime.TotalSeconds:0} s");
            }
        }
    }

    /// <summary>(3)</summary>
    private async Task<string> PlayAsync(RtmpSocket connection, RtmpServerSession session, RtmpRequest request, CancellationTokenSource closing)
    {
        var result = await registry.PlayAsync(new PlayRequest(request.Path, request.Query, "rtmp", connection.Remote), closing.Token);
        if (result.Stream is not { } stream)
        {
            session.Reject(result.Refusal == PlayRefusal.Denied ? RtmpStatus.PlayFailed : RtmpStatus.PlayStreamNotFound, result.Reason!);
            await connection.FinishAsync(context.Time);
            return $"play of {request.Path} refused: {result.Reason}";
        }
        Log.Playing(_log, connection.Remote, request.Path);
        TcpOptions.SetUserTimeout(connection.Socket, UserTimeout);
        session.AcceptPlay(Now);
        using var client = context.Clients.Add(ClientKind.Viewer, "rtmp", request.Path, connection.Remote);
        var subscriber = stream.Output.Open(connection, new SubscribeRequest
        {
            Container = Container.Rtmp, Protocol = "rtmp", Client = client, Join = stream.Options.Play.Join, MessageStreamId = session.MessageStreamId,
            Opening = connection.TakeOutput(), ShutdownAtEnd = false,
        });
        using var stopping = closing.Token.UnsafeRegister(static state => ((Subscriber)state!).Stop("the server stops"), subscriber);

        var reading = ServePlayerAsync(connection, session, subscriber);
        var end = await subscriber.Finished;
        if (end.Reason == EndReason.StreamEnded)
        {
            byte[] goodbye;
            lock (_gate)
            {
                session.EndPlay();
                goodbye = connection.TakeOutput();
            }
            await connection.SendAsync(goodbye, closing.Token);
            await connection.ShutdownAsync(closing.Token);
            await reading.WaitAsync(DrainTime, context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        connection.Socket.Dispose();
        await reading;
        return $"{end.Text}, {client.BytesOut} bytes sent";
    }

    /// <summary>Takes what a player sends (acknowledgements, pings, its goodbye) until it leaves.</summary>
    private async Task ServePlayerAsync(RtmpSocket connection, RtmpServerSession session, Subscriber subscriber)
    {
        var reason = "the player left";
        try
        {
            do
            {
                if (TakeCommands(connection, session, subscriber) is not { } ended) continue;
                reason = ended;
                break;
            }
            while (await connection.ReceiveSeldomAsync(CancellationToken.None) > 0);
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            reason = error.Message;
        }
        subscriber.Stop(reason);
    }

    /// <summary>Answers go out through the egress loop, between two messages of the media. Why it is over; null while it is not.</summary>
    private string? TakeCommands(RtmpSocket connection, RtmpServerSession session, Subscriber subscriber)
    {
        lock (_gate)
        {
            while (!connection.Unread.IsEmpty)
            {
                var happened = session.Receive(connection.Unread, Now, out var consumed);
                connection.Take(consumed);
                if (happened.Kind is RtmpEventKind.Ended or RtmpEventKind.Failed) return happened.Reason;
            }
            if (connection.Output.WrittenCount > 0) subscriber.SendPrivate(connection.Output.WrittenSpan);
            connection.Output.Clear();
            return null;
        }
    }

    private void Close(CancellationTokenSource closing, string reason)
    {
        _closeReason ??= reason;
        try
        {
            closing.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself in this moment.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "rtmp {Remote}: publishes {Path}")]
        public static partial void Publishing(ILogger log, EndPoint? remote, string path);

        [LoggerMessage(2, LogLevel.Information, "rtmp {Remote}: plays {Path}")]
        public static partial void Playing(ILogger log, EndPoint? remote, string path);

        [LoggerMessage(3, LogLevel.Information, "rtmp {Remote}: {Reason}")]
        public static partial void Closed(ILogger log, EndPoint? remote, string reason);

        [LoggerMessage(4, LogLevel.Error, "rtmp {Remote}: failed by a fault of ours")]
        public static partial void Faulted(ILogger log, Exception error, EndPoint? remote);
    }
}
