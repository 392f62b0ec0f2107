using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Pipeline.Net;

namespace Sluice.Pipeline.Output;

/// <summary>A TCP socket, sent to without blocking. Reading stays with its owner.</summary>
/// <remarks>
/// It sends by the descriptor, past <see cref="Socket"/>: that costs less, above all in memory touched per viewer and tick. So the owner must not
/// dispose the socket before <see cref="Subscriber.Finished"/>, as it has to anyhow; what is disposed nevertheless is noticed by the next call,
/// and while the descriptor is borrowed, the system gives it to nobody else.
/// </remarks>
internal sealed class SocketSink : IByteSink
{
    private const int Disposed = -1;

    private readonly Socket _socket;
    private readonly SafeSocketHandle _handle;
    private readonly int _descriptor;

    public SocketSink(Socket socket)
    {
        _socket = socket;
        _handle = socket.SafeHandle;
        _descriptor = (int)_handle.DangerousGetHandle();
        socket.Blocking = false;
    }

    public string? Error { get; private set; }

    public int NotSent => _handle.IsClosed ? 0 : Libc.GetNotSent(_descriptor);

    /// <summary>The descriptor, for <see cref="Libc.TrySend(int, ReadOnlySpan{byte})"/> past this object, until <see cref="Return"/>. False: it is closed already.</summary>
    public bool TryBorrow(out int descriptor)
    {
        var isHeld = false;
        try
        {
            _handle.DangerousAddRef(ref isHeld);
        }
        catch (ObjectDisposedException)
        {
            // Send will say so.
        }
        descriptor = _descriptor;
        return isHeld;
    }

    public void Return() => _handle.DangerousRelease();

    public int Send(ReadOnlyMemory<byte> bytes) => Taken(_handle.IsClosed ? Disposed : Libc.Send(_descriptor, bytes.Span));

    public int Send(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> more) =>
        Taken(_handle.IsClosed ? Disposed : Libc.Send(_descriptor, bytes.Span, more.Span));

    public bool Flush() => true;

    public void SetNotSentLimit(int bytes)
    {
        try
        {
            TcpOptions.SetNotSentLowWater(_socket, bytes);
        }
        catch (ObjectDisposedException)
        {
            Error = "closed here";
        }
    }

    public bool Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Error = e.Message;   // gone already, which ends it as well
        }
        return true;
    }

    private int Taken(int result)
    {
        if (result >= 0) return result;
        if (_handle.IsClosed)
        {
            Error = "closed here";
            return -1;
        }
        var error = Marshal.GetLastPInvokeError();
        if (error is Libc.TryAgain or Libc.Interrupted or Libc.NoBuffers) return 0;
        Error = Marshal.GetPInvokeErrorMessage(error);
        return -1;
    }
}
