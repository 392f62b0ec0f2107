using System.Buffers;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Rtmp;

namespace Pipeline.Tests.Ingest.Rtmp;

/// <summary>A publisher or player of our own, over a real socket.</summary>
internal sealed class LoopbackClient : IDisposable
{
    public static readonly byte[] VideoHeader = [0x17, 0, 0, 0, 0, .. Convert.FromHexString("01640020ffe1001967640020acd9405005bb0110000003001000000640f183196001000668ebe3cb22c0fdf8f800")];
    public static readonly byte[] AudioHeader = [0xAF, 0, 0x11, 0x90];
    public static readonly byte[] Metadata = [2, 0, 13, .. "@setDataFrame"u8, 2, 0, 10, .. "onMetaData"u8, 3, 0, 5, .. "width"u8, 0, 0x40, 0x84, 0, 0, 0, 0, 0, 0, 0, 0, 9];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _patience = new(Patience);
    private readonly RtmpClient _client;

    private LoopbackClient(RtmpClient client) => _client = client;

    public static async Task<LoopbackClient> PublishAsync(string url) => await OpenAsync(url, RtmpClientMode.Publish);

    public static async Task<LoopbackClient> PlayAsync(string url) => await OpenAsync(url, RtmpClientMode.Play);

    /// <summary>Metadata, both headers, then <paramref name="count"/> pictures 40 ms apart, the first a keyframe; the last byte counts them.</summary>
    public async Task SendShowAsync(int count, int size = 2000)
    {
        await SendAsync(RtmpMessageType.Data, 4, 0, Metadata);
        await SendAsync(RtmpMessageType.Video, 6, 0, VideoHeader);
        await SendAsync(RtmpMessageType.Audio, 4, 0, AudioHeader);
        for (var n = 0; n < count; n++) await SendPictureAsync(n, size);
    }

    public Task SendPictureAsync(int n, int size = 2000)
    {
        var body = new byte[size];
        (body[0], body[1], body[^1]) = ((byte)(n == 0 ? 0x17 : 0x27), 1, (byte)n);
        return SendAsync(RtmpMessageType.Video, 6, (uint)(n * 40), body);
    }

    /// <summary>The next message of media, or why there is none.</summary>
    public async Task<RtmpEvent> NextAsync()
    {
        while (true)
        {
            if (_client.Next() is { Kind: not RtmpEventKind.None } happened) return happened;
            await _client.Connection.FlushAsync(_patience.Token);
            if (await _client.Connection.ReceiveAsync(_patience.Token) == 0) return new RtmpEvent(RtmpEventKind.Failed, Reason: "closed");
        }
    }

    /// <summary>The counts of the next pictures, up to <paramref name="count"/>.</summary>
    public async Task<List<int>> PicturesAsync(int count)
    {
        var pictures = new List<int>();
        while (pictures.Count < count)
        {
            var happened = await NextAsync();
            Assert.True(happened.Kind == RtmpEventKind.Media, $"{happened.Kind}: {happened.Reason}");
            var body = happened.Message.Body;
            if (happened.Message.Type == RtmpMessageType.Video && body.Span[1] == 1) pictures.Add(body.Span[^1]);
            body.Release();
        }
        return pictures;
    }

    public async Task UnpublishAsync()
    {
        _client.Session.Unpublish();
        await _client.Connection.FlushAsync(_patience.Token);
    }

    public async Task SendAsync(RtmpMessageType type, int csid, uint time, byte[] body)
    {
        var output = new ArrayBufferWriter<byte>();
        ChunkWriter.Write(output, new ChunkHeader(0, csid, type, _client.Session.MessageStreamId, time, body.Length), RtmpServerSession.ChunkSize, body);
        await SendRawAsync(output.WrittenMemory);
    }

    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes) => await _client.Connection.SendAsync(bytes, _patience.Token);

    public void Dispose()
    {
        _client.Dispose();
        _patience.Dispose();
    }

    private static async Task<LoopbackClient> OpenAsync(string url, RtmpClientMode mode)
    {
        using var patience = new CancellationTokenSource(Patience);
        return new LoopbackClient(await RtmpClient.ConnectAsync(RtmpUrl.Parse(url, out _)!, mode, TlsTrust.System, TimeProvider.System, patience.Token));
    }
}
