using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Switching;

/// <summary>A keyframe of a history, when it came (monotonic milliseconds), and the headers in force there.</summary>
internal readonly record struct KeyPoint(long Position, long Pts, int Cts, long Arrival, TrackHeaders Headers);

/// <summary>
/// The last frames of one source's session in the order of their arrival, in source time: what the output has yet to play, and what a splice may replay.
/// </summary>
/// <remarks>
/// <code>
///        Head ≤ … key … key … ≤ Tail       positions count frames for ever; the ring holds [Head, Tail)
/// </code>
/// Holds a reference to the body of each frame, and of the headers of each keyframe.
/// </remarks>
internal sealed class SourceHistory
{
    private readonly List<KeyPoint> _keys = [];
    private Frame[] _ring = new Frame[64];
    private long _bytes;

    public long Head { get; private set; }

    public long Tail { get; private set; }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<KeyPoint> Keys => _keys;

    /// <summary>The frame at <paramref name="position"/>, in [<see cref="Head"/>, <see cref="Tail"/>).</summary>
    public ref readonly Frame this[long position] => ref _ring[position & (_ring.Length - 1)];

    public void Append(in Frame frame, in TrackHeaders headers, long now)
    {
        if (Tail - Head == _ring.Length) Grow();
        frame.Body.Retain();
        _ring[Tail & (_ring.Length - 1)] = frame;
        _bytes += frame.Body.Length;
        if (frame.IsKey) AddKey(frame, headers, now);
        Tail++;
    }

    /// <summary>The headers in force at the keyframe at <paramref name="position"/>; null where that is none.</summary>
    public TrackHeaders? HeadersAt(long position)
    {
        foreach (var key in _keys)
            if (key.Position == position) return key.Headers;
        return null;
    }

    /// <summary>The DTS of the oldest frame of sound; null: there is none.</summary>
    public long? FirstSound
    {
        get
        {
            for (var position = Head; position < Tail; position++)
                if (this[position] is { Kind: TrackKind.Audio, IsMedia: true }) return this[position].Dts;
            return null;
        }
    }

    /// <summary>Forgets frames with a DTS before <paramref name="dts"/>, and beyond <paramref name="maxBytes"/> later ones too, but none from the position <paramref name="limit"/> on.</summary>
    public void Trim(long dts, long limit, long maxBytes)
    {
        while (Head < Math.Min(limit, Tail) && (this[Head].Dts < dts || _bytes > maxBytes)) DropOldest();
    }

    public void Clear()
    {
        while (Head < Tail) DropOldest();
    }

    private void AddKey(in Frame frame, in TrackHeaders headers, long now)
    {
        headers.Metadata?.Body.Retain();
        headers.Video?.Body.Retain();
        headers.Audio?.Body.Retain();
        _keys.Add(new KeyPoint(Tail, frame.Pts, frame.Cts, now, headers));
    }

    private void DropOldest()
    {
        ref var slot = ref _ring[Head & (_ring.Length - 1)];
        _bytes -= slot.Body.Length;
        slot.Body.Release();
        slot = default;
        if (_keys.Count > 0 && _keys[0].Position == Head)
        {
            var headers = _keys[0].Headers;
            headers.Metadata?.Body.Release();
            headers.Video?.Body.Release();
            headers.Audio?.Body.Release();
            _keys.RemoveAt(0);
        }
        Head++;
    }

    private void Grow()
    {
        var larger = new Frame[_ring.Length * 2];
        for (var position = Head; position < Tail; position++) larger[position & (larger.Length - 1)] = this[position];
        _ring = larger;
    }
}
