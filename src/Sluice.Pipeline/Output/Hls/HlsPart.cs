using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>One partial segment: a chunk of fragmented MP4 with the pictures and sounds of a third of a second.</summary>
/// <remarks>It owns one reference to its bytes until the packager lets it go; who sends them holds another meanwhile.</remarks>
/// <param name="duration">In milliseconds.</param>
/// <param name="isIndependent">Whether it holds a keyframe: decoding can begin in it.</param>
/// <param name="bytes">Taken over.</param>
public sealed class HlsPart(int duration, bool isIndependent, SharedBuffer bytes)
{
    private readonly Lock _gate = new();
    private bool _isReleased;

    public int Duration => duration;

    public bool IsIndependent => isIndependent;

    public int Length { get; } = bytes.Length;

    /// <summary>The bytes, for one who sends them and then releases them; null where it is too late. Any thread.</summary>
    public SharedBuffer? TryRetain()
    {
        lock (_gate) return _isReleased ? null : bytes.Retain();
    }

    internal void Release()
    {
        lock (_gate)
        {
            if (_isReleased) return;
            _isReleased = true;
            bytes.Release();
        }
    }
}
