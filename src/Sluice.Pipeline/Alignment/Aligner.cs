using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Alignment;

internal sealed class Aligner(IReadOnlyList<Source> sources)
{
    private readonly long[] _early = [.. sources.Select(_ => long.MaxValue)];
    private readonly double?[] _offset = new double?[sources.Count];
    private int _reference = -1;
    private double _referenceEarly;

    public void Open(Source source) => (_early[source.Order], _offset[source.Order]) = (long.MaxValue, null);

    public void OnFrame(Source source, in Frame frame, long now)
    {
        if (!frame.IsMedia || (frame.Kind == TrackKind.Video ? !frame.IsKey : source.HasVideo)) return;
        var s = source.Order;
        _early[s] = Math.Min(_early[s], now - frame.Pts);
        if (_reference < 0) _reference = s;
        if (s == _reference && _offset[s] is null or 0) (_offset[s], _referenceEarly) = (0, _early[s]);
        else _offset[s] = _early[s] - _referenceEarly;
    }

    public void Tick(long now)
    {
    }

    public SourceAlignment Of(Source source) =>
        _offset[source.Order] is { } offset ? new(AlignmentMethod.Arrival, offset, 0.5, 0) : default;

    public bool AreIdentical(Source a, Source b) => false;
}
