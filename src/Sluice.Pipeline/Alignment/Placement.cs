namespace Sluice.Pipeline.Alignment;

/// <summary>
/// Puts sources on the programme time by the best evidence there is, and keeps them there: an offset in use changes only where the evidence says that a clock was set.
/// </summary>
/// <remarks>The order of preference is that of <see cref="AlignmentMethod"/>. A better method takes over once it has lasted, a worse one once the better has been gone for a while.</remarks>
internal sealed class Placement(AlignedSource[] sources, PayloadMatch?[,] matches)
{
    /// <summary>How often each source is judged, in milliseconds.</summary>
    private const long Period = 1000;

    /// <summary>Frames must have come for this long before their arrival says something, in milliseconds.</summary>
    private const long SettlingTime = 1000;

    /// <summary>An offset by arrival stays until arrival says something that is this far from it, in milliseconds: it is no better than that.</summary>
    private const double ArrivalTolerance = 200;

    /// <summary>Evidence of the same method within this of the offset is a measurement, beyond it dissent, in milliseconds.</summary>
    private const double Tolerance = 15;

    /// <summary>Dissent of a clock must be the same this often in a row (once a second) before the offset jumps; equal payloads and correlations have been found often enough.</summary>
    private const int DissentLimit = 3;

    /// <summary>A method that has been without evidence for this long gives way to a worse one, in milliseconds.</summary>
    private const long Patience = 10_000;

    /// <summary>A clock that is this far from a sure correlation, in milliseconds, is wrong.</summary>
    private const double ClockTolerance = 2000;

    /// <summary>Two sources of one show do not arrive further apart than this, in milliseconds, whatever their clocks say.</summary>
    private const double MostLag = 10_000;

    /// <summary>How sure a correlation must be to overrule a clock.</summary>
    private const double SureConfidence = 0.75;

    private const double ClockConfidence = 0.95;
    private const double ArrivalConfidence = 0.25;

    /// <summary>What is left of the confidence after each period without evidence: while there is nothing to compare, and where the two do not fit.</summary>
    private const double Fading = 0.99;

    private const double FadingUnfit = 0.93;

    private long _placed;
    private long _judged;
    private AlignedSource? _carrier;

    /// <summary>How much later than programme time the carrier's frames arrive: what a source that comes back alone is placed by.</summary>
    private double? _latency;

    /// <summary>A source has a new session.</summary>
    public void Forget(AlignedSource opened)
    {
        foreach (var source in sources)
        {
            if (source.Peer == opened) source.Peer = null;
            if (source.Fit.Peer == opened) source.Fit.Clear();
        }
        if (_carrier == opened) _carrier = null;
    }

    /// <summary>A source that has no place sends: the first of a show anchors the programme time, the others are placed by their arrival for now.</summary>
    public void Welcome(AlignedSource source, long now)
    {
        if (_latency is { } latency)
        {
            if (source.Delay.Age(now) < SettlingTime) return;
            source.Offset.Set(source.Delay.Least - latency, now);
        }
        else
        {
            source.Offset.Set(0, now);
            _latency = source.Delay.Least;
        }
        source.Method = AlignmentMethod.Arrival;
        source.Confidence = ArrivalConfidence;
        source.Seniority = ++_placed;
        source.Confirmed = now;
    }

    public void Tick(long now)
    {
        Carry(now);
        if (now - _judged < Period) return;
        _judged = now;
        if (_carrier is { } carrier) _latency = carrier.Delay.Least - carrier.Offset.At(now);
        foreach (var source in sources)
            if (source.IsPlaced && source != _carrier && source.IsPresent(now)) Judge(source, now);
    }

    public SourceAlignment Of(AlignedSource source, long now)
    {
        if (!source.IsPlaced || !source.Source.IsOpen) return default;
        var (method, confidence) = source == _carrier ? StandingOfCarrier(now) : (source.Method, source.Confidence);
        return new SourceAlignment(method, source.Offset.At(now), confidence, source.Offset.DriftPpm);
    }

    public SourceAlignment Between(AlignedSource from, AlignedSource to, long now)
    {
        var (a, b) = (Of(from, now), Of(to, now));
        if (a.Method == AlignmentMethod.None || b.Method == AlignmentMethod.None) return default;
        var offset = a.OffsetMs - b.OffsetMs;
        var drift = a.DriftPpm - b.DriftPpm;
        if (matches[from.Source.Order, to.Source.Order] is { IsEqual: true } match)
            return new SourceAlignment(AlignmentMethod.Identical, from.Source.Order < to.Source.Order ? -match.Offset : match.Offset, 1, 0);
        if (from.Peer == to || to == _carrier) return new SourceAlignment(from.Method, offset, from.Confidence, drift);
        if (to.Peer == from || from == _carrier) return new SourceAlignment(to.Method, offset, to.Confidence, drift);
        return new SourceAlignment((AlignmentMethod)Math.Max((int)a.Method, (int)b.Method), offset, Math.Min(a.Confidence, b.Confidence), drift);
    }

    /// <summary>The most senior source present carries the programme time: its offset is constant from here on.</summary>
    private void Carry(long now)
    {
        AlignedSource? senior = null;
        foreach (var source in sources)
            if (source.IsPlaced && source.IsPresent(now) && !(source.Seniority > senior?.Seniority)) senior = source;
        if (senior is null || senior == _carrier) return;
        _carrier = senior;
        var drift = senior.Offset.DriftPpm;
        foreach (var source in sources)
            if (source.IsPlaced) source.Offset.Rebase(drift, now);
    }

