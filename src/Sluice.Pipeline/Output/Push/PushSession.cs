using System.Net.Sockets;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Output.Push;

/// <summary>One connection of a push: a subscriber of the stream whose socket is a publish to somebody else.</summary>
/// <remarks>The egress loop writes the media; here the other side is listened to, and told in order when the show ends.</remarks>
internal sealed class PushSession : IDisposable
{
    private static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long what is muxed may take after the end of the show: a CDN that hardly reads is not to keep the next show waiting.</summary>
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Marks a second apart, between the first and the last of which the bitrate is measured: keyframes, which are large, are up to seconds apart.</summary>
    private const int MostMarks = 5;

    private readonly RtmpClient _rtmp;
    private readonly Client _client;
    private readonly Subscriber _subscriber;
    private readonly PipelineContext _context;
    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, long At)> _marks = new(MostMarks + 1);
    private (long Bytes, long At) _newest;

    private PushSession(RtmpClient rtmp, StreamOutput output, PipelineContext context)
    {
        (_rtmp, _context) = (rtmp, context);
        TcpOptions.SetUserTimeout(rtmp.Connection.Socket, UserTimeout);
        _client = context.Clients.Add(ClientKind.Push, "rtmp", output.Name, rtmp.Connection.Remote);
        _subscriber = output.Open(rtmp.Connection, new SubscribeRequest
        {
            Container = Container.Rtmp, Protocol = "push", Client = _client, MessageStreamId = rtmp.Session.MessageStreamId, AsPublisher = true, ShutdownAtEnd = false,
        });
        _marks.Enqueue(_newest = (0, context.Time.GetTimestamp()));
    }

    public int LagMs => _subscriber.LagMs;

    public long DroppedGops => _subscriber.DroppedGops;

    /// <summary>Sent in kbit/s, in the last seconds. To be asked by one thread at a time.</summary>
    public double Kbps()
    {
        if (_context.Time.GetElapsedTime(_newest.At) >= TimeSpan.FromSeconds(1))
        {
            _marks.Enqueue(_newest = (_client.BytesOut, _context.Time.GetTimestamp()));
            if (_marks.Count > MostMarks) _marks.Dequeue();
        }
        var (bytes, at) = _marks.Peek();
        var elapsed = _context.Time.GetElapsedTime(at, _newest.At).TotalMilliseconds;
        return elapsed > 0 ? Math.Round((_newest.Bytes - bytes) * 8 / elapsed) : 0;
    }

    /// <exception cref="IOException">The server refused or did not answer.</exception>
    public static async Task<PushSession> ConnectAsync(RtmpUrl url, TlsTrust trust, StreamOutput output, PipelineContext context, CancellationToken stop) =>
        new(await RtmpClient.ConnectAsync(url, RtmpClientMode.Publish, trust, context.Time, stop).ConfigureAwait(false), output, context);

    /// <summary>Says goodbye now, instead of at the end of the show.</summary>
    public void Leave() => _subscriber.EndEarly();

    /// <summary>Until the show ends or the other side closes. Says why it ended; null: as it should.</summary>
    /// <param name="finish">The show has ended, or the push is not wanted any more.</param>
    public async Task<string?> RunAsync(CancellationToken finish)
    {
        var listening = ListenAsync();
        var end = await FinishedAsync(finish).ConfigureAwait(false);
        if (end.Reason == EndReason.StreamEnded)
        {
            byte[] goodbye;
            lock (_gate)
            {
                _rtmp.Session.Unpublish();
                goodbye = _rtmp.Connection.TakeOutput();
            }
            using var patience = new CancellationTokenSource(DrainTime, _context.Time);
            try
            {
                await _rtmp.Connection.SendAsync(goodbye, patience.Token).ConfigureAwait(false);
                await _rtmp.Connection.ShutdownAsync(patience.Token).ConfigureAwait(false);
                await listening.WaitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception error) when (error is SocketException or IOException or OperationCanceledException)
            {
                return error.Message;
            }
        }
        _rtmp.Connection.Socket.Dispose();
        await listening.ConfigureAwait(false);
        return end.Reason == EndReason.StreamEnded ? null : end.Text;
    }

    public void Dispose()
    {
        _client.Dispose();
        _rtmp.Dispose();
    }

    private async Task<SubscriberEnd> FinishedAsync(CancellationToken finish)
    {
        Task finished = _subscriber.Finished;
        await finished.WaitAsync(finish).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await finished.WaitAsync(EndTime, _context.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _subscriber.Stop("it did not take the end of the show");
        return await _subscriber.Finished.ConfigureAwait(false);
    }

    /// <summary>Takes what the server says; its acknowledgements and pings are answered through the egress loop.</summary>
    private async Task ListenAsync()
    {
        var reason = "the server closed the connection";
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    while (_rtmp.Next() is { Kind: not RtmpEventKind.None } happened)
                    {
                        if (happened.Kind is not (RtmpEventKind.Failed or RtmpEventKind.Ended)) continue;
                        _subscriber.Stop(happened.Code is null ? happened.Reason! : $"{happened.Code}: {happened.Reason}");
                        return;
                    }
                    if (_rtmp.Connection.Output.WrittenCount > 0) _subscriber.SendPrivate(_rtmp.Connection.Output.WrittenSpan);
                    _rtmp.Connection.Output.Clear();
                }
                await _rtmp.Connection.WaitAsync(CancellationToken.None).ConfigureAwait(false);
                if (await _rtmp.Connection.ReceiveAsync(CancellationToken.None).ConfigureAwait(false) == 0) break;
            }
        }
        catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
        {
            reason = error.Message;
        }
        _subscriber.Stop(reason);
    }
}
