using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Alignment;

/// <summary>What the aligner knows of one source: what it has seen of its frames, and where it stands on the programme time. Of the present session only.</summary>
internal sealed class AlignedSource(Source source)
{
    /// <summary>A source that has sent nothing for this long carries the programme time no longer, in milliseconds.</summary>
    private const long Presence = 2000;

    private long _lastFrame;

    public Source Source => source;

    public PayloadTrail Payloads { get; } = new();

    public ArrivalDelay Delay { get; } = new();

    /// <summary>Source time + this = programme time, once it is placed.</summary>
    public OffsetLine Offset;

    /// <summary>By what it was placed; <see cref="AlignmentMethod.None"/>: it is not.</summary>
    public AlignmentMethod Method { get; set; }

    public double Confidence { get; set; }

    /// <summary>The place in the order in which sources were placed: the lowest of those present carries the programme time.</summary>
    public long Seniority { get; set; }

    /// <summary>What it was placed against; null for the source that carries the programme time.</summary>
    public AlignedSource? Peer { get; set; }

    /// <summary>When the offset was last confirmed by its method.</summary>
    public long Confirmed { get; set; }

    /// <summary>Its own and its peer's arrival delay when the offset was last confirmed: whose delay has changed since is the one whose clock was set.</summary>
    public (long Own, long Peer) DelaysThen { get; set; }

    /// <summary>Evidence that disagrees with the offset: how far off, how often in a row.</summary>
    public (double Difference, int Count) Dissent { get; set; }

    public bool IsPlaced => Method != AlignmentMethod.None;

    public bool IsPresent(long now) => source.IsOpen && Delay.Age(now) > 0 && now - _lastFrame <= Presence;

    public void Open()
    {
        Payloads.Clear();
        Delay.Clear();
        Method = AlignmentMethod.None;
        Peer = null;
        Confidence = 0;
        Dissent = default;
    }

    public void OnFrame(in Frame frame, long now)
    {
        _lastFrame = now;
        Delay.Add(now, frame.Pts);
        Payloads.Add(frame.Kind, PayloadTrail.HashOf(frame), frame.Dts);
    }
}
