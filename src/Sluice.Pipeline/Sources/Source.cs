using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Sources;

/// <summary>
/// One of a stream's equivalent inputs: its frames on one continuous time line of its own, what is known of its tracks, and how it is.
/// Fed by a publisher or a pull; which of the sources is on is the switch's business.
/// </summary>
/// <remarks>Used under its stream's lock. Holds references to its headers and its recent sound. Times named <c>now</c> are monotonic milliseconds.</remarks>
public sealed class Source(SourceOptions options, int order, SwitchOptions switching)
{
    /// <summary>A source may be switched to this long after its first keyframe, in milliseconds.</summary>
    private const long SettlingTime = 1000;

    /// <summary>Video that is missing this long while sound arrives is a stalled source, in milliseconds.</summary>
    private const long MissingTrackTime = 1000;

    private const string Stalled = "stalled";

    private readonly RateWindow _pictures = new();
    private readonly RateWindow _bytes = new();
    private readonly SoundHistory _sound = new();
    private SourceTime _time = new();
    private TrackHeaders _headers;
    private long _lastVideo;
    private long _firstSound = -1;
    private long _firstKey = -1;
    private long _lastKeyDts = -1;
    private long _lastVideoDts = -1;
    private double _frameInterval = 40;
    private long _promptest = long.MaxValue;
    private long _wellSince;
    private bool _hadFailed;

    public string Name => options.Name;

    public SourceOptions Options => options;

    /// <summary>Its place in the configuration.</summary>
    public int Order => order;

    /// <summary>Best first: by priority, then by the order in the configuration.</summary>
    public (int Priority, int Order) Rank => (options.Priority, order);

    /// <summary>Whether a publisher or pull feeds it.</summary>
    public bool IsOpen { get; private set; }

    public bool IsExcluded { get; private set; }

    public SourceState State => IsExcluded ? SourceState.Excluded : Condition;

    /// <summary>How the source is, whether excluded or not.</summary>
    public SourceState Condition { get; private set; }

    /// <summary>Why it failed or went: <c>closed | silent | stalled | operator</c> or what its session said.</summary>
    public string Reason { get; private set; } = "absent";

    /// <summary>When its last picture or sound arrived.</summary>
    public long LastArrival { get; private set; }

    /// <summary>Counts its publish sessions: a new session has a new time line.</summary>
    public int Session { get; private set; }

    public TrackHeaders Headers => _headers;

    public bool HasVideo => _headers.Video is not null || _lastVideoDts >= 0;

    internal IEnumerable<Frame> RecentSound => _sound.Frames;

    /// <summary>The usual time from one picture to the next, in milliseconds.</summary>
    public int FrameInterval => Math.Max(1, (int)Math.Round(_frameInterval));

    /// <summary>Between its last two keyframes, in milliseconds; 0 before the second.</summary>
    public int GopMs { get; private set; }

    /// <summary>How much later its frames come than the promptest ones of this session did, in milliseconds: a backlog on the way here.</summary>
    public int LagMs { get; private set; }

    /// <summary>0 to 100: how fit it is to be on.</summary>
    public int Score => State switch { SourceState.Healthy => 100, SourceState.Suspect => 50, SourceState.Probing => 25, _ => 0 };

    /// <summary>Jumps and backward steps taken out of its time stamps.</summary>
    public int TimeRepairs => _time.Repairs;

    /// <summary>Whether it sends and is not excluded: its next keyframe could be cut to.</summary>
    public bool IsUsable => State is SourceState.Probing or SourceState.Healthy or SourceState.Suspect;

    /// <summary>Whether pictures or sound come, usable or not: while they do, the show is not over.</summary>
    public bool IsSending(long now) => IsOpen && now - LastArrival <= Patience;

    public double FramesPerSecond(long now) => _pictures.PerSecond(now);

    public double BitsPerSecond(long now) => _bytes.PerSecond(now) * 8;

    /// <summary>Whether it may be switched to: it has settled, and stayed well for the clear time if it had failed before.</summary>
    public bool IsEligible(long now, bool cleared) =>
        State is SourceState.Healthy && (!cleared || !_hadFailed || now - _wellSince >= (long)switching.Clear.TotalMilliseconds);

    /// <summary>Whether the output could begin with this frame: a keyframe, or a sound where no video has come for a while.</summary>
    public bool CanBeginWith(in Frame frame, long now) =>
        frame.IsKey || (frame.Kind == TrackKind.Audio && frame.IsMedia && !HasVideo && now - _firstSound >= SettlingTime);

    /// <summary>A publisher or pull has begun to feed it.</summary>
    public void Open(long now)
    {
        IsOpen = true;
        Session++;
        _time = new SourceTime();
        _lastVideoDts = _lastKeyDts = -1;
        _promptest = long.MaxValue;
        LastArrival = _lastVideo = now;
        Probe();
    }

