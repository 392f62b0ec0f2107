using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Alignment;

/// <summary>What the aligner knows of one source: what it has seen of its frames, and where it stands on the programme time. Of the present session only.</summary>
internal sealed class AlignedSource(Source source)
{
    /// <summary>A source that has sent nothing for this long carries the programme time no longer, in milliseconds.</summary>
    private const long Presence = 2000;

    private const int CtsClasses = 8;
    private const int KeyClasses = 3;

    private long _lastFrame;
    private int _lengthSize = 4;
    private int _sinceKey;

    public Source Source => source;

    public PayloadTrail Payloads { get; } = new();

    public ArrivalDelay Delay { get; } = new();

    public SizeTrail Pictures { get; } = new();

    public SizeTrail Sounds { get; } = new();

    public SourceClock Clock { get; } = new();

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

    /// <summary>Evidence that disagrees with the offset: how far off, how often in a row.</summary>
    public (double Difference, int Count) Dissent { get; set; }

    /// <summary>Offset − what its arrival says, in milliseconds, as last confirmed: once better methods have gone, arrival tells of changes only.</summary>
    public double ArrivalBias { get; set; }

    /// <summary>The best lag that correlation found last.</summary>
    public FitRecord Fit { get; } = new();

    public bool IsPlaced => Method != AlignmentMethod.None;

    public bool IsPresent(long now) => source.IsOpen && Delay.Age(now) > 0 && now - _lastFrame <= Presence;

    public void Open()
    {
        Payloads.Clear();
        Delay.Clear();
        Pictures.Clear();
        Sounds.Clear();
        Clock.Clear();
        Fit.Clear();
        _sinceKey = 0;
        ArrivalBias = 0;
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
        if (frame.Kind == TrackKind.Video) OnPicture(frame, now);
        else Sounds.Add(frame.Pts, frame.Body.Length - frame.PayloadOffset, 0);
    }

    private void OnPicture(in Frame frame, long now)
    {
        if (frame.IsKey)
        {
            _sinceKey = 0;
            if (source.Headers.Video is { } header) _lengthSize = PictureReader.LengthSizeOf(header);
        }
        var (size, clock) = PictureReader.Read(frame, _lengthSize);
        if (clock is { } time) Clock.Add(time, frame.Pts, now);
        if (frame.IsKey) return;
        _sinceKey = Math.Min(_sinceKey + 1, KeyClasses);
        var reorder = Math.Clamp((frame.Cts + source.FrameInterval / 2) / source.FrameInterval, 0, CtsClasses - 1);
        Pictures.Add(frame.Pts, size, (_sinceKey - 1) * CtsClasses + reorder);
    }
}
