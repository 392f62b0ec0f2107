using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.StreamLogs;

/// <summary>Tells of pictures, which come as they are decoded, where a segment can begin without a keyframe: where all before are shown before this one is decoded.</summary>
/// <remarks>hls.js places a segment by the picture of it that is shown first. Where that was one before its end, its time line went back by that, segment after segment, and left a hole at the next cut.</remarks>
internal sealed class PictureOrder
{
    private int _headroom;                      // PTS less DTS of the last keyframe
    private long _shownUntil = long.MinValue;   // the latest PTS
    private int _count;                         // since the last one in order
    private int _most;                          // since the last keyframe

    /// <summary>From one picture in order to the next there are so many at most, since the last keyframe but one.</summary>
    public int Stretch { get; private set; } = 1;

    /// <summary>The next picture, or sound where there are no pictures. Returns whether it is in order.</summary>
    public bool Take(in Frame frame)
    {
        if (frame.IsKey)
        {
            _headroom = frame.Cts;
            (Stretch, _most) = (_most, 1);
        }
        var isInOrder = frame.Dts + _headroom > _shownUntil;
        _shownUntil = Math.Max(_shownUntil, frame.Pts);
        _count++;
        if (!isInOrder) return false;
        _most = Math.Max(_most, _count);
        Stretch = Math.Max(Stretch, _most);
        _count = 0;
        return true;
    }
}
