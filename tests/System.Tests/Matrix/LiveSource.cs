using System.Diagnostics;
using System.Globalization;
using System.Tests.Parts;
using Fixtures;
using Sluice.Pipeline.Media;
using Sluice.Wire.Flv;

namespace System.Tests.Matrix;

/// <summary>One of a cell's sources in real time: ffmpeg that copies an encode, in a network of its own where that is to fail; or our publisher where time stamps are.</summary>
internal sealed class LiveSource : IAsyncDisposable
{
    private readonly NetworkNamespace? _network;
    private Tool? _ffmpeg;
    private PacedPublisher? _publisher;

    public LiveSource(NetworkNamespace? network = null) => _network = network;

    /// <summary>Publishes with ffmpeg the frames of <paramref name="file"/>, paced by their time stamps.</summary>
    public void Publish(string file, double originSeconds, string url)
    {
        string[] arguments = ["-hide_banner", "-loglevel", "error", "-re", "-i", file, "-c", "copy", "-output_ts_offset", originSeconds.ToString(CultureInfo.InvariantCulture), "-f", "flv", url];
        _ffmpeg = _network is null ? Tool.Start("ffmpeg", arguments) : Tool.Start("ip", _network.Command("ffmpeg", arguments));
    }

    /// <summary>Publishes a recording with time stamps that can be made to jump.</summary>
    public void Publish(Recording recording, long origin, Stopwatch clock, long startMs, string url)
    {
        _publisher = new PacedPublisher(recording, origin, clock, startMs);
        _publisher.Start(url);
    }

    public void Kill() => _ffmpeg?.Kill();

    public void Signal(string name) => _ffmpeg!.Signal(name);

    public Task DropAsync() => _network!.DropAsync();

    public Task LimitAsync(double bytesPerSecond) => _network!.LimitAsync(bytesPerSecond);

    public void Jump(long milliseconds) => _publisher!.Jump(milliseconds);

    public void Mute() => _publisher!.Mute();

    public async ValueTask DisposeAsync()
    {
        if (_ffmpeg is not null) await _ffmpeg.DisposeAsync();
        if (_publisher is not null) await _publisher.DisposeAsync();
        if (_network is not null) await _network.DisposeAsync();
    }

    /// <summary>Writes a recording from its first keyframe at <paramref name="from"/> on, as an encoder would send it that was started then.</summary>
    /// <returns>When on the timeline it begins, in milliseconds.</returns>
    public static double Cut(Recording recording, double from, string path)
    {
        var begin = recording.Frames.First(frame => frame.Frame.IsKey && frame.SendMs >= from).SendMs;
        using var file = File.Create(path);
        Span<byte> header = stackalloc byte[FlvFileHeader.Size];
        FlvFileHeader.Write(header, hasAudio: true, hasVideo: true);
        file.Write(header);
        foreach (var frame in recording.Headers) Write(file, frame, 0);
        foreach (var frame in recording.Frames)
            if (frame.SendMs >= begin) Write(file, frame.Frame, (uint)Math.Round(frame.SendMs - begin));
        return begin;
    }

    private static void Write(FileStream file, in Frame frame, uint time)
    {
        Span<byte> bytes = stackalloc byte[FlvTagHeader.Size];
        var type = frame.Kind switch { TrackKind.Video => FlvTagType.Video, TrackKind.Audio => FlvTagType.Audio, _ => FlvTagType.Script };
        FlvTagHeader.Write(bytes, type, frame.Body.Length, time);
        file.Write(bytes);
        file.Write(frame.Body.Span);
        FlvTagHeader.WriteTrailer(bytes, frame.Body.Length);
        file.Write(bytes[..FlvTagHeader.TrailerSize]);
    }
}
