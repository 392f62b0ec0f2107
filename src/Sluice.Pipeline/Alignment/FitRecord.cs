namespace Sluice.Pipeline.Alignment;

/// <summary>The lags that successive searches found: one is believed when it has been found several times in a row.</summary>
internal sealed class FitRecord
{
    private const double Tolerance = 15;
    private const double StrongScore = 12;
    private const double StrongRatio = 1.6;

    /// <summary>In milliseconds.</summary>
    private const long Freshness = 8000;

    private int _found;
    private long _at;

    public AlignedSource? Peer { get; private set; }

    public Fit Last { get; private set; }

    /// <summary>Whether both sources had varying sizes when they were last compared.</summary>
    public bool HadSignal { get; private set; }

    public bool IsSettled(long now) => now - _at <= Freshness && _found >= (Last is { Score: >= StrongScore, Ratio: >= StrongRatio } ? 2 : 3);

    /// <summary>Whether the last search found something: then the same peer is worth another.</summary>
    public bool IsPromising => _found > 0;

    public void Add(AlignedSource peer, in Fit fit, bool hadSignal, long now)
    {
        HadSignal = hadSignal;
        if (!fit.IsGood)
        {
            if (peer == Peer) _found = 0;
            return;
        }
        _found = peer == Peer && Math.Abs(fit.Lag - Last.Lag) <= Tolerance ? _found + 1 : 1;
        (Peer, Last, _at) = (peer, fit, now);
    }

    public void Clear() => (Peer, _found, Last, HadSignal) = (null, 0, default, false);
}
