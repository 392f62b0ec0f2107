using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources;

/// <summary>The last two seconds of one source's sound: a cut to its keyframe needs the sound that belongs to the pictures before it is all in.</summary>
/// <remarks>Holds a reference to the body of each frame.</remarks>
internal sealed class SoundHistory
{
    private const long Kept = 2000;

    private readonly Queue<Frame> _frames = new();

    /// <summary>Oldest first.</summary>
    public IEnumerable<Frame> Frames => _frames;

    public void Add(in Frame frame)
    {
        frame.Body.Retain();
        _frames.Enqueue(frame);
        while (_frames.Peek().Dts < frame.Dts - Kept) _frames.Dequeue().Body.Release();
    }

    public void Clear()
    {
        while (_frames.TryDequeue(out var frame)) frame.Body.Release();
    }
}
