namespace Sluice.Pipeline.Alignment;

/// <summary>
/// Searches the lag at which the frame sizes of a source fit those of a peer, pictures and sound together, a slice at a time.
/// </summary>
/// <remarks>Compressed-domain correlation: normalised, over half a minute, ± 10 s around the lag of arrival. No decoder.</remarks>
internal sealed class CorrelationSearch
{
    private const double Range = 10_000;

    /// <summary>Products per slice: about 0.1 ms.</summary>
    private const int Budget = 150_000;

    private const int VideoSmoothing = 12;
    private const int AudioSmoothing = 10;

    /// <summary>Lags this near to a peak belong to it, in milliseconds.</summary>
    private const double PeakWidth = 120;

    /// <summary>Pictures confirm what sound says when they fit this well.</summary>
    private const float LeastVideoScore = 3;

    /// <summary>Frames over which the phase of two frame clocks is averaged.</summary>
    private const int PhaseFrames = 75;

    private readonly LagCurve _video = new();
    private readonly LagCurve _audio = new();

    private enum Tracks { Both, Video, Audio }

    public AlignedSource? Source { get; private set; }

    public AlignedSource? Peer { get; private set; }

    /// <summary>Whether both sources have something to compare: then to find nothing is evidence too.</summary>
    public bool HadSignal => _video.IsUsable || _audio.IsUsable;

    public void Begin(AlignedSource source, AlignedSource peer)
    {
        (Source, Peer) = (source, peer);
        // Around what arrival says now: where a clock was set within a session, the offset in force may be anywhere.
        double centre = source.Delay.Recent - peer.Delay.Recent;
        _video.Begin(peer.Pictures, source.Pictures, centre, Range, VideoSmoothing, sameRate: true);
        _audio.Begin(peer.Sounds, source.Sounds, centre, Range, AudioSmoothing, sameRate: false);
    }

    public void Cancel() => (Source, Peer) = (null, null);

    /// <summary>Goes on for a slice.</summary>
    /// <returns>True: it is done, and <paramref name="fit"/> is the best there is.</returns>
    public bool Advance(out Fit fit)
    {
        fit = default;
        var budget = Budget;
        if (!_video.Advance(ref budget) || !_audio.Advance(ref budget)) return false;
        if (_video.IsUsable && _audio.IsUsable) fit = Best(Tracks.Both);
        // Sound that is early or late against the pictures keeps the two from agreeing.
        if (!fit.IsGood && _video.IsUsable) fit = Better(fit, Best(Tracks.Video));
        if (!fit.IsGood && _audio.IsUsable) fit = Better(fit, Best(Tracks.Audio));
        return true;
    }

    private static Fit Better(in Fit a, in Fit b) => b.IsGood || a == default ? b : a;

    private Fit Best(Tracks tracks)
    {
        var curve = tracks == Tracks.Audio ? _audio : _video;
        var (best, score) = (0, float.MinValue);
        for (var i = 0; i < curve.Count; i++)
        {
            if (ScoreAt(tracks, i) is var candidate && candidate > score) (best, score) = (i, candidate);
        }
        var width = (int)Math.Ceiling(PeakWidth / curve.Step);
        var second = 0.5f;
        for (var i = 0; i < curve.Count; i++)
            if (Math.Abs(i - best) > width) second = Math.Max(second, ScoreAt(tracks, i));
        var (lag, exact) = Locate(tracks, curve, best);
        return new Fit(lag, score, score / second, exact);
    }

    private float ScoreAt(Tracks tracks, int i) => tracks switch
    {
        Tracks.Audio => _audio.ScoreAt(i),
        Tracks.Video => _video.ScoreAt(i),
        _ => (_video.ScoreAt(i) + _audio.ScoreNear(_video.LagAt(i))) / MathF.Sqrt(2),
    };

    /// <summary>The lag of a peak: on the frame grid of the pictures where they say anything, else where the sound has its top.</summary>
    private (double Lag, bool Exact) Locate(Tracks tracks, LagCurve curve, int peak)
    {
        if (tracks == Tracks.Audio) return (curve.Refine(peak), false);
        var top = peak;
        for (var i = peak - 1; i <= peak + 1; i++)
            if (_video.ScoreAt(i) > _video.ScoreAt(top)) top = i;
        if (_video.ScoreAt(top) >= LeastVideoScore) return (OnFrameGrid(_video.LagAt(top)), true);
        var near = _audio.IndexOf(curve.LagAt(peak));
        var loudest = near;
        for (var i = near - 1; i <= near + 1; i++)
            if (_audio.ScoreAt(i) > _audio.ScoreAt(loudest)) loudest = i;
        return (OnFrameGrid(_audio.Refine(loudest)), false);
    }

    /// <summary>Moves a lag by less than half a frame to where the pictures of both sources coincide, by the mean angle between their frame clocks.</summary>
    private double OnFrameGrid(double lag)
    {
        var (source, peer) = (Source!.Pictures, Peer!.Pictures);
        var turn = 2 * Math.PI / _video.Step;
        var (x, y) = (0.0, 0.0);
        for (var i = source.Count - 1; i >= Math.Max(0, source.Count - PhaseFrames); i--)
        {
            var place = source.PtsAt(i) + lag;
            if (place > peer.Last + _video.Step / 2) continue;
            var apart = peer.PtsAt(peer.Nearest(place)) - place;
            x += Math.Cos(apart * turn);
            y += Math.Sin(apart * turn);
        }
        return x == 0 && y == 0 ? lag : lag + Math.Atan2(y, x) / turn;
    }
}
