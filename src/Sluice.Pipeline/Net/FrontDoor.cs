using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Net.Tls;

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
///                                             ├─ TLS ────────────────▶ closed
///                                             └─ all else ───────────▶ web host
///
///   accept on a TLS address ─▶ first byte ────┬─ TLS ────────────────▶ web host, which shakes hands
///                                             └─ all else ───────────▶ closed
/// </code>
/// A connection that says nothing, or drips, holds up nobody else.
/// </remarks>
public sealed class FrontDoor(ServeSocket rtmp, ServeSocket flv, HandshakeLog failures, ILoggerFactory loggers, TimeProvider time) : IConnectionListenerFactory
{
    /// <summary>What the kernel may hold unsent of a connection of the web host: else it would hide seconds of a viewer's lag.</summary>
    private const int NotSentLimit = 256 << 10;

    /// <summary>How long a connection may take to say what it is.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private IMemoryPoolFactory<byte>? _pools;

    /// <summary>The web host's connections take their blocks from its own pool.</summary>
    public FrontDoor UsePools(IMemoryPoolFactory<byte> pools)
    {
        _pools = pools;
        return this;
    }

    /// <exception cref="IOException">The address cannot be bound; the message names it.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var address = endpoint as DoorAddress ?? throw new NotSupportedException($"cannot listen on {endpoint}");
        try
        {
            return new(new Listener(address, rtmp, flv, _pools, failures, loggers.CreateLogger<FrontDoor>(), time));
        }
        catch (SocketException error)
        {
            throw new IOException($"listen.{address.Name}: {address} cannot be bound: {error.Message}", error);
        }
    }

    private sealed class Listener : IConnectionListener
    {
        private readonly DoorAddress _address;
        private readonly ServeSocket _rtmp;
        private readonly ServeSocket _flv;
        private readonly TimeProvider _time;
        private readonly HandshakeLog _failures;
        private readonly ILogger _logger;
        private readonly Acceptor _acceptor;
        private readonly SocketConnectionContextFactory _factory;
        private readonly Channel<ConnectionContext> _web = Channel.CreateUnbounded<ConnectionContext>();
        private readonly CancellationTokenSource _stop = new();

        public Listener(DoorAddress address, ServeSocket rtmp, ServeSocket flv, IMemoryPoolFactory<byte>? pools, HandshakeLog failures, ILogger logger, TimeProvider time)
        {
            (_address, _rtmp, _flv, _failures, _logger, _time) = (address, rtmp, flv, failures, logger, time);
            var options = new SocketConnectionFactoryOptions();
            if (pools is not null) SetMemoryPoolFactory(options, pools);
            _factory = new SocketConnectionContextFactory(options, logger);
            _acceptor = Acceptor.Listen(address, socket => _ = ReceiveAsync(socket), logger, time);
        }

        /// <summary>The framework sets it for its own listeners only; those without get by with the few arrays that the shared pool keeps, and collect garbage for the rest.</summary>
        [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_MemoryPoolFactory")]
        private static extern void SetMemoryPoolFactory(SocketConnectionFactoryOptions options, IMemoryPoolFactory<byte> pools);

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
                if (_address.IsTls)
                {
                    if (await IsTlsAsync(socket) && TryGiveToWeb(socket)) return;
                    socket.Dispose();
                    return;
                }
                switch (await ConnectionOpening.ClassifyAsync(socket, Patience, _time, _stop.Token))
                {
                    case ConnectionKind.Rtmp:
                        _ = _rtmp(socket, _stop.Token);   // not awaited: this method's state would lie there as long as the viewer
                        return;
                    case ConnectionKind.Flv:
                        _ = _flv(socket, _stop.Token);
                        return;
                    case ConnectionKind.Web:
                        if (TryGiveToWeb(socket)) return;
                        break;
                    case ConnectionKind.Tls:
                        _failures.Report(_address.Name, socket.RemoteEndPoint, "it speaks TLS; listen.https is for that");
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

        private async ValueTask<bool> IsTlsAsync(Socket socket)
        {
            using var deadline = new CancellationTokenSource(Patience, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stop.Token);
            var first = await ConnectionOpening.FirstByteAsync(socket, both.Token);
            if (first is not (null or FirstBytes.TlsHandshake)) _failures.Report(_address.Name, socket.RemoteEndPoint, "it speaks no TLS; listen.http is for that");
            return first == FirstBytes.TlsHandshake;
        }

        private bool TryGiveToWeb(Socket socket)
        {
            TcpOptions.SetNotSentLowWater(socket, NotSentLimit);
            return _web.Writer.TryWrite(_factory.Create(socket));
        }
    }
}
