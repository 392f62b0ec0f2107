using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Flv;

namespace Sluice.Pipeline.Ingest.Pull;

/// <summary>One pull of <c>http[s]://host/app/name.flv</c>, from the request to the end of the body.</summary>
internal static class HttpFlvPull
{
    private const int ReadSize = 64 << 10;

    private static readonly TimeSpan ConnectTime = TimeSpan.FromSeconds(5);

    /// <summary>Runs until the body ends or the server is silent; the result says why.</summary>
    /// <param name="open">Takes the source's lease, once the server has answered with FLV; whoever gives it closes it.</param>
    public static async Task<string> RunAsync(string url, TlsTrust trust, Func<string, Socket?, PublishLease> open, PipelineContext context, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            return await ReadAsync(url, trust, open, context, patience).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return $"the server is silent for {Pull.IdleTime.TotalSeconds:0} s";
        }
        catch (HttpRequestException error) when (error.HttpRequestError == HttpRequestError.SecureConnectionError)
        {
            return $"TLS: {TlsTrust.Describe(error)}";
        }
    }

    private static async Task<string> ReadAsync(string url, TlsTrust trust, Func<string, Socket?, PublishLease> open, PipelineContext context, CancellationTokenSource patience)
    {
        patience.CancelAfter(Pull.IdleTime);
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTime, AutomaticDecompression = DecompressionMethods.None, SslOptions = trust.ClientOptions(new Uri(url).DnsSafeHost),
        });
        http.Timeout = Timeout.InfiniteTimeSpan;
        using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, patience.Token).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.OK) return $"the server answers {(int)response.StatusCode}";

        await using var body = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        var lease = open("flv", null);
        using var reader = new FlvReader();
        var feed = new FrameFeed(lease, context.Time, context.Logs.CreateLogger("Sluice.Pipeline.Ingest.Pull.HttpFlvPull"));
        var buffer = new byte[ReadSize];
        while (true)
        {
            patience.CancelAfter(Pull.IdleTime);
            var count = await body.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (count == 0) return "the server ended the stream";
            lease.Client.AddBytesIn(count);
            if (!Feed(reader, feed, buffer.AsSpan(0, count))) return $"no FLV: {reader.Error}";
        }
    }

    private static bool Feed(FlvReader reader, FrameFeed feed, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var status = reader.Read(bytes, out var consumed, out var tag);
            if (status != OperationStatus.Done) return status == OperationStatus.NeedMoreData;
            bytes = bytes[consumed..];
            feed.OnMessage((byte)tag.Type, tag.Time, tag.Body);
        }
    }
}
