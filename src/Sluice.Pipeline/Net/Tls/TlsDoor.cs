using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>Serves one connection that speaks RTMP under TLS until it is over; owns both. Does not throw.</summary>
public delegate Task ServeLink(Socket socket, TlsLink link, CancellationToken stop);

/// <summary>Before an RTMPS address: waits for the first byte, shakes hands within a deadline, and gives the connection on.</summary>
/// <remarks>A connection that says nothing costs a socket and no cipher; one that stops within the handshake holds up nobody else.</remarks>
public sealed class TlsDoor(Func<TlsCertificate> certificate, ServeLink serve, HandshakeLog failures, ILogger<TlsDoor> logger, TimeProvider time)
{
    private const string Name = "rtmps";

    /// <summary>How long a connection may take from its beginning to the end of the handshake.</summary>
    public static readonly TimeSpan Patience = FrontDoor.Patience;

    /// <summary>Takes a connection; it owns the socket. Does not throw.</summary>
    public async Task ReceiveAsync(Socket socket, CancellationToken stop)
    {
        TlsLink? link = null;
        try
        {
            socket.NoDelay = true;
            link = await ShakeHandsAsync(socket, stop).ConfigureAwait(false);
            if (link is not null) await serve(socket, link, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // It went, or we stop, before it was anything.
        }
        catch (Exception error)
        {
            logger.LogError(error, "a connection failed");
        }
        finally
        {
            link?.Dispose();
            socket.Dispose();
        }
    }

    private async Task<TlsLink?> ShakeHandsAsync(Socket socket, CancellationToken stop)
    {
        var remote = socket.RemoteEndPoint;
        using var deadline = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            if (await ConnectionOpening.FirstByteAsync(socket, both.Token).ConfigureAwait(false) is not { } first) return null;
            if (first == FirstBytes.TlsHandshake) return await TlsLink.AcceptAsync(socket, certificate().ServerOptions(), both.Token).ConfigureAwait(false);
            failures.Report(Name, remote, first == FirstBytes.RtmpVersion ? "it speaks RTMP without TLS; listen.rtmp is for that" : "it speaks no TLS");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            failures.Report(Name, remote, $"its TLS handshake was not done within {Patience.TotalSeconds:0} s");
        }
        catch (Exception error) when (error is IOException or AuthenticationException)
        {
            failures.Report(Name, remote, $"TLS handshake failed: {TlsTrust.Describe(error)}");
        }
        return null;
    }
}
