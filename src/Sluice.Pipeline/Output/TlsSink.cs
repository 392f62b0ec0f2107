using System.Net.Sockets;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;

namespace Sluice.Pipeline.Output;

/// <summary>A TCP socket under TLS, sent to without blocking: the egress loop encrypts, and sends several records at once. Reading stays with its owner.</summary>
/// <remarks>Encrypted bytes can't be taken back, so those that the socket does not take are kept, <see cref="MaxEncrypt"/> and a little at most; nothing more is taken meanwhile.</remarks>
internal sealed class TlsSink : IByteSink
{
    private const int MaxEncrypt = 64 << 10;

    private readonly Socket _socket;
    private readonly TlsLink _tls;

    public TlsSink(Socket socket, TlsLink tls)
    {
        (_socket, _tls) = (socket, tls);
        socket.Blocking = false;
    }

    public string? Error { get; private set; }

    public int NotSent => _tls.Kept + TcpOptions.GetNotSent(_socket);

    public int Send(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (!TrySend()) return -1;
            if (_tls.Kept > 0) return 0;
            var count = Math.Min(bytes.Length, MaxEncrypt);
            _tls.Encrypt(bytes[..count]);
            return TrySend() ? count : -1;
        }
        catch (Exception error) when (error is IOException or InvalidOperationException)
        {
            Error = error.Message;   // an ObjectDisposedException is an InvalidOperationException
            return -1;
        }
    }

    public bool Flush()
    {
        try
        {
            return TrySend() && _tls.Kept == 0;
        }
        catch (ObjectDisposedException)
        {
            Error = "closed here";
            return false;
        }
    }

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
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            Error = error.Message;   // gone already, which ends it as well
        }
        return true;
    }

    private bool TrySend()
    {
        if (_tls.TrySend(out var error)) return true;
        Error = error.ToString();
        return false;
    }
}
