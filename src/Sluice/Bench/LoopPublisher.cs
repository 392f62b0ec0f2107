using System.Diagnostics;
using System.Net.Sockets;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Flv;
using Sluice.Wire.Rtmp;

namespace Sluice.Bench;

/// <summary>One publisher that paces the loop in real time. Its numbers are read when it has ended.</summary>
/// <param name="stamps">Each picture says when it was sent.</param>
internal sealed class LoopPublisher(RtmpUrl url, FlvLoop loop, bool stamps)
{
    private static readonly TimeSpan GoodbyeTime = TimeSpan.FromSeconds(1);

    private const int SoundChunkStream = 4;
    private const int PictureChunkStream = 6;

    /// <summary>What turns metadata of a file into what a publisher sends: an AMF0 string before it.</summary>
    private static readonly byte[] SetDataFrame = "\u0002\0\u000d@setDataFrame"u8.ToArray();

    /// <summary>What the server may say at any time; asked of the socket it could be half a TLS record.</summary>
    private Task<int>? _hearing;

    public long Bytes { get; private set; }

    /// <summary>From the accepted publish to its end.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The longest that a frame was late.</summary>
    public TimeSpan Latest { get; private set; }

    /// <summary>Why it ended before its time; null where it did not.</summary>
    public string? Lost { get; private set; }

    /// <summary>Publishes until <paramref name="stop"/>, or until the server ends it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            using var client = await RtmpClient.ConnectAsync(url, RtmpClientMode.Publish, new TlsTrust { Insecure = true }, TimeProvider.System, stop);
            var start = Stopwatch.GetTimestamp();
            try
            {
                for (long lap = 0; !stop.IsCancellationRequested; lap++) await PlayAsync(client, lap, start, stop);
            }
            finally
            {
                Elapsed = Stopwatch.GetElapsedTime(start);
            }
            client.Session.Unpublish();
            await client.Connection.FlushAsync(CancellationToken.None);
            await client.Connection.ShutdownAsync(CancellationToken.None);
            if (_hearing is Task hearing) await hearing.WaitAsync(GoodbyeTime).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception error) when (error is IOException or SocketException)
        {
            Lost = error.Message;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Lost ??= "it was stopped before the server had answered";
        }
    }

    private async Task PlayAsync(RtmpClient client, long lap, long start, CancellationToken stop)
    {
        foreach (var tag in loop.Tags)
        {
            if (tag.IsOnce && lap > 0) continue;
            var due = TimeSpan.FromMilliseconds(lap * loop.Length + tag.Time);
            if (due > Stopwatch.GetElapsedTime(start)) await FlushAsync(client);
            if (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } early) await Task.Delay(early, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stop.IsCancellationRequested) return;
            if (Stopwatch.GetElapsedTime(start) - due is var late && late > Latest) Latest = late;
            Write(client, tag, (uint)(long)due.TotalMilliseconds);
        }
    }

    private void Write(RtmpClient client, in LoopTag tag, uint time)
    {
        var chunkStream = tag.Type == FlvTagType.Video ? PictureChunkStream : SoundChunkStream;
        byte[] body = tag.Type == FlvTagType.Script ? [.. SetDataFrame, .. tag.Body] : tag.Body;
        if (stamps && tag is { Type: FlvTagType.Video, IsOnce: false }) body = Stamp.Put(body, Stopwatch.GetTimestamp());
        var header = new ChunkHeader(0, chunkStream, (RtmpMessageType)tag.Type, client.Session.MessageStreamId, time, body.Length);
        ChunkWriter.Write(client.Connection.Output, header, RtmpServerSession.ChunkSize, body);
    }

    /// <summary>Sends what is written, and hears what the server has to say.</summary>
    private async ValueTask FlushAsync(RtmpClient client)
    {
        Bytes += client.Connection.Output.WrittenCount;
        await client.Connection.FlushAsync(CancellationToken.None);
        _hearing ??= client.Connection.ReceiveAsync(CancellationToken.None).AsTask();
        while (_hearing.IsCompleted)
        {
            if (await _hearing == 0) throw new IOException("the server closed the connection");
            while (client.Next() is { Kind: not RtmpEventKind.None } happened)
                if (happened.Kind is RtmpEventKind.Failed or RtmpEventKind.Ended) throw new IOException(happened.Code is null ? happened.Reason : $"{happened.Code}: {happened.Reason}");
            _hearing = client.Connection.ReceiveAsync(CancellationToken.None).AsTask();
        }
    }
}
