using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Net;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Ingest.Rtmp;

/// <summary>Takes the media of one publisher, from its first message to the one reason that ended it.</summary>
/// <remarks>On a plain connection by the thread of a <see cref="Poller"/>, from the packet to the log in one go; under TLS by the pool.</remarks>
internal sealed class RtmpPublication(RtmpSocket connection, RtmpServerSession session, PublishLease lease, TimeProvider time, ILogger log) : IPolled
{
    /// <summary>A publisher that sends nothing for this long is closed.</summary>
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of answers that may wait for a publisher that does not read.</summary>
    private const int MostUnread = 64 << 10;

    private static readonly RtmpEvent Gone = new(RtmpEventKind.Failed, Reason: "closed by the other side");
    private static readonly RtmpEvent Idle = new(RtmpEventKind.Failed, Reason: $"the publisher sent nothing, or read nothing, for {IdleTime.TotalSeconds:0} s");

    private static readonly RtmpEvent Deaf = new(RtmpEventKind.Failed, Reason: "the publisher does not read our answers");

    private readonly FrameFeed _feed = new(lease, time, log);
    private readonly TaskCompletionSource<RtmpEvent> _taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _reading = new();
    private long _lastProgress;
    private bool _isOver;

    Socket IPolled.Socket => connection.Socket;

    /// <returns>What ended it: it unpublished, closed, was silent too long, or sent what is no RTMP.</returns>
    public Task<RtmpEvent> TakeAsync(Poller poller, CancellationToken stop) => connection.Tls is null ? TakeByAsync(poller, stop) : TakeOnPoolAsync(stop);

    private async Task<RtmpEvent> TakeByAsync(Poller poller, CancellationToken stop)
    {
        if (TakeMessages() is { } atOnce) return atOnce;
        _lastProgress = time.GetTimestamp();
        connection.TryFlush();   // the answer to its wish; what the socket does not take goes with the next
        var id = poller.Add(this, Epoll.Readable);
        try
        {
            while (true)
            {
                var left = IdleTime - time.GetElapsedTime(Volatile.Read(ref _lastProgress));
                if (left <= TimeSpan.Zero) return Idle;
                await ((Task)_taken.Task.WaitAsync(left, time, stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stop.ThrowIfCancellationRequested();
                if (_taken.Task.IsCompleted) return await _taken.Task;
            }
        }
        finally
        {
            poller.Remove(id);
            lock (_reading) _isOver = true;
        }
    }

    bool IPolled.OnReadable()
    {
        lock (_reading)
        {
            if (_isOver) return false;
            try
            {
                if (Read() is not { } ended) return true;
                _taken.SetResult(ended);
            }
            catch (Exception error)
            {
                _taken.SetException(error);
            }
            _isOver = true;
            return false;
        }
    }

    private RtmpEvent? Read()
    {
        if (connection.TryReceive() is not { } count) return null;
        if (count == 0) return Gone;
        lease.Client.AddBytesIn(count);
        if (TakeMessages() is { } ended) return ended;
        if (connection.TryFlush()) Volatile.Write(ref _lastProgress, time.GetTimestamp());
        return connection.Output.WrittenCount > MostUnread ? Deaf : null;
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
}
