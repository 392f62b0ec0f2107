using System.Buffers;
using System.Diagnostics;
using Sluice.Pipeline.Ingest;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Wire.Buffers;
using Sluice.Wire.Flv;
using Sluice.Wire.Rtmp;

namespace Sluice.Demo;

/// <summary>
/// A viewer of the demo's own: one connection that reads every byte and judges it. It never reconnects, so that a cut shows.
/// </summary>
internal sealed class Watcher(string name, string url) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private long _lastPictureAt;
    private uint? _lastPictureDts;
    private uint? _lastSoundDts;
    private Task _run = Task.CompletedTask;

    public string Name => name;

    public int Pictures { get; private set; }

    public int Sounds { get; private set; }

    /// <summary>Times that a track's DTS did not rise.</summary>
    public int DtsBack { get; private set; }

    /// <summary>The longest step of a track's DTS, in milliseconds.</summary>
    public int LongestStepMs { get; private set; }

    /// <summary>The longest time without a picture, in milliseconds of wall time.</summary>
    public int LongestWaitMs { get; private set; }

    /// <summary>Why the connection ended before it was to; null: it did not.</summary>
    public string? Cut { get; private set; }

    /// <summary>Whether nothing went wrong that a viewer would notice as more than a wait.</summary>
    public bool IsSatisfied => Cut is null && DtsBack == 0 && Pictures > 0 && Sounds > 0;

    public void Start() => _run = Task.Run(RunAsync);

    /// <summary>Leaves. What came up to now is what is judged.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            Cut = await (url.StartsWith("rtmp", StringComparison.Ordinal) ? WatchRtmpAsync() : WatchFlvAsync());
        }
        catch (OperationCanceledException)
        {
            // It left by itself: no cut.
        }
        catch (Exception error) when (error is IOException or HttpRequestException or System.Net.Sockets.SocketException)
        {
            Cut = error.Message;
        }
    }

    private async Task<string> WatchFlvAsync()
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        await using var body = await http.GetStreamAsync(url, _stop.Token);
        using var reader = new FlvReader();
        var buffer = new byte[64 << 10];
        while (true)
        {
            var rest = buffer.AsMemory(0, await body.ReadAsync(buffer, _stop.Token));
            if (rest.IsEmpty) return "the server ended the stream";
            while (true)
            {
                var status = reader.Read(rest.Span, out var consumed, out var tag);
                rest = rest[consumed..];
                if (status == OperationStatus.InvalidData) return $"no FLV: {reader.Error}";
                if (status == OperationStatus.NeedMoreData) break;
                OnMessage((byte)tag.Type, tag.Time, tag.Body);
            }
        }
    }

    private async Task<string> WatchRtmpAsync()
    {
        if (RtmpUrl.Parse(url, out var wrong) is not { } parsed) return wrong!;
        using var client = await RtmpClient.ConnectAsync(parsed, RtmpClientMode.Play, TlsTrust.System, TimeProvider.System, _stop.Token);
        while (true)
        {
            while (client.Next() is { Kind: not RtmpEventKind.None } happened)
            {
                if (happened.Kind == RtmpEventKind.Media) OnMessage((byte)happened.Message.Type, happened.Message.Timestamp, happened.Message.Body);
                else if (happened.Kind is RtmpEventKind.Ended or RtmpEventKind.Failed) return happened.Reason!;
            }
            await client.Connection.FlushAsync(_stop.Token);
            if (await client.Connection.ReceiveAsync(_stop.Token) == 0) return "the server closed the connection";
        }
    }

    private void OnMessage(byte type, uint time, SharedBuffer body)
    {
        var read = FrameReader.Read(type, time, body);
        body.Release();
        if (read.Status != FrameReadStatus.Frame || !read.Frame.IsMedia) return;
        if (read.Frame.Kind == TrackKind.Video)
        {
            Pictures++;
            var now = Stopwatch.GetTimestamp();
            if (_lastPictureAt != 0) LongestWaitMs = Math.Max(LongestWaitMs, (int)Stopwatch.GetElapsedTime(_lastPictureAt, now).TotalMilliseconds);
            _lastPictureAt = now;
            Compare(ref _lastPictureDts, time);
        }
        else
        {
            Sounds++;
            Compare(ref _lastSoundDts, time);
        }
    }

    private void Compare(ref uint? last, uint time)
    {
        if (last is { } before)
        {
            var step = (int)(time - before);
            if (step <= 0) DtsBack++;
            LongestStepMs = Math.Max(LongestStepMs, step);
        }
        last = time;
    }
}
