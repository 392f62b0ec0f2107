using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Alignment;

/// <summary>
/// Finds out, without decoding, how the time lines of a stream's sources lie to each other, and keeps them on one programme time.
/// </summary>
/// <remarks>
/// <code>
///   frames ─▶ hashes of payloads ─┐
///          ─▶ clocks in pictures ─┤ evidence for each pair ─▶ Placement ─▶ offset, method, confidence of each source
///          ─▶ sizes of frames ────┤
///          ─▶ times of arrival ───┘
/// </code>
/// The first source of the show anchors the programme time; when it goes, the next in the order in which they were placed carries it on, and all others stay
/// where they are. Used under its stream's lock. Keeps no reference to any frame. Times named <c>now</c> are monotonic milliseconds. A stream with one source has
/// nothing to align and does no work here.
/// </remarks>
internal sealed class Aligner
{
    private readonly AlignedSource[] _sources;
    private readonly PayloadMatch?[,] _matches;
    private readonly Placement _placement;
    private readonly CorrelationSchedule _correlation;
    private long _now;

    public Aligner(IReadOnlyList<Source> sources)
    {
        _sources = new AlignedSource[sources.Count < 2 ? 0 : sources.Count];
        for (var i = 0; i < _sources.Length; i++) _sources[i] = new AlignedSource(sources[i]);
        _matches = new PayloadMatch?[sources.Count, sources.Count];
        for (var a = 0; a < _sources.Length; a++)
            for (var b = a + 1; b < _sources.Length; b++)
                _matches[a, b] = _matches[b, a] = new PayloadMatch(_sources[a].Payloads, _sources[b].Payloads);
        _placement = new Placement(_sources, _matches);
        _correlation = new CorrelationSchedule(_sources, _matches);
    }

    /// <summary>One source alone has nothing to be aligned with.</summary>
    private bool IsAlone => _sources.Length == 0;

    /// <summary>A new session feeds the source: another clock.</summary>
    public void Open(Source source)
    {
        if (IsAlone) return;
        var opened = _sources[source.Order];
        opened.Open();
        for (var i = 0; i < _sources.Length; i++) _matches[source.Order, i]?.Clear();
        _placement.Forget(opened);
        _correlation.Forget(opened);
    }

    /// <summary>A picture or sound of <paramref name="source"/>, in source time.</summary>
    public void OnFrame(Source source, in Frame frame, long now)
    {
        if (IsAlone || !frame.IsMedia) return;
        _now = now;
        var from = _sources[source.Order];
        from.OnFrame(frame, now);
        for (var i = 0; i < _sources.Length; i++) _matches[source.Order, i]?.OnFrame(from.Payloads, frame.Kind, from.Payloads.Last, frame.Dts);
        if (!from.IsPlaced) _placement.Welcome(from, now);
    }

    /// <summary>Does a slice of the heavier work.</summary>
    public void Tick(long now)
    {
        if (IsAlone) return;
        _now = now;
        _correlation.Tick(now);
        _placement.Tick(now);
    }

    /// <summary>Where a source stands on the programme time.</summary>
    public SourceAlignment Of(Source source) =>
        IsAlone ? new SourceAlignment(AlignmentMethod.Arrival, 0, 1, 0) : _placement.Of(_sources[source.Order], _now);

    /// <summary>How two sources lie to each other: <c>OffsetMs</c> is what to add to a time of <paramref name="from"/> to get the time of the same picture in
    /// <paramref name="to"/>; method and confidence are those of the best that is known of just these two.</summary>
    public SourceAlignment Between(Source from, Source to) =>
        from == to ? new SourceAlignment(AlignmentMethod.Identical, 0, 1, 0) : _placement.Between(_sources[from.Order], _sources[to.Order], _now);

    /// <summary>Whether the last 50 pictures and more of two sources were equal, byte for byte; their sounds where not both have pictures. Sounds may differ: see <see cref="EqualTracksOf"/>.</summary>
    public bool AreIdentical(Source first, Source second) => _matches[first.Order, second.Order]?.IsEqual == true;

    /// <summary>The tracks of two sources whose last 50 payloads and more were equal.</summary>
    public EqualTracks EqualTracksOf(Source first, Source second) => _matches[first.Order, second.Order]?.Equal ?? EqualTracks.None;

    /// <summary>The hash of the coded bytes of a frame: equal for equal frames of two sources.</summary>
    public static ulong HashOf(in Frame frame) => PayloadTrail.HashOf(frame);

    /// <summary>Whether <paramref name="source"/> has sent, within the last five seconds, the frame with this hash and (within a millisecond) this DTS in its own time.</summary>
    public bool HasSent(Source source, ulong hash, long dts) => !IsAlone && _sources[source.Order].Payloads.Contains(hash, dts);
}
