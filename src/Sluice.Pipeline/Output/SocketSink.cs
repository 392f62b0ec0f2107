using System.Net.Sockets;
using Sluice.Pipeline.Net;

namespace Sluice.Pipeline.Output;

/// <summary>A TCP socket, sent to without blocking. Reading stays with its owner.</summary>
internal sealed class SocketSink : IByteSink
{
    private readonly Socket _socket;

    public SocketSink(Socket socket)
    {
        _socket = socket;
        socket.Blocking = false;
    }

    public string? Error { get; private set; }

    public int NotSent => TcpOptions.GetNotSent(_socket);

    public int Send(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var sent = _socket.Send(bytes.Span, SocketFlags.None, out var error);
            if (error == SocketError.Success) return sent;
            if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable or SocketError.Interrupted) return 0;
            Error = error.ToString();
        }
        catch (ObjectDisposedException)
        {
            Error = "closed here";
        }
        return -1;
    }

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

    public void Finish()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Error = e.Message;   // gone already, which ends it as well
        }
    }
}
