using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Alignment;

/// <summary>
/// Whether two sources carry the same payloads, frame by frame, and at which offset: two links from one encoder (SMPTE 2022-7 in the terms of RTMP).
/// </summary>
/// <remarks>
/// Only the frame that comes second can be judged: it is looked up among those of the other source. A frame that the other source has passed without
/// having it is a miss. Frames lost on one link now and then change nothing; <see cref="PartedAfter"/> misses in a row do.
/// </remarks>
internal sealed class PayloadMatch(PayloadTrail first, PayloadTrail second)
{
    private const int EqualAfter = 50;
    private const int PartedAfter = 5;

    /// <summary>Equal frames at another offset before it is believed.</summary>
    private const int MovedAfter = 10;

    private Run _video;
    private Run _audio;
    private long? _offset;
    private long _rival;
    private int _rivalHits;

    public EqualTracks Equal => (_video.IsEqual ? EqualTracks.Video : 0) | (_audio.IsEqual ? EqualTracks.Audio : 0);

    /// <summary>Whether the pictures are equal; where not both have pictures, the sound.</summary>
    public bool IsEqual => HaveVideo ? _video.IsEqual : _audio.IsEqual;

    /// <summary>Time of the first source − time of the second, of the same frame. Exact while <see cref="IsEqual"/>.</summary>
    public long Offset => _offset ?? 0;

    /// <summary>A frame of <paramref name="from"/>, which holds it already, has come.</summary>
    public void OnFrame(PayloadTrail from, TrackKind kind, ulong hash, long dts)
    {
        if (from.LastIsRepeated) return;
        var isFirst = from == first;
        var other = isFirst ? second : first;
        ref var run = ref kind == TrackKind.Video ? ref _video : ref _audio;
        if (_offset is { } offset)
        {
            var there = isFirst ? dts - offset : dts + offset;
            if (other.Contains(hash, there))
            {
                run.Hit();
                return;
            }
            if (other.Has(kind) && other.Latest(kind) >= there) run.Miss();
        }
        // Pictures decide where sound and pictures are at different offsets.
        if (!IsEqual && (kind == TrackKind.Video || !HaveVideo) && other.TimeOfOnly(hash) is { } time) Propose(isFirst ? dts - time : time - dts, ref run);
    }

    public void Clear()
    {
        (_video, _audio, _offset, _rivalHits) = (default, default, null, 0);
    }

    private bool HaveVideo => first.Has(TrackKind.Video) && second.Has(TrackKind.Video);

    private void Propose(long offset, ref Run run)
    {
        if (_rivalHits > 0 && Math.Abs(offset - _rival) <= 1) _rivalHits++;
        else (_rival, _rivalHits) = (offset, 1);
        if (_rivalHits < MovedAfter) return;
        Clear();
        _offset = offset;
        run = new Run { Hits = MovedAfter };
    }

    private record struct Run
    {
        public int Hits { get; set; }

        public bool IsEqual { get; private set; }

        private int Misses { get; set; }

        public void Hit()
        {
            (Hits, Misses) = (Math.Min(Hits + 1, EqualAfter), 0);
            IsEqual |= Hits == EqualAfter;
        }

        public void Miss()
        {
            Misses++;
            Hits = 0;
            if (Misses >= PartedAfter) IsEqual = false;
        }
    }
}
