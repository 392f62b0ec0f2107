using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sluice.Pipeline.Net;

/// <summary>One listening address: accepts for ever and gives each connection on. Out of file descriptors it waits and goes on.</summary>
public sealed partial class Acceptor : IAsyncDisposable
{
    private const int Backlog = 4096;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private readonly Socket _listener;
    private readonly Action<Socket> _accepted;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Task _run;
    private readonly CancellationTokenSource _stop = new();

    private Acceptor(Socket listener, Action<Socket> accepted, ILogger logger, TimeProvider time)
    {
        (_listener, _accepted, _logger, _time) = (listener, accepted, logger, time);
        EndPoint = (IPEndPoint)listener.LocalEndPoint!;
        _run = RunAsync();
    }

    /// <summary>The address bound: port 0 has become a free one.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>Binds and begins to accept. <c>[::]</c> takes IPv4 too.</summary>
    /// <remarks>ReuseAddress is left as it is: a restart need not wait for old connections anyhow, and set to true it lets two servers share the address.</remarks>
    /// <param name="accepted">Owns the socket from then on; returns at once and does not throw.</param>
    /// <exception cref="SocketException">The address cannot be bound.</exception>
    public static Acceptor Listen(IPEndPoint address, Action<Socket> accepted, ILogger logger, TimeProvider time)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6) listener.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            listener.Bind(address);
            listener.Listen(Backlog);
        }
        catch
        {
            listener.Dispose();
            throw;
        }
        return new Acceptor(listener, accepted, logger, time);
    }

    /// <summary>Closes the address; connections already given on live on. Idempotent.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _run;
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var pause = TimeSpan.Zero;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _accepted(await _listener.AcceptAsync(_stop.Token));
                pause = TimeSpan.Zero;
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // It went away while it waited in the backlog.
            }
            catch (SocketException e)
            {
                if (pause == TimeSpan.Zero) Log.CannotAccept(_logger, EndPoint, e.SocketErrorCode);
                pause = pause == TimeSpan.Zero ? FirstPause : TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
                await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "cannot accept connections on {Address}: {Error}; trying on")]
        public static partial void CannotAccept(ILogger logger, EndPoint address, SocketError error);
    }
}
