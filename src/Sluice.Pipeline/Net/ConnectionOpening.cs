using System.Buffers;
using System.Net.Sockets;

namespace Sluice.Pipeline.Net;

/// <summary>Waits for the first bytes of a connection and tells what it speaks, without taking them.</summary>
internal static class ConnectionOpening
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(200);

    /// <returns><see cref="ConnectionKind.Unknown"/>: it closed, or did not say in time.</returns>
    public static async ValueTask<ConnectionKind> ClassifyAsync(Socket socket, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        var began = time.GetTimestamp();
        if (socket.Available == 0)
        {
            using var deadline = new CancellationTokenSource(patience, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
            await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, both.Token);
        }
        var (seen, pause) = (0, FirstPause);
        while (time.GetElapsedTime(began) < patience)
        {
            var available = socket.Available;
            if (available == 0) return ConnectionKind.Unknown;
            if (available > seen)
            {
                (seen, pause) = (available, FirstPause);
                if (Peek(socket) is var kind and not ConnectionKind.Unknown) return kind;
                if (available >= FirstBytes.MaxHead) return ConnectionKind.Web;
            }
            // The socket stays readable while bytes lie in it, so more of them can only be looked for. Only drips come here.
            await Task.Delay(pause, time, stop);
            pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
        }
        return ConnectionKind.Unknown;
    }

    /// <summary>Waits for the first byte and looks at it; null: it closed.</summary>
    public static async ValueTask<byte?> FirstByteAsync(Socket socket, CancellationToken stop)
    {
        if (socket.Available == 0) await socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, stop).ConfigureAwait(false);
        return socket.Available == 0 ? null : FirstByte(socket);
    }

    private static byte FirstByte(Socket socket)
    {
        Span<byte> first = stackalloc byte[1];
        socket.Receive(first, SocketFlags.Peek);
        return first[0];
    }

    private static ConnectionKind Peek(Socket socket)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstBytes.MaxHead);
        var length = socket.Receive(buffer.AsSpan(0, FirstBytes.MaxHead), SocketFlags.Peek);
        var kind = FirstBytes.Classify(buffer.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(buffer);
        return kind;
    }
}
