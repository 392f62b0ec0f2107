using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Net;

/// <summary>One connection of ours to an RTMP server, for a pull or a push, from the name look-up to the accepted play or publish.</summary>
public sealed class RtmpClient : IDisposable
{
    /// <summary>From the name look-up to the end of the TLS handshake.</summary>
    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;

    private RtmpClient(RtmpSocket connection, RtmpClientSession session, TimeProvider time) => (Connection, Session, _time) = (connection, session, time);

    public RtmpSocket Connection { get; }

    public RtmpClientSession Session { get; }

    /// <param name="trust">For <c>rtmps://</c>: whose certificate will do.</param>
    /// <exception cref="IOException">The server refused, did not answer, is not who it should be, or spoke no RTMP; the message says which.</exception>
    public static async Task<RtmpClient> ConnectAsync(RtmpUrl url, RtmpClientMode mode, TlsTrust trust, TimeProvider time, CancellationToken stop)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        RtmpClient? client = null;
        TlsLink? link = null;
        try
        {
            link = await ConnectAsync(socket, url, trust, time, stop).ConfigureAwait(false);
            var connection = new RtmpSocket(socket, link);
            client = new RtmpClient(connection, new RtmpClientSession(url, mode, connection.Output, RtmpLimits.Default, RandomNumberGenerator.GetBytes(1528), Now(time)), time);
            await client.StartAsync(stop).ConfigureAwait(false);
            return client;
        }
        catch
        {
            client?.Dispose();
            link?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next event in the bytes at hand; <see cref="RtmpEventKind.None"/> when they are all taken.</summary>
    public RtmpEvent Next()
    {
        while (!Connection.Unread.IsEmpty)
        {
            var happened = Session.Receive(Connection.Unread, Now(_time), out var consumed);
            Connection.Take(consumed);
            if (happened.Kind != RtmpEventKind.None) return happened;
        }
        return default;
    }

    public void Dispose()
    {
        Session.Dispose();
        Connection.Dispose();
    }

    private static async Task<TlsLink?> ConnectAsync(Socket socket, RtmpUrl url, TlsTrust trust, TimeProvider time, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(ConnectTime, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            await socket.ConnectAsync(url.Host, url.Port, both.Token).ConfigureAwait(false);
            return url.IsTls ? await TlsLink.ConnectAsync(socket, trust.ClientOptions(url.Host), both.Token).ConfigureAwait(false) : null;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new IOException($"{url.Host}:{url.Port} does not answer");
        }
        catch (SocketException error)
        {
            throw new IOException($"{url.Host}:{url.Port}: {error.Message}", error);
        }
        catch (Exception error) when (error is AuthenticationException || (socket.Connected && error is IOException))
        {
            throw new IOException($"{url.Host}:{url.Port}: TLS: {TlsTrust.Describe(error)}", error);
        }
    }

    private async Task StartAsync(CancellationToken stop)
    {
        while (true)
        {
            var happened = Next();
            await Connection.FlushAsync(stop).ConfigureAwait(false);
            if (happened.Kind == RtmpEventKind.Started) return;
            if (happened.Kind is RtmpEventKind.Failed or RtmpEventKind.Ended) throw new IOException(Describe(happened));
            var count = await Connection.ReceiveAsync(() => Session.Tick(Now(_time)).Kind != RtmpEventKind.Failed, _time, stop).ConfigureAwait(false);
            if (Session.Tick(Now(_time)) is { Kind: RtmpEventKind.Failed } late) throw new IOException(Describe(late));
            if (count == 0) throw new IOException("the server closed the connection");
        }
    }

    private static string Describe(RtmpEvent failure) => failure.Code is null ? failure.Reason! : $"{failure.Code}: {failure.Reason}";

    private static long Now(TimeProvider time) => (long)time.GetElapsedTime(0).TotalMilliseconds;
}
