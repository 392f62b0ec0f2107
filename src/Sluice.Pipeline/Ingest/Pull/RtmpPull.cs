using System.Net.Sockets;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Ingest.Pull;

/// <summary>One pull of <c>rtmp[s]://host/app/name</c>, from the connection to its end.</summary>
internal static class RtmpPull
{
    /// <summary>Runs until the server ends the stream or is silent; the result says why.</summary>
    /// <param name="open">Takes the source's lease, once the server has accepted the play; whoever gives it closes it.</param>
    public static async Task<string> RunAsync(RtmpUrl url, TlsTrust trust, Func<string, Socket?, PublishLease> open, PipelineContext context, CancellationToken stop)
    {
        using var client = await RtmpClient.ConnectAsync(url, RtmpClientMode.Play, trust, context.Time, stop).ConfigureAwait(false);
        client.Connection.ExpectMedia();
        var lease = open("rtmp", client.Connection.Socket);
        var feed = new FrameFeed(lease, context.Time, context.Logs.CreateLogger("Sluice.Pipeline.Ingest.Pull.RtmpPull"));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        while (true)
        {
            if (Feed(client, feed) is { } ended) return ended;
            if (client.Connection.Output.WrittenCount > 0) await client.Connection.FlushAsync(stop).ConfigureAwait(false);
            patience.CancelAfter(Pull.IdleTime);
            try
            {
                var count = await client.Connection.ReceiveAsync(patience.Token).ConfigureAwait(false);
                if (count == 0) return "the server closed the connection";
                lease.Client.AddBytesIn(count);
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                return $"the server is silent for {Pull.IdleTime.TotalSeconds:0} s";
            }
        }
    }

    private static string? Feed(RtmpClient client, FrameFeed feed)
    {
        while (client.Next() is { Kind: not RtmpEventKind.None } happened)
        {
            if (happened.Kind == RtmpEventKind.Media) feed.OnMessage((byte)happened.Message.Type, happened.Message.Timestamp, happened.Message.Body);
            else if (happened.Kind is RtmpEventKind.Ended or RtmpEventKind.Failed) return happened.Reason;
        }
        return null;
    }
}
