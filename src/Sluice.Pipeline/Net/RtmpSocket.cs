using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Sluice.Pipeline.Net.Tls;

namespace Sluice.Pipeline.Net;

/// <summary>The socket of one RTMP session, plain or under TLS, with the bytes that came and are not taken yet and those that are written and not sent yet.</summary>
/// <remarks>One caller at a time. Owns the socket and its TLS.</remarks>
public sealed class RtmpSocket : IDisposable
{
    private const int CommandRoom = 4 << 10;
    private const int MediaRoom = 64 << 10;

    private int _room = CommandRoom;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private PolledSocket? _polled;

    public RtmpSocket(Socket socket, TlsLink? tls = null)
    {
        (Socket, Tls) = (socket, tls);
        Remote = socket.RemoteEndPoint as IPEndPoint;
        socket.NoDelay = true;
        socket.Blocking = false;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 3);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    public Socket Socket { get; }

    /// <summary>Null: plain.</summary>
    public TlsLink? Tls { get; }

    public IPEndPoint? Remote { get; }

    /// <summary>Where the session writes; <see cref="FlushAsync"/> sends it.</summary>
    public SendBuffer Output { get; } = new();

    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    public void Take(int count) => _start += count;

    /// <summary>Media comes: a publisher may send while we are at other things, and reads are large.</summary>
    public void ExpectMedia()
    {
        Socket.ReceiveBufferSize = 512 << 10;
        _room = MediaRoom;
    }

    /// <summary>From now on a plain connection waits for its bytes by <paramref name="poller"/>; null, and under TLS: by .NET.</summary>
    public void WaitBy(Poller? poller)
    {
        _polled?.Dispose();
        _polled = Tls is null && poller is not null ? new PolledSocket(poller, Socket) : null;
    }

    /// <summary>Waits for more bytes, once <see cref="Unread"/> is empty. Returns their number; 0: the other side has closed.</summary>
    public async ValueTask<int> ReceiveAsync(CancellationToken stop)
    {
        MakeRoom();
        if (_polled is null) return _end = await ReadAsync(_buffer, stop).ConfigureAwait(false);
        while (true)
        {
            await _polled.WaitAsync(stop).ConfigureAwait(false);
            if (TryReceive() is { } count) return count;
        }
    }

    /// <summary>Takes what is there without waiting, once <see cref="Unread"/> is empty. Null: nothing; 0: the other side has closed. Plain only.</summary>
    public int? TryReceive()
    {
        MakeRoom();
        var count = Socket.Receive(_buffer, SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) return null;
        if (error != SocketError.Success) throw new SocketException((int)error);
        return _end = count;
    }

    /// <summary>Before <see cref="ReceiveAsync(CancellationToken)"/> from one that seldom has something to say, a player: holds no memory while it waits.</summary>
    public ValueTask<int> WaitAsync(CancellationToken stop)
    {
        GiveBack();
        return ReadAsync(Memory<byte>.Empty, stop);
    }

    /// <summary>The same for a session before its media: once a second <paramref name="tick"/> looks at its deadlines. Returns 0 when that is false, too.</summary>
    public async ValueTask<int> ReceiveAsync(Func<bool> tick, TimeProvider time, CancellationToken stop)
    {
        var receive = ReceiveAsync(stop).AsTask();
        while (await Task.WhenAny(receive, Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None)).ConfigureAwait(false) != receive)
            if (!tick()) return 0;
        return await receive.ConfigureAwait(false);
    }

    /// <summary>Sends what the session has written.</summary>
    public async ValueTask FlushAsync(CancellationToken stop)
    {
        await SendAsync(Output.WrittenMemory, stop).ConfigureAwait(false);
        Output.Clear();
    }

    /// <summary>The same without waiting: false where the socket does not take all of it now. Plain only.</summary>
    public bool TryFlush()
    {
        if (Output.WrittenCount == 0) return true;
        var sent = Socket.Send(Output.WrittenSpan, SocketFlags.None, out var error);
        if (error is not (SocketError.Success or SocketError.WouldBlock)) throw new SocketException((int)error);
        if (error == SocketError.Success) Output.Take(sent);
        return Output.WrittenCount == 0;
    }

    /// <summary>Takes what the session has written, to be sent with <see cref="SendAsync"/> or by somebody else.</summary>
    public byte[] TakeOutput()
    {
        var bytes = Output.WrittenSpan.ToArray();
        Output.Clear();
        return bytes;
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (Tls is not null)
        {
            await Tls.SendAsync(bytes, stop).ConfigureAwait(false);
            return;
        }
        while (!bytes.IsEmpty)
        {
            stop.ThrowIfCancellationRequested();
            // Nearly always the kernel takes it at once; what .NET makes for a send that waits would stay with the socket for good.
            var sent = Socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error == SocketError.WouldBlock) sent = await Socket.SendAsync(bytes, SocketFlags.None, stop).ConfigureAwait(false);
            else if (error != SocketError.Success) throw new SocketException((int)error);
            bytes = bytes[sent..];
        }
    }

    /// <summary>Nothing more is sent: tells the other side.</summary>
    public async ValueTask ShutdownAsync(CancellationToken stop)
    {
        if (Tls is not null) await Tls.ShutdownAsync(stop).ConfigureAwait(false);
        Socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Ends in order: sends what is written, closes the sending side, and waits for the other side to close, a second at most.</summary>
    public async Task FinishAsync(TimeProvider time)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), time);
        try
        {
            await FlushAsync(patience.Token).ConfigureAwait(false);
            await ShutdownAsync(patience.Token).ConfigureAwait(false);
            while (await ReceiveAsync(patience.Token).ConfigureAwait(false) > 0)
            {
                // What it still sends is of no interest; closing over it would reset the connection.
            }
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It went first, or takes its time: closing ends it as well.
        }
    }

    /// <remarks>A receive may be under way, so its buffer does not go back to the pool.</remarks>
    public void Dispose()
    {
        _polled?.Dispose();
        Socket.Dispose();
        Tls?.Dispose();
        Output.Clear();
    }

    private ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop) => Tls?.ReadAsync(buffer, stop) ?? Socket.ReceiveAsync(buffer, SocketFlags.None, stop);

    private void MakeRoom()
    {
        (_start, _end) = (0, 0);
        if (_buffer.Length >= _room) return;
        GiveBack();
        _buffer = ArrayPool<byte>.Shared.Rent(_room);
    }

    private void GiveBack()
    {
        if (_buffer.Length > 0) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end) = ([], 0, 0);
    }
}
