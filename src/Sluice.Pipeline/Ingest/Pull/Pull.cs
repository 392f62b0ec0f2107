using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Net;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Ingest.Pull;

/// <summary>Keeps one source that is pulled connected, for ever: <c>rtmp[s]://</c> or <c>http[s]://….flv</c>.</summary>
public sealed partial class Pull
{
    /// <summary>A server that sends nothing for this long is given up.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly PublishPoint _point;
    private readonly StreamRegistry _registry;
    private readonly PipelineContext _context;
    private readonly ILogger _log;
    private readonly string _url;

    internal Pull(PublishPoint point, StreamRegistry registry, PipelineContext context)
    {
        (_point, _registry, _context, _log) = (point, registry, context, context.Logs.CreateLogger<Pull>());
        _url = point.Source.Options.Pull ?? throw new ArgumentException($"Source {point.Source.Name} is not pulled.", nameof(point));
    }

    public Task RunAsync(CancellationToken stop)
    {
        var retry = new Retry(_context.Time);
        return retry.RunAsync(attempt => AttemptAsync(retry, attempt), pause => Log.Pausing(_log, _point.Stream.Name, _point.Source.Name, retry.LastError ?? "", pause.TotalSeconds), stop);
    }

    private async Task<string?> AttemptAsync(Retry retry, CancellationToken stop)
    {
        PublishLease? lease = null;
        try
        {
            var reason = await ReadAsync(retry, opened => lease = opened, stop).ConfigureAwait(false);
            _point.Stream.OnPullFailed(_point.Source, reason, lease is not null);
            return reason;
        }
        finally
        {
            lease?.Dispose();
        }
    }

    private async Task<string> ReadAsync(Retry retry, Action<PublishLease> opened, CancellationToken stop)
    {
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var closeReason = "the other side closed the connection";
        void Close(string reason)
        {
            closeReason = reason;
            try
            {
                closing.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself in this moment.
            }
        }

        PublishLease Open(string protocol, Socket? socket)
        {
            retry.Succeeded();
            Log.Connected(_log, _point.Stream.Name, _point.Source.Name);
            var lease = _registry.LeasePull(_point, new PublishRequest(
                _point.Stream.Name, "", protocol, socket?.RemoteEndPoint as IPEndPoint, Close, socket is null ? null : () => TcpOptions.GetRoundTrip(socket)));
            opened(lease);
            return lease;
        }

        var trust = _point.Source.Options.Trust;
        try
        {
            return RtmpUrl.Parse(_url, out _) is { } rtmp
                ? await RtmpPull.RunAsync(rtmp, trust, Open, _context, closing.Token).ConfigureAwait(false)
                : await HttpFlvPull.RunAsync(_url, trust, Open, _context, closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (closing.IsCancellationRequested && !stop.IsCancellationRequested)
        {
            return closeReason;
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            return error.Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Stream}: pulling source {Source}")]
        public static partial void Connected(ILogger log, string stream, string source);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Stream}: pull of source {Source} ended: {Reason}; again in {Seconds:0.0} s")]
        public static partial void Pausing(ILogger log, string stream, string source, string reason, double seconds);
    }
}
