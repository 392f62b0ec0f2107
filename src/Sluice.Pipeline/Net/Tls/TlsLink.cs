using System.Net.Security;
using System.Net.Sockets;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>A socket after its TLS handshake (RFC 8446, RFC 5246), with the framework's <c>SslStream</c> as the cipher.</summary>
/// <remarks>
/// One reader and one writer at a time, which may be two threads. While an egress loop owns the writes it uses <see cref="TrySend"/>, before and after it the
/// session uses <see cref="SendAsync"/>: both keep the order. The socket belongs to the caller; disposing this does not close it.
/// </remarks>
public sealed class TlsLink : IDisposable
{
    private readonly TlsTransport _transport;
    private readonly SslStream _cipher;

    private TlsLink(Socket socket)
    {
        _transport = new TlsTransport(socket);
        _cipher = new SslStream(_transport, leaveInnerStreamOpen: false);
    }

    /// <summary>Encrypted bytes that the socket has not taken yet.</summary>
    internal int Kept => _transport.Kept;

    /// <summary>The server's side of the handshake.</summary>
    /// <exception cref="IOException">The other side went, or spoke no TLS.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The two could not agree.</exception>
    public static Task<TlsLink> AcceptAsync(Socket socket, SslServerAuthenticationOptions options, CancellationToken stop) =>
        ShakeHandsAsync(socket, cipher => cipher.AuthenticateAsServerAsync(options, stop));

    /// <summary>The client's side of the handshake.</summary>
    /// <exception cref="IOException">The other side went, or spoke no TLS.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The two could not agree, or the server's certificate does not hold.</exception>
    public static Task<TlsLink> ConnectAsync(Socket socket, SslClientAuthenticationOptions options, CancellationToken stop) =>
        ShakeHandsAsync(socket, cipher => cipher.AuthenticateAsClientAsync(options, stop));

    /// <summary>Reads what has come; 0: the other side has closed. An empty buffer waits, and holds no memory meanwhile.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken stop) => _cipher.ReadAsync(buffer, stop);

    /// <summary>Sends all of it, waiting for the socket.</summary>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        if (!bytes.IsEmpty) await _cipher.WriteAsync(bytes, stop).ConfigureAwait(false);
        await _transport.SendAsync(stop).ConfigureAwait(false);
    }

    /// <summary>Tells the other side that nothing more comes (close_notify).</summary>
    public async ValueTask ShutdownAsync(CancellationToken stop)
    {
        await _cipher.ShutdownAsync().ConfigureAwait(false);
        await _transport.SendAsync(stop).ConfigureAwait(false);
    }

    public void Dispose() => _cipher.Dispose();

    /// <summary>Encrypts all of it, to be sent by <see cref="TrySend"/>. It never waits and allocates nothing.</summary>
    internal void Encrypt(ReadOnlyMemory<byte> bytes)
    {
        var write = _cipher.WriteAsync(bytes);
        if (write.IsCompleted) write.GetAwaiter().GetResult();
        else throw new IOException("the other side wants to negotiate anew");
    }

    /// <inheritdoc cref="TlsTransport.TrySend"/>
    internal bool TrySend(out SocketError error) => _transport.TrySend(out error);

    private static async Task<TlsLink> ShakeHandsAsync(Socket socket, Func<SslStream, Task> handshake)
    {
        var link = new TlsLink(socket);
        try
        {
            await handshake(link._cipher).ConfigureAwait(false);
            link._transport.Keep();
            return link;
        }
        catch
        {
            link.Dispose();
            throw;
        }
    }
}
