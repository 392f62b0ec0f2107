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
public sealed partial class RtmpConnection(StreamRegistry registry, IngestLoops ingest, PipelineContext context)
{
    private static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the session's own deadlines: for one that asks and does not read the answers.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(16);

    private readonly ILogger _log = context.Logs.CreateLogger(typeof(RtmpConnection));
    private string? _closeReason;

    /// <summary>Serves the socket until it is over, and disposes it. Does not throw.</summary>
    /// <param name="tls">Its TLS, for RTMPS; null: plain.</param>
    /// <param name="stop">Ends it unless it plays; a player is ended by its <see cref="Client"/>.</param>
    public async Task RunAsync(Socket socket, TlsLink? tls, CancellationToken stop)
    {
        IPEndPoint? remote = null;
        var reason = "closed by the other side";
        try
        {
            using var connection = new RtmpSocket(socket, tls);
            remote = connection.Remote;
            connection.WaitBy(ingest.Openings);
            using var session = NewSession(connection);
            var (wanted, ended) = await ServeUntilPlayAsync(connection, session, stop);
            reason = wanted is null ? ended! : await PlayAsync(connection, session, wanted, stop);
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

    private RtmpServerSession NewSession(RtmpSocket connection)
    {
        Span<byte> random = stackalloc byte[1528];
        RandomNumberGenerator.Fill(random);
        return new RtmpServerSession(connection.Output, RtmpLimits.Default, random, Now);
    }

    /// <summary>(1) and (2), until there is a stream for it to play. Why it is over, where that never comes.</summary>
    private async Task<(LiveStream? Wanted, string? Ended)> ServeUntilPlayAsync(RtmpSocket connection, RtmpServerSession session, CancellationToken stop)
    {
        while (true)
        {
            var wanted = await NextRequestAsync(connection, session, stop);
            if (wanted.Kind == RtmpEventKind.Play) return await FindAsync(connection, session, wanted.Request!, stop);
            if (wanted.Kind != RtmpEventKind.Publish) return (null, wanted.Reason);
            if (await PublishAsync(connection, session, wanted.Request!, stop) is { } reason) return (null, reason);
        }
    }

    /// <summary>Serves commands until the other side wants to publish or play, or something is wrong.</summary>
    private async Task<RtmpEvent> NextRequestAsync(RtmpSocket connection, RtmpServerSession session, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(RequestTime, context.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            return await ServeCommandsAsync(connection, session, both.Token, stop);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return new RtmpEvent(RtmpEventKind.Failed, Reason: "it does not read the answers");
        }
    }

    /// <param name="patience">For our answers. It receives by <paramref name="stop"/>: what it received with last stays with a socket, and so would this.</param>
    private async Task<RtmpEvent> ServeCommandsAsync(RtmpSocket connection, RtmpServerSession session, CancellationToken patience, CancellationToken stop)
    {
        while (true)
        {
            while (!connection.Unread.IsEmpty)
            {
                var happened = session.Receive(connection.Unread, Now, out var consumed);
                connection.Take(consumed);
                if (happened.Kind is RtmpEventKind.Publish or RtmpEventKind.Play or RtmpEventKind.Failed)
                {
                    await connection.FlushAsync(patience);
                    return happened;
                }
            }
            await connection.FlushAsync(patience);
            if (session.Tick(Now) is { Kind: RtmpEventKind.Failed } late) return late;
            if (await connection.ReceiveAsync(() => session.Tick(Now).Kind != RtmpEventKind.Failed, context.Time, stop) > 0) continue;
            return session.Tick(Now) is { Kind: RtmpEventKind.Failed } expired ? expired : new RtmpEvent(RtmpEventKind.Failed, Reason: "closed by the other side");
        }
    }

    /// <summary>(2). Null when it unpublished in order and may go on with something else.</summary>
    private async Task<string?> PublishAsync(RtmpSocket connection, RtmpServerSession session, RtmpRequest request, CancellationToken stop)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(stop);
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
        connection.WaitBy(null);
        var ended = await new RtmpPublication(connection, session, lease, context.Time, _log).TakeAsync(ingest.Choose(), closing.Token);
        connection.WaitBy(ingest.Openings);
        lease.Close(ended.Kind == RtmpEventKind.Ended ? JournalReasons.Unpublished : JournalReasons.Closed);
        return ended.Kind == RtmpEventKind.Ended ? null : ended.Reason;
    }

    private async Task<(LiveStream? Found, string? Refused)> FindAsync(RtmpSocket connection, RtmpServerSession session, RtmpRequest request, CancellationToken stop)
    {
        var result = await registry.PlayAsync(new PlayRequest(request.Path, request.Query, "rtmp", connection.Remote), stop);
        if (result.Stream is { } stream) return (stream, null);
        session.Reject(result.Refusal == PlayRefusal.Denied ? RtmpStatus.PlayFailed : RtmpStatus.PlayStreamNotFound, result.Reason!);
        await connection.FinishAsync(context.Time);
        return (null, $"play of {request.Path} refused: {result.Reason}");
    }

    /// <summary>(3)</summary>
    /// <remarks>What it keeps over its waits is kept for every viewer.</remarks>
    private async Task<string> PlayAsync(RtmpSocket connection, RtmpServerSession session, LiveStream stream, CancellationToken stop)
    {
        var path = stream.Output.Name;   // one string for all its viewers
        Log.Playing(_log, connection.Remote, path);
        TcpOptions.SetUserTimeout(connection.Socket, UserTimeout);
        session.AcceptPlay(Now);
        connection.WaitBy(null);   // it says little from now on, and its leaving is work for the pool
        using var client = context.Clients.Add(ClientKind.Viewer, "rtmp", path, connection.Remote);
        var subscriber = stream.Output.Open(connection, new SubscribeRequest
        {
            Container = Container.Rtmp, Protocol = "rtmp", Client = client, Join = stream.Options.Play.Join, MessageStreamId = session.MessageStreamId,
            Opening = connection.TakeOutput(), ShutdownAtEnd = false,
        });

        var reading = ServePlayerAsync(connection, session, subscriber);
        var end = await subscriber.Finished;
        await ClosePlayAsync(connection, session, end.Reason, reading, stop);
        return $"{end.Text}, {client.BytesOut} bytes sent";
    }

    /// <summary>At the end of the show the player is told so and leaves by itself; in any other case there is nothing to be said.</summary>
    private async Task ClosePlayAsync(RtmpSocket connection, RtmpServerSession session, EndReason reason, Task reading, CancellationToken stop)
    {
        if (reason == EndReason.StreamEnded)
        {
            byte[] goodbye;
            lock (session)
            {
                session.EndPlay();
                goodbye = connection.TakeOutput();
            }
            await connection.SendAsync(goodbye, stop);
            await connection.ShutdownAsync(stop);
            await reading.WaitAsync(DrainTime, context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        connection.Socket.Dispose();
        await reading;
    }

    /// <summary>Takes what a player sends (acknowledgements, pings, its goodbye) until it leaves.</summary>
    private async Task ServePlayerAsync(RtmpSocket connection, RtmpServerSession session, Subscriber subscriber)
    {
        var reason = "the player left";
        try
        {
            while (TakeCommands(connection, session, subscriber, ref reason))
            {
                await connection.WaitAsync(CancellationToken.None);
                if (await connection.ReceiveAsync(CancellationToken.None) == 0) break;
            }
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            reason = error.Message;
        }
        subscriber.Stop(reason);
    }

    /// <summary>Answers go out through the egress loop, between two messages of the media. False when it is over, with the reason.</summary>
    private bool TakeCommands(RtmpSocket connection, RtmpServerSession session, Subscriber subscriber, ref string reason)
    {
        lock (session)
        {
            while (!connection.Unread.IsEmpty)
            {
                var happened = session.Receive(connection.Unread, Now, out var consumed);
                connection.Take(consumed);
                if (happened.Kind is not (RtmpEventKind.Ended or RtmpEventKind.Failed)) continue;
                reason = happened.Reason!;
                return false;
            }
            if (connection.Output.WrittenCount > 0) subscriber.SendPrivate(connection.Output.WrittenSpan);
            connection.Output.Clear();
            return true;
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
