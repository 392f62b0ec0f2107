using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <content>Going on with a feed of identical frames, in the middle of a GOP (as SMPTE 2022-7 does for packets).</content>
internal sealed partial class Playout
{
    /// <summary>A frame that one of several identical feeds lacks is awaited this long from the others, in milliseconds.</summary>
    private const long MergePatience = 200;

    /// <summary>Sound that has been missing this long is awaited no more, in milliseconds.</summary>
    private const long GivenUp = 2000;

    /// <summary>Over to a feed of identical frames, in the middle of a GOP, if it has the next frame.</summary>
    /// <param name="offset">Output time less its time, in milliseconds.</param>
    public bool GoOnWith(SourceFeed to, long offset, long now)
    {
        if (NextIn(to, offset) is not var (next, picture) || !_clock.IsDue(SourceFeed.Due(to.History[next], to.KeyCts) + offset, now)) return false;
        _lastPicture += _output.Offset - offset;
        _output.Merge(offset);
        _givenOut = _lastPicture;   // a feed that is behind the last one may have those pictures still to come
        (_feed, _position, _picturesFrom, _holdingSince, _hoppedAt, _isLeaving) = (to, next, picture, -1, now, false);
        return true;
    }

    /// <summary>Goes on with whoever has the frame that the playing feed lacks.</summary>
    /// <remarks>Once per moment, unless something came out: two feeds may each hold sound that seems new to the other and is ahead of the grid.</remarks>
    private bool Merge(SourceFeed feed, long now)
    {
        if (_hoppedAt == now) return false;
        foreach (var other in _feeds)
            if (other is { IsUsable: true } && other != feed && _identity(feed, other) is { } difference && GoOnWith(other, _output.Offset - (long)Math.Round(difference), now)) return true;
        return false;
    }

    /// <summary>Where the frames behind the last ones given out stand in a feed of identical frames: the first that is new of either track, and the first picture.</summary>
    private (long First, long Picture)? NextIn(SourceFeed feed, long offset)
    {
        if (_lastPicture == long.MinValue) return null;
        var (first, picture) = (long.MaxValue, long.MaxValue);
        var (pastPictures, pastSound) = (false, _output.NextSound is null);
        for (var p = feed.History.Tail - 1; p >= feed.History.Head && !(pastPictures && pastSound); p--)
        {
            ref readonly var frame = ref feed.History[p];
            if (!frame.IsMedia) continue;
            var isPicture = frame.Kind == TrackKind.Video;
            var isNew = isPicture
                ? frame.Dts + offset > _lastPicture + _output.Offset + feed.Step / 2
                : _output.SoundTime(frame.Dts) - _output.Offset + offset > _output.NextSound - SoundTolerance;
            if (isNew) first = p;
            if (isNew && isPicture) picture = p;
            if (!isNew && isPicture) pastPictures = true;
            if (!isNew && !isPicture) pastSound = true;
        }
        return first == long.MaxValue ? null : (first, picture == long.MaxValue ? feed.History.Tail : picture);
    }

    /// <summary>Whether a picture seems to be missing before this one, or the sound has stopped beside it.</summary>
    private bool LacksSomething(in Frame frame, SourceFeed feed) =>
        frame is { Kind: TrackKind.Video, IsMedia: true } && _lastPicture != long.MinValue
        && (frame.Dts - _lastPicture > 1.5 * feed.Step || frame.Pts + _output.Offset - _output.NextSound is > MergePatience and < GivenUp);

    /// <summary>Whether it is worth waiting for a feed that has what this one lacks.</summary>
    private bool IsHeld(SourceFeed feed, long now)
    {
        if (!HasTwin(feed)) return false;
        if (_holdingSince < 0) _holdingSince = now;
        return now - _holdingSince < MergePatience;
    }

    private bool HasTwin(SourceFeed feed)
    {
        foreach (var other in _feeds)
            if (other is { IsUsable: true } && other != feed && _identity(feed, other) is not null) return true;
        return false;
    }
}
