using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sluice.Pipeline.Net;

/// <summary>Whoever reads a socket that a <see cref="Poller"/> looks after.</summary>
internal interface IPolled
{
    Socket Socket { get; }

    /// <summary>There may be something to read, or the other side has closed; on the poller's thread, which it must not block. False: it wants to know no more.</summary>
    bool OnReadable();
}

/// <summary>A thread that waits for sockets to have something to read.</summary>
/// <remarks>
/// .NET waits for sockets, too, but keeps each it has ever waited for: its thread is woken by every packet for as long as the connection lives, whoever reads it.
/// </remarks>
/// <param name="name">Of the thread, in <c>top -H</c>.</param>
public sealed class Poller(string name) : IDisposable
{
    private const int LongestWait = 1000;
    private const int StackSize = 256 << 10;

    private readonly Epoll _epoll = new();
    private readonly ConcurrentDictionary<int, IPolled> _sockets = [];
    private int _lastId;
    private volatile bool _isOver;

    /// <summary>How many sockets it looks after.</summary>
    public int Count => _sockets.Count;

    public Poller Start()
    {
        new Thread(Run, StackSize) { IsBackground = true, Name = name }.UnsafeStart();
        return this;
    }

    /// <summary>Ends the thread, within a second. Nobody is called any more.</summary>
    public void Dispose() => _isOver = true;

    /// <param name="events">Of <see cref="Epoll"/>.</param>
    /// <returns>What this poller knows it by.</returns>
    /// <exception cref="IOException">The kernel refuses.</exception>
    internal int Add(IPolled polled, uint events)
    {
        var id = Interlocked.Increment(ref _lastId);
        _sockets[id] = polled;
        if (_epoll.Add(polled.Socket, events, id) is not { } error) return id;
        _sockets.TryRemove(id, out _);
        throw new IOException($"epoll: {error}");
    }

    /// <summary>Calls it once when there is something to read.</summary>
    internal void Arm(IPolled polled, int id) => _epoll.Modify(polled.Socket, Epoll.Readable | Epoll.Once, id);

    /// <summary>To be called before the socket is closed. A call may still be under way, or come. Idempotent.</summary>
    internal void Remove(int id)
    {
        if (_sockets.TryRemove(id, out var polled)) _epoll.Remove(polled.Socket);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]   // runs once, and for long
    private void Run()
    {
        while (!_isOver)
        {
            var count = _epoll.Wait(LongestWait);
            for (var i = 0; i < count; i++)
            {
                var id = _epoll.Ready(i);
                if (_sockets.TryGetValue(id, out var polled) && !polled.OnReadable()) Remove(id);
            }
        }
        _epoll.Dispose();
    }
}