    /// <summary>Its publisher has gone, as <paramref name="reason"/> says.</summary>
    public void Close(string reason)
    {
        if (!IsOpen) return;
        IsOpen = false;
        _hadFailed |= reason != "unpublished";
        Reason = reason;
        Condition = SourceState.Absent;
        Forget();
    }

    public void Exclude() => (IsExcluded, Reason) = (true, "operator");

    public void Include() => IsExcluded = false;

    /// <summary>
    /// Takes a frame from the wire and puts it on the source's time line. The bodies it keeps (headers, sound) it retains itself.
    /// </summary>
    /// <returns>The frame in source time.</returns>
    public Frame Accept(in Frame raw, long now)
    {
        if (!raw.IsMedia)
        {
            var timed = raw with { Dts = _time.Latest };
            if (raw.IsHeader) PutInForce(timed);
            return timed;
        }
        // Sound does not heal a source whose pictures had stopped.
        if (Condition == SourceState.Failed && (Reason != Stalled || raw.Kind == TrackKind.Video)) Probe();
        var frame = raw with { Dts = _time.Map(raw.Kind, (uint)raw.Dts, FrameInterval) };
        LastArrival = now;
        _promptest = Math.Min(_promptest, now - frame.Dts);
        LagMs = (int)Math.Min(now - frame.Dts - _promptest, int.MaxValue);
        _bytes.Add(now, frame.Body.Length);
        if (frame.Kind == TrackKind.Video) OnPicture(frame, now);
        else OnSound(frame, now);
        return frame;
    }

    /// <summary>Looks at the clock: how long has it been silent?</summary>
    /// <param name="excused">Time in which this machine itself did not run, in milliseconds; nobody's silence.</param>
    public void Tick(long now, long excused)
    {
        if (!IsOpen || Condition == SourceState.Failed) return;
        LastArrival = Math.Min(now, LastArrival + excused);
        _lastVideo = Math.Min(now, _lastVideo + excused);
        var silent = now - LastArrival;
        var patience = Patience;
        if (silent > patience) Fail("silent");
        else if (HasVideo && now - _lastVideo > Math.Max(MissingTrackTime, patience)) Fail(Stalled);
        else if (silent > patience / 2 && Condition == SourceState.Healthy) Condition = SourceState.Suspect;
        else if (silent <= patience / 2) Settle(now);
    }

    /// <summary>How long it may be silent. An encoder that has just begun fills its look-ahead between its first frames.</summary>
    private long Patience =>
        Math.Max((long)switching.Silence.TotalMilliseconds, (long)(3 * _frameInterval)) + (Condition == SourceState.Probing ? SettlingTime : 0);

    private void Settle(long now)
    {
        var ready = HasVideo ? _firstKey >= 0 && now - _firstKey >= SettlingTime : _firstSound >= 0 && now - _firstSound >= SettlingTime;
        if (Condition == SourceState.Probing && !ready) return;
        if (Condition == SourceState.Probing) _wellSince = now;
        Condition = SourceState.Healthy;
        if (_hadFailed && now - _wellSince >= (long)switching.Clear.TotalMilliseconds) _hadFailed = false;
    }

    private void Fail(string reason)
    {
        Reason = reason;
        _hadFailed = true;
        Condition = SourceState.Failed;
    }

    private void Probe()
    {
        Condition = SourceState.Probing;
        _firstKey = _firstSound = -1;
    }

    private void OnPicture(in Frame frame, long now)
    {
        _lastVideo = now;
        _pictures.Add(now, 1);
        var interval = frame.Dts - _lastVideoDts;
        if (_lastVideoDts >= 0 && interval is > 0 and < 1000) _frameInterval += (interval - _frameInterval) / 8;
        _lastVideoDts = frame.Dts;
        if (!frame.IsKey) return;
        if (_firstKey < 0) _firstKey = now;
        if (_lastKeyDts >= 0) GopMs = (int)Math.Min(int.MaxValue, frame.Dts - _lastKeyDts);
        _lastKeyDts = frame.Dts;
    }

    private void OnSound(in Frame frame, long now)
    {
        if (_firstSound < 0) _firstSound = now;
        _sound.Add(frame);
    }

    private void PutInForce(in Frame header)
    {
        header.Body.Retain();
        _headers.Of(header.Kind)?.Body.Release();
        _headers = _headers.With(header);
    }

    private void Forget()
    {
        _sound.Clear();
        _pictures.Clear();
        _bytes.Clear();
        _headers.Metadata?.Body.Release();
        _headers.Video?.Body.Release();
        _headers.Audio?.Body.Release();
        _headers = default;
    }
}
