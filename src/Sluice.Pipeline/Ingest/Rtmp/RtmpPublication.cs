using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Net;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Ingest.Rtmp;

/// <summary>Takes the media of one publisher, from its first message to the one reason that ended it.</summary>
/// <remarks>
/// A plain connection has a thread of its own that does nothing else: its frames wait for no work of the pool, a publisher that floods is nobody else's
/// trouble, and a message costs one thread woken instead of two, which for a single stream was an eighth of all that the server does for a thousand viewers.
/// Under TLS the pool reads.
/// </remarks>
internal sealed class RtmpPublication(RtmpSocket connection, RtmpServerSession session, PublishLease lease, TimeProvider time, ILogger log)
{
    private const int StackSize = 256 << 10;

    /// <summary>A publisher that sends nothing for this long is closed.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private static readonly RtmpEvent Gone = new(RtmpEventKind.Failed, Reason: "closed by the other side");
    private static readonly RtmpEvent Idle = new(RtmpEventKind.Failed, Reason: $"the publisher sent nothing, or read nothing, for {IdleTime.TotalSeconds:0} s");

    private readonly FrameFeed _feed = new(lease, time, log);

    /// <returns>What ended it: it unpublished, closed, was silent too long, or sent what is no RTMP.</returns>
    public Task<RtmpEvent> TakeAsync(CancellationToken stop) => connection.Tls is null ? TakeOnThreadAsync(stop) : TakeOnPoolAsync(stop);

    private Task<RtmpEvent> TakeOnThreadAsync(CancellationToken stop)
    {
        var taken = new TaskCompletionSource<RtmpEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Take(taken, stop), StackSize) { IsBackground = true, Name = $"in {lease.Client.Path}" }.UnsafeStart();
        return taken.Task;
    }

    private void Take(TaskCompletionSource<RtmpEvent> taken, CancellationToken stop)
    {
        try
        {
            using var waking = stop.UnsafeRegister(static socket => Wake((Socket)socket!), connection.Socket);
            taken.SetResult(Take(stop));
        }
        catch (OperationCanceledException)
        {
            taken.SetCanceled(stop);
        }
        catch (Exception error)
        {
            taken.SetException(error);
        }
    }

    private RtmpEvent Take(CancellationToken stop)
    {
        while (true)
        {
            if (TakeMessages() is { } ended) return ended;
            if (connection.Output.WrittenCount > 0 && !Flush(stop)) return Idle;
            if (!connection.Socket.Poll(IdleTime, SelectMode.SelectRead)) return Idle;
            var count = connection.TryReceive();
            stop.ThrowIfCancellationRequested();
            if (count == 0) return Gone;
            lease.Client.AddBytesIn(count ?? 0);
        }
    }

    private async Task<RtmpEvent> TakeOnPoolAsync(CancellationToken stop)
    {
        using var idle = CancellationTokenSource.CreateLinkedTokenSource(stop);
        while (true)
        {
            if (TakeMessages() is { } ended) return ended;
            idle.CancelAfter(IdleTime);
            try
            {
                if (connection.Output.WrittenCount > 0) await connection.FlushAsync(idle.Token);
                var count = await connection.ReceiveAsync(idle.Token);
                if (count == 0) return Gone;
                lease.Client.AddBytesIn(count);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return Idle;
            }
        }
    }

    private RtmpEvent? TakeMessages()
    {
        while (!connection.Unread.IsEmpty)
        {
            var happened = session.Receive(connection.Unread, (long)time.GetElapsedTime(0).TotalMilliseconds, out var consumed);
            connection.Take(consumed);
            if (happened.Kind == RtmpEventKind.Media) _feed.OnMessage((byte)happened.Message.Type, happened.Message.Timestamp, happened.Message.Body);
            else if (happened.Kind != RtmpEventKind.None) return happened;
        }
        return null;
    }

    /// <summary>An acknowledgement now and then, which the kernel takes at once unless the publisher has stopped reading.</summary>
    private bool Flush(CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(IdleTime);
        try
        {
            connection.FlushAsync(patience.Token).AsTask().GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private static void Wake(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Receive);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // It is gone, which wakes as well.
        }
    }
}
