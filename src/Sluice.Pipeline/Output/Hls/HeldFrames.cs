using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Frames that wait for others, in the order in which they came. It holds a reference to the body of each.</summary>
internal sealed class HeldFrames
{
    private readonly List<Frame> _frames = [];

    public bool IsEmpty => _frames.Count == 0;

    public Frame First => _frames[0];

    /// <summary>Null where none is a picture.</summary>
    public Frame? FirstPicture { get; private set; }

    public IEnumerable<Frame> Pictures => _frames.Where(static frame => frame is { Kind: TrackKind.Video, IsMedia: true });

    public void Add(in Frame frame)
    {
        frame.Body.Retain();
        _frames.Add(frame);
        if (frame is { Kind: TrackKind.Video, IsMedia: true }) FirstPicture ??= frame;
    }

    /// <summary>Lets the first one go, which is no picture.</summary>
    public void RemoveFirst()
    {
        _frames[0].Body.Release();
        _frames.RemoveAt(0);
    }

    /// <summary>All of them, which the caller releases.</summary>
    public Frame[] Take()
    {
        Frame[] taken = [.. _frames];
        _frames.Clear();
        FirstPicture = null;
        return taken;
    }

    public void Release()
    {
        foreach (var frame in Take()) frame.Body.Release();
    }
}
