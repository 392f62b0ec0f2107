using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Sluice.Pipeline.Net;

/// <summary>Serves one connection until it is over; owns the socket. Does not throw.</summary>
public delegate Task ServeSocket(Socket socket, CancellationToken stop);

/// <summary>
/// The listener factory of the web host: one acceptor an address. HTTP-FLV and RTMP connections are ours from the first byte, all others are the web host's.
/// </summary>
/// <remarks>
/// <code>
///   accept ─▶ first bytes, peeked, not taken ─┬─ 0x03 ──────────────▶ RTMP
///             (5 s, then closed)              ├─ GET /….flv HTTP/1.x ▶ HTTP-FLV
///                                             └─ all else ───────────▶ web host
/// </code>
/// A connection that says nothing, or drips, holds up nobody else.
/// </remarks>
public sealed class FrontDoor(ServeSocket rtmp, ServeSocket flv, ILoggerFactory loggers, TimeProvider time) : IConnectionListenerFactory
{
    /// <summary>How long a connection may take to say what it is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is not IPEndPoint address) throw new NotSupportedException($"cannot listen on {endpoint}");
        try
        {
            return new(new Listener(address, rtmp, flv, loggers.CreateLogger<FrontDoor>(), time));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(e.Message, e);
        }
    }

    private sealed class Listener : IConnectionListener
    {
        private readonly ServeSocket _rtmp;
        private readonly ServeSocket _flv;
        private readonly TimeProvider _time;
        private readonly ILogger _logger;
        private readonly Acceptor _acceptor;
        private readonly SocketConnectionContextFactory _factory;
        private readonly Channel<ConnectionContext> _web = Channel.CreateUnbounded<ConnectionContext>();
        private readonly CancellationTokenSource _stop = new();

        public Listener(IPEndPoint address, ServeSocket rtmp, ServeSocket flv, ILogger logger, TimeProvider time)
        {
            (_rtmp, _flv, _logger, _time) = (rtmp, flv, logger, time);
            _factory = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), logger);
            _acceptor = Acceptor.Listen(address, socket => _ = ReceiveAsync(socket), logger, time);
        }

        public EndPoint EndPoint => _acceptor.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            while (await _web.Reader.WaitToReadAsync(cancellationToken))
                if (_web.Reader.TryRead(out var connection)) return connection;
            return null;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _web.Writer.TryComplete();
            await _acceptor.DisposeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await UnbindAsync();
            await _stop.CancelAsync();
            while (_web.Reader.TryRead(out var left)) await left.DisposeAsync();
            _factory.Dispose();
        }

        private async Task ReceiveAsync(Socket socket)
        {
            try
            {
                socket.NoDelay = true;
                switch (await ConnectionOpening.ClassifyAsync(socket, Patience, _time, _stop.Token))
                {
                    case ConnectionKind.Rtmp:
                        await _rtmp(socket, _stop.Token);
                        return;
                    case ConnectionKind.Flv:
                        await _flv(socket, _stop.Token);
                        return;
                    case ConnectionKind.Web:
                        if (_web.Writer.TryWrite(_factory.Create(socket))) return;
                        break;
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // It went, or we stop, before it said what it is.
            }
            catch (Exception e)
            {
                _logger.LogError(e, "a connection failed");
            }
            socket.Dispose();
        }
    }
}
