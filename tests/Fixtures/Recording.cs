using System.Buffers;
using System.Collections.Concurrent;
using Sluice.Pipeline.Ingest;
using Sluice.Pipeline.Media;
using Sluice.Wire.Flv;

namespace Fixtures;

/// <summary>A frame of an encode, its time as in the file, and what it contains.</summary>
/// <param name="SendMs">When on the timeline its encoder sends it, in milliseconds: the picture of that time is just being taken.</param>
public readonly record struct RecordedFrame(Frame Frame, Content Content, double SendMs);

/// <summary>
/// One encode in memory: its headers, and its frames in the order of the file. It owns the bodies, for as long as the process lives; whoever keeps one retains it.
/// </summary>
public sealed class Recording
{
    private static readonly ConcurrentDictionary<string, Lazy<Recording>> Loaded = [];
    private static readonly Lazy<ContentMap> Everything = new(MapAll);

    private Recording(EncodeRecipe encode)
    {
        Encode = encode;
        var (headers, frames) = Read(EncodeFiles.PathOf(encode));
        Headers = headers;
        Frames = Annotate(encode, frames);
    }

    /// <summary>What the frames of all encodes contain.</summary>
    public static ContentMap Contents => Everything.Value;

    public EncodeRecipe Encode { get; }

    /// <summary>onMetaData and both codec configurations.</summary>
    public IReadOnlyList<Frame> Headers { get; }

    public IReadOnlyList<RecordedFrame> Frames { get; }

    public double BytesPerSecond => Frames.Sum(frame => frame.Frame.Body.Length) * 1000.0 / (Frames[^1].SendMs - Frames[0].SendMs);

    /// <summary>The encode's recording, read once.</summary>
    public static Recording Of(EncodeRecipe encode) => Loaded.GetOrAdd(encode.Name, _ => new Lazy<Recording>(() => new Recording(encode))).Value;

    /// <summary>All headers and all pictures and sounds of an FLV file, in its order; the caller owns the bodies.</summary>
    public static (IReadOnlyList<Frame> Headers, IReadOnlyList<Frame> Frames) Read(string path)
    {
        List<Frame> headers = [], frames = [];
        using var reader = new FlvReader();
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (reader.Read(rest, out var consumed, out var tag) == OperationStatus.Done)
        {
            rest = rest[consumed..];
            var read = FrameReader.Read((byte)tag.Type, tag.Time, tag.Body);
            if (read.Status != FrameReadStatus.Frame) tag.Body.Release();
            else (read.Frame.IsMedia ? frames : headers).Add(read.Frame);
        }
        return reader.Error is null ? (headers, frames) : throw new InvalidDataException($"{path}: {reader.Error}");
    }

    private static List<RecordedFrame> Annotate(EncodeRecipe encode, IReadOnlyList<Frame> frames)
    {
        var shown = frames.Where(frame => frame.Kind == TrackKind.Video).Select(frame => frame.Pts).Order().ToList();
        var toTimeline = encode.FirstPicture * Timeline.PictureMs - shown[0];
        List<RecordedFrame> annotated = [];
        foreach (var frame in frames)
        {
            var number = frame.Kind == TrackKind.Video ? encode.FirstPicture + shown.BinarySearch(frame.Pts) : -1;
            annotated.Add(new RecordedFrame(frame, new Content(encode.Name, number, frame.Pts + toTimeline), frame.Dts + toTimeline));
        }
        return annotated;
    }

    private static ContentMap MapAll()
    {
        var map = new ContentMap();
        foreach (var encode in EncodeRecipe.All)
            foreach (var frame in Of(encode).Frames) map.Add(frame.Frame, frame.Content);
        return map;
    }
}
