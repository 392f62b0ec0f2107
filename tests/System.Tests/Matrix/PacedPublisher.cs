using System.Diagnostics;
using System.Net.Sockets;
using Fixtures;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Flv;
using Sluice.Wire.Rtmp;

namespace System.Tests.Matrix;

/// <summary>A publisher for what ffmpeg's does not let through: time stamps that jump or wrap, and sound that stops.</summary>
/// <param name="origin">Its time stamp at the timeline's beginning, in milliseconds; 32 bits wrap.</param>
/// <param name="clock">The timeline begins at <paramref name="startMs"/> of this clock.</param>
internal sealed class PacedPublisher(Recording recording, long origin, Stopwatch clock, long startMs) : IAsyncDisposable
{
    private const int SoundChunkStream = 4, PictureChunkStream = 6;

    private static readonly byte[] SetDataFrame = "\u0002\0\u000d@setDataFrame"u8.ToArray();

    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private long _jump;
    private volatile bool _isMute;

    /// <summary>From the next frame on added to its time stamps.</summary>
    public void Jump(long milliseconds) => Volatile.Write(ref _jump, milliseconds);

    public void Mute() => _isMute = true;

    public void Start(string url) => _running = RunAsync(url);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    private async Task RunAsync(string url)
    {
        using var client = await RtmpClient.ConnectAsync(RtmpUrl.Parse(url, out _)!, RtmpClientMode.Publish, TlsTrust.System, TimeProvider.System, _stop.Token);
        foreach (var header in recording.Headers) Write(client, header, (uint)origin);
        foreach (var recorded in recording.Frames)
        {
            var early = startMs + (long)recorded.SendMs - clock.ElapsedMilliseconds;
            if (early > 0)
            {
                await client.Connection.FlushAsync(CancellationToken.None);
                await Task.Delay(TimeSpan.FromMilliseconds(early), _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            if (_stop.IsCancellationRequested) return;
            if (_isMute && recorded.Frame.Kind == TrackKind.Audio) continue;
            Write(client, recorded.Frame, (uint)(origin + Volatile.Read(ref _jump) + (long)Math.Round(recorded.SendMs)));
            while (client.Connection.Socket.Poll(0, SelectMode.SelectRead) && await client.Connection.ReceiveAsync(CancellationToken.None) > 0)
                while (client.Next().Kind != RtmpEventKind.None) { }
        }
    }

    private static void Write(RtmpClient client, in Frame frame, uint time)
    {
        var (type, chunkStream) = frame.Kind switch
        {
            TrackKind.Video => (FlvTagType.Video, PictureChunkStream),
            TrackKind.Audio => (FlvTagType.Audio, SoundChunkStream),
            _ => (FlvTagType.Script, SoundChunkStream),
        };
        byte[] body = frame.Kind == TrackKind.Data ? [.. SetDataFrame, .. frame.Body.Span] : frame.Body.Span.ToArray();
        var header = new ChunkHeader(0, chunkStream, (RtmpMessageType)type, client.Session.MessageStreamId, time, body.Length);
        ChunkWriter.Write(client.Connection.Output, header, RtmpServerSession.ChunkSize, body);
    }
}
