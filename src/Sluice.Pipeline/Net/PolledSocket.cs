using System.Net.Sockets;
using System.Threading.Tasks.Sources;

namespace Sluice.Pipeline.Net;

/// <summary>A socket whose reader awaits it by a <see cref="Poller"/> and goes on on the pool. Waiting allocates nothing.</summary>
/// <remarks>One waits at a time. To be disposed before the socket is closed.</remarks>
internal sealed class PolledSocket : IPolled, IValueTaskSource, IDisposable
{
    private readonly Poller _poller;
    private readonly int _id;
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancelling;
    private int _isWaiting;

    /// <exception cref="IOException">The kernel refuses.</exception>
    public PolledSocket(Poller poller, Socket socket)
    {
        (_poller, Socket) = (poller, socket);
        _id = poller.Add(this, Epoll.Once);
    }

    public Socket Socket { get; }

    /// <summary>Until there may be something to read, or the other side has closed: reading tells.</summary>
    public ValueTask WaitAsync(CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        _core.Reset();
        var wait = new ValueTask(this, _core.Version);
        Volatile.Write(ref _isWaiting, 1);
        _cancelling = stop.UnsafeRegister(static (polled, token) => ((PolledSocket)polled!).Cancel(token), this);
        _poller.Arm(this, _id);
        return wait;
    }

    public void Dispose() => _poller.Remove(_id);

    bool IPolled.OnReadable()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1) _core.SetResult(true);
        return true;
    }

    void IValueTaskSource.GetResult(short token)
    {
        _cancelling.Dispose();   // from here on no cancelling of this wait can meet the next
        _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void Cancel(CancellationToken stop)
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1) _core.SetException(new OperationCanceledException(stop));
    }
}
