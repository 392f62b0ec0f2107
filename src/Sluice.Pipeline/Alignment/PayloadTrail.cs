using System.IO.Hashing;
using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Alignment;

/// <summary>The hashes and times of one source's latest frames: five seconds of them and more, at any usual rate.</summary>
internal sealed class PayloadTrail
{
    private const int Length = 1024;

    private readonly ulong[] _hashes = new ulong[Length];
    private readonly long[] _times = new long[Length];
    private int _next;
    private Track _video = Track.Empty;
    private Track _audio = Track.Empty;

    /// <summary>The hash that was added last.</summary>
    public ulong Last { get; private set; }

    /// <summary>Whether the last frame's payload was that of the frame of its track before it: silence, or padding. Such frames match anywhere.</summary>
    public bool LastIsRepeated { get; private set; }

    /// <summary>XXH3 of the coded bytes, without the FLV header; sound and pictures differ. Equal frames of two sources have equal hashes.</summary>
    public static ulong HashOf(in Frame frame) => XxHash3.HashToUInt64(frame.Body.Span[frame.PayloadOffset..], (long)frame.Kind);

    public bool Has(TrackKind kind) => Of(kind).Latest != long.MinValue;

    /// <summary>The greatest time of the track's frames; <see cref="long.MinValue"/> without any.</summary>
    public long Latest(TrackKind kind) => Of(kind).Latest;

    public void Add(TrackKind kind, ulong hash, long dts)
    {
        ref var track = ref Of(kind);
        LastIsRepeated = track.Hash == hash;
        track = new Track(hash, Math.Max(track.Latest, dts));
        Last = hash;
        _hashes[_next] = hash;
        _times[_next] = dts;
        _next = (_next + 1) % Length;
    }

    /// <summary>Whether there is a frame with this hash within a millisecond of <paramref name="dts"/>.</summary>
    public bool Contains(ulong hash, long dts)
    {
        for (var at = IndexOf(hash, 0); at >= 0; at = IndexOf(hash, at + 1))
            if (Math.Abs(_times[at] - dts) <= 1) return true;
        return false;
    }

    /// <summary>The time of the one frame with this hash; null where there is none, or more than one.</summary>
    public long? TimeOfOnly(ulong hash)
    {
        var at = IndexOf(hash, 0);
        return at < 0 || IndexOf(hash, at + 1) >= 0 ? null : _times[at];
    }

    public void Clear()
    {
        Array.Clear(_hashes);
        (_video, _audio, _next) = (Track.Empty, Track.Empty, 0);
    }

    private int IndexOf(ulong hash, int from)
    {
        var at = _hashes.AsSpan(from).IndexOf(hash);
        return at < 0 ? -1 : from + at;
    }

    private ref Track Of(TrackKind kind) => ref kind == TrackKind.Video ? ref _video : ref _audio;

    private readonly record struct Track(ulong Hash, long Latest)
    {
        public static readonly Track Empty = new(0, long.MinValue);
    }
}
