using Sluice.Pipeline.Media;
using Sluice.Wire.Cmaf;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Where a picture stands in the file, in units of <see cref="PictureTimes.PerMs"/> to a millisecond of the output's time line.</summary>
internal readonly record struct PictureTime(long Decoded, long Shown);

/// <summary>When pictures are decoded and shown in the file: across cuts, too, without holes and overlaps, at which players place what follows wrongly.</summary>
/// <remarks>
/// A keyframe is decoded when it is shown, so that both tracks of a segment begin at one time, also to players that place it by its decoding times; composition times of pictures
/// that are shown earlier are negative (ISO/IEC 14496-12 §8.8.8). All others keep their distance to it. Pictures that took no step of the grid, as a cut decodes them in between, follow
/// right behind each other until they are back at their own times. A replayed GOP that begins new decoders takes no time at all: it would lie over the last picture before the cut.
/// </remarks>
internal sealed class PictureTimes
{
    public const int PerMs = CmafTrack.VideoTimescale / 1000;

    /// <summary>Between pictures that take no time.</summary>
    private const int Step = PerMs / 10;

    private readonly HashSet<long> _between = [];   // their PTS
    private int _headroom;          // PTS less DTS of keyframes
    private long? _lastDts;
    private long? _last;
    private long _replayed;         // PTS of the first of them,
    private long _replayedUntil;    // of the first picture behind them
    private int _toReplay;

    /// <summary>What comes next begins new decoders.</summary>
    /// <param name="pictures">The first of it is a keyframe.</param>
    public void Begin(IReadOnlyList<Frame> pictures)
    {
        _replayedUntil = _replayed = pictures[0].Pts;
        _between.Clear();
        for (var (i, last) = (0, _lastDts); i < pictures.Count && IsBetween(pictures[i], last); last = pictures[i++].Dts) _between.Add(pictures[i].Pts);
        // Those that are replayed are shown 1 ms apart. Others that are decoded among them, as decoding catches up, are shown at their own times.
        while (_between.Contains(_replayedUntil)) _replayedUntil++;
        _toReplay = (int)(_replayedUntil - _replayed);
    }

    /// <summary>Where <paramref name="picture"/> stands if it comes next.</summary>
    public PictureTime Of(in Frame picture)
    {
        if (IsReplayed(picture))
        {
            var first = (_replayedUntil * PerMs) - ((_replayedUntil - _replayed) * Step);
            return new PictureTime(Math.Max(first, _last + Step ?? first), first + ((picture.Pts - _replayed) * Step));
        }
        var own = (picture.IsKey ? picture.Pts : picture.Dts + _headroom) * PerMs;
        return new PictureTime(Math.Max(own, _last + Step ?? own), picture.Pts * PerMs);
    }

    /// <summary>The same, and it has come.</summary>
    public PictureTime Take(in Frame picture)
    {
        var time = Of(picture);
        if (IsReplayed(picture)) _toReplay--;
        if (picture.IsKey && !IsBetween(picture, _lastDts)) _headroom = picture.Cts;
        (_lastDts, _last) = (picture.Dts, time.Decoded);
        return time;
    }

    private bool IsReplayed(in Frame picture) => _toReplay > 0 && picture.Pts < _replayedUntil;

    /// <summary>Whether it took no step of the output's grid, but a millisecond.</summary>
    private static bool IsBetween(in Frame picture, long? last) => picture.Dts - last <= 1;
}
