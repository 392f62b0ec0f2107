namespace Sluice.Pipeline.Alignment;

/// <summary>
/// How well one track of a source fits the same track of a peer at each lag of a range, in standard deviations of chance: found out a slice at a time.
/// </summary>
internal sealed class LagCurve
{
    /// <summary>What overlaps for a shorter time than this is not looked at, in milliseconds.</summary>
    private const double LeastOverlap = 5000;

    /// <summary>Shorter steps are not searched at their own resolution, in milliseconds: audio of 96 kHz, pictures of 120 a second.</summary>
    private const double LeastStep = 15;

    private const int MaxLags = 2048;

    private readonly SizeSeries _peer = new();
    private readonly SizeSeries _source = new();
    private readonly float[] _scores = new float[MaxLags];
    private int _first;
    private int _next;

    public int Count { get; private set; }

    public double Step { get; private set; }

    /// <summary>Whether the curve says anything: both tracks are there, alike in rate where they must be, and their sizes vary.</summary>
    public bool IsUsable { get; private set; }

    /// <summary>Peer time − source time at index <paramref name="i"/>, in milliseconds.</summary>
    public double LagAt(int i) => _peer.Base - _source.Base + (_first + i) * Step;

    public int IndexOf(double lag) => (int)Math.Round((lag - LagAt(0)) / Step);

    public float ScoreAt(int i) => (uint)i < (uint)Count ? _scores[i] : 0;

    /// <summary>The better of the two scores around <paramref name="lag"/>: frames of sound do not begin at the same instants in two encoders.</summary>
    public float ScoreNear(double lag)
    {
        var below = (int)Math.Floor((lag - LagAt(0)) / Step);
        return Math.Max(ScoreAt(below), ScoreAt(below + 1));
    }

    /// <summary>Takes the frames as they are now.</summary>
    /// <param name="sameRate">Frames of unlike rates cannot be compared: pictures.</param>
    public void Begin(SizeTrail peer, SizeTrail source, double centre, double range, int smoothing, bool sameRate)
    {
        IsUsable = false;
        Count = _next = 0;
        peer.Measure();
        source.Measure();
        if (peer.Interval == 0 || source.Interval == 0 || (sameRate && Math.Abs(peer.Interval / source.Interval - 1) > 0.02)) return;
        Step = Math.Max(LeastStep, peer.Interval);
        if (peer.Last - peer.First < LeastOverlap || source.Last - source.First < LeastOverlap) return;
        _peer.Fill(peer, Step, smoothing);
        _source.Fill(source, Step, smoothing);
        if (!_peer.HasSignal || !_source.HasSignal) return;
        _first = (int)Math.Ceiling((centre - range - (_peer.Base - _source.Base)) / Step);
        Count = Math.Min(MaxLags, (int)(2 * range / Step) + 1);
        IsUsable = true;
    }

    /// <summary>Works on at most <paramref name="budget"/> products.</summary>
    /// <returns>True: it is done.</returns>
    public bool Advance(ref int budget)
    {
        if (!IsUsable) return true;
        for (; _next < Count && budget > 0; _next++)
        {
            var fit = SizeSeries.Correlate(_peer, _source, _first + _next, out var overlap);
            _scores[_next] = overlap * Step < LeastOverlap ? 0 : fit * MathF.Sqrt(overlap);
            budget -= overlap;
        }
        if (_next == Count) ScaleToChance();
        return _next == Count;
    }

    /// <summary>The top of the parabola through a peak and its neighbours: its lag to a fraction of a step.</summary>
    public double Refine(int i)
    {
        var (left, top, right) = (ScoreAt(i - 1), ScoreAt(i), ScoreAt(i + 1));
        var bend = left - 2 * top + right;
        return LagAt(i) + (bend >= 0 ? 0 : Math.Clamp(0.5 * (left - right) / bend, -0.5, 0.5)) * Step;
    }

    /// <summary>Divides by the spread of the whole curve: sizes that follow their own past fit at more lags by chance, and rhythms at many.</summary>
    private void ScaleToChance()
    {
        var (squares, count) = (0.0, 0);
        for (var i = 0; i < Count; i++)
        {
            if (_scores[i] == 0) continue;
            squares += _scores[i] * _scores[i];
            count++;
        }
        var scale = count == 0 ? 0 : (float)(1 / Math.Max(1, Math.Sqrt(squares / count)));
        for (var i = 0; i < Count; i++) _scores[i] *= scale;
    }
}
