using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Frames that wait for others, in the order in which they came. It holds a reference to the body of each.</summary>
internal sealed class HeldFrames
{
    private readonly List<Frame> _frames = [];

    public bool IsEmpty => _frames.Count == 0;

    public Frame First => _frames[0];

    public IEnumerable<Frame> Pictures => _frames.Where(static frame => frame.Kind == TrackKind.Video);

    public void Add(in Frame frame)
    {
        frame.Body.Retain();
        _frames.Add(frame);
    }

    /// <summary>All of them, which the caller releases.</summary>
    public Frame[] Take()
    {
        Frame[] taken = [.. _frames];
        _frames.Clear();
        return taken;
    }

    public void Release()
    {
        foreach (var frame in _frames) frame.Body.Release();
        _frames.Clear();
    }
}