    private void Judge(AlignedSource source, long now)
    {
        var best = default(Evidence);
        foreach (var peer in sources)
        {
            if (!peer.IsPlaced || peer.Seniority >= source.Seniority || !peer.IsPresent(now)) continue;
            var evidence = EvidenceFor(source, peer, now);
            if (evidence.Method != AlignmentMethod.None && (best.Peer is null || evidence.Method < best.Method)) best = evidence;
        }
        if (best.Peer is not null) Weigh(source, best, now);
        else if (source.Method == AlignmentMethod.Arrival) FollowArrival(source, now);
        else if (now - source.Confirmed > Patience) Fade(source);
    }

    private Evidence EvidenceFor(AlignedSource source, AlignedSource peer, long now)
    {
        var match = matches[source.Source.Order, peer.Source.Order]!;
        if (match.IsEqual) return new Evidence(peer, AlignmentMethod.Identical, source.Source.Order < peer.Source.Order ? -match.Offset : match.Offset, 1);
        var fit = source.Fit.Peer == peer && source.Fit.IsSettled(now) ? source.Fit.Last : default;
        if (source.Clock.IsSound(now) && peer.Clock.IsSound(now))
        {
            var lag = source.Clock.At(now) - peer.Clock.At(now);
            var refuted = fit.Confidence >= SureConfidence && Math.Abs(fit.Lag - lag) > ClockTolerance;
            if (!refuted && Math.Abs(lag - (source.Delay.Least - peer.Delay.Least)) <= MostLag) return new Evidence(peer, AlignmentMethod.Clock, lag, ClockConfidence);
        }
        return fit == default ? default : new Evidence(peer, AlignmentMethod.Correlation, fit.Lag, fit.Confidence);
    }

    private void Weigh(AlignedSource source, in Evidence evidence, long now)
    {
        if (evidence.Method > source.Method && now - source.Confirmed <= Patience) return;
        var difference = evidence.Peer!.Offset.At(now) + evidence.Lag - source.Offset.At(now);
        if (source.Method == AlignmentMethod.Arrival || Math.Abs(difference) <= Tolerance) Follow(source, evidence, difference, now);
        else if (IsConfirmed(source, evidence, difference)) Jump(source, evidence, difference, now);
    }

    private void Follow(AlignedSource source, in Evidence evidence, double difference, long now)
    {
        if (source.Method == evidence.Method) source.Offset.Measure(source.Offset.At(now) + difference, now);
        else source.Offset.MoveTo(source.Offset.At(now) + difference, now);
        Settle(source, evidence, now);
    }

    private static bool IsConfirmed(AlignedSource source, in Evidence evidence, double difference)
    {
        var same = Math.Abs(difference - source.Dissent.Difference) <= Tolerance;
        source.Dissent = (difference, same ? source.Dissent.Count + 1 : 1);
        return evidence.Method != AlignmentMethod.Clock || source.Dissent.Count >= DissentLimit;
    }

    /// <summary>One of the two clocks was set: that of the one whose frames now arrive at another delay. The other one keeps its offset.</summary>
    private void Jump(AlignedSource source, in Evidence evidence, double difference, long now)
    {
        var peer = evidence.Peer!;
        var own = Math.Abs(source.Delay.Shift);
        var other = source.Peer == peer ? Math.Abs(peer.Delay.Shift) : 0;
        if (other > own && other > Math.Abs(difference) / 2)
        {
            peer.Offset.Set(peer.Offset.At(now) - difference, now);
            peer.Seniority = ++_placed;
            peer.Peer = null;
            source.Peer = null;
            Settle(peer, evidence with { Peer = source }, now);
            Carry(now);
            return;
        }
        source.Offset.Set(source.Offset.At(now) + difference, now);
        Settle(source, evidence, now);
    }

    private void Settle(AlignedSource source, in Evidence evidence, long now)
    {
        var peer = evidence.Peer!;
        source.Peer = peer;
        source.Method = evidence.Method;
        source.Confidence = evidence.Confidence;
        source.Confirmed = now;
        source.Dissent = default;
        source.ArrivalBias = _latency is { } latency ? source.Offset.At(now) - (source.Delay.Least - latency) : 0;
    }

    private void FollowArrival(AlignedSource source, long now)
    {
        if (_latency is not { } latency) return;
        var offset = source.Delay.Least - latency + source.ArrivalBias;
        if (Math.Abs(offset - source.Offset.At(now)) > ArrivalTolerance) source.Offset.Set(offset, now);
    }

    /// <summary>Nothing speaks for the offset any more, and nothing against it: it stays, ever less sure.</summary>
    private static void Fade(AlignedSource source)
    {
        source.Confidence *= source.Fit.HadSignal ? FadingUnfit : Fading;
        if (source.Confidence >= ArrivalConfidence) return;
        source.Method = AlignmentMethod.Arrival;
        source.Confidence = ArrivalConfidence;
        source.Peer = null;
    }

    private (AlignmentMethod Method, double Confidence) StandingOfCarrier(long now)
    {
        var (method, confidence) = (AlignmentMethod.Arrival, 1.0);
        foreach (var source in sources)
        {
            if (source == _carrier || !source.IsPlaced || !source.IsPresent(now) || source.Method >= method) continue;
            (method, confidence) = (source.Method, source.Confidence);
        }
        return (method, confidence);
    }

    /// <summary>What says where a source lies to a peer: time of the peer − time of the source, of the same picture.</summary>
    private readonly record struct Evidence(AlignedSource? Peer, AlignmentMethod Method, double Lag, double Confidence);
}
