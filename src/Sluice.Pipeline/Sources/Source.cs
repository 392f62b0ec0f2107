using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources.Health;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Sources;

/// <summary>
/// One of a stream's equivalent inputs: its frames on one continuous time line of its own, what is known of its tracks, and how it is.
/// Fed by a publisher or a pull; which of the sources is on is the switch's business.
/// </summary>
/// <remarks>Used under its stream's lock. Holds references to its headers. Times named <c>now</c> are monotonic milliseconds.</remarks>
public sealed class Source
{
    /// <summary>At most one note on repaired time stamps in this time, in milliseconds.</summary>
    private const long NotePeriod = 10_000;

    private readonly RateWindow _pictures = new();
    private readonly RateWindow _bytes = new();
    private readonly PictureRhythm _rhythm = new();
    private readonly RepeatFilter _repeats = new();
    private readonly SourceHealth _health;
    private SourceTime _time = new();
    private TrackHeaders _headers;
    private AudioFormat _soundFormat = AudioFormat.Variable;
    private long _promptest = long.MaxValue;
    private int _repairsBefore;
    private int _jumpsSeen;
    private int _jumpsNoted;
    private long _noted = long.MinValue / 2;

    public Source(SourceOptions options, int order, SwitchOptions switching)
    {
        (Options, Order) = (options, order);
        _health = new SourceHealth(switching, _rhythm);
    }

    public string Name => Options.Name;

    public SourceOptions Options { get; }

    /// <summary>Its place in the configuration.</summary>
    public int Order { get; }

    /// <summary>Best first: by priority, then by the order in the configuration.</summary>
    public (int Priority, int Order) Rank => (Options.Priority, Order);

    /// <summary>Whether a publisher or pull feeds it.</summary>
    public bool IsOpen { get; private set; }

    public bool IsExcluded { get; private set; }

    public SourceState State => IsExcluded ? SourceState.Excluded : Condition;

    /// <summary>How the source is, whether excluded or not.</summary>
    public SourceState Condition => _health.Condition;

    /// <summary>Why it failed or went: <c>closed | silent | stalled | degraded | operator</c> or what its session said.</summary>
    public string Reason => IsExcluded ? JournalReasons.Operator : _health.Reason;

    /// <summary>What is wrong with it, for people; null: nothing that could be named.</summary>
    public string? Complaint => !IsOpen && LastError is { } error ? $"its pull failed: {error}; it is tried again" : _health.Complaint;

    /// <summary>Why the last attempt to pull it, or its last connection, ended; null: none has, or it is published to us.</summary>
    public string? LastError { get; internal set; }

    /// <summary>When its last picture or sound arrived.</summary>
    public long LastArrival => _health.LastArrival;

    /// <summary>Counts its publish sessions: a new session has a new time line.</summary>
    public int Session { get; private set; }

    public TrackHeaders Headers => _headers;

    /// <summary>What its tracks are, as it said last, gone or not; null before it said anything.</summary>
    internal SourceParameters? Parameters { get; private set; }

    public bool HasVideo => _headers.Video is not null || _rhythm.LastDts >= 0;

    /// <summary>The usual time from one picture to the next, in milliseconds.</summary>
    public int FrameInterval => Math.Max(1, (int)Math.Round(_rhythm.PictureInterval));

    /// <summary>The exact average duration of its pictures, in milliseconds: 33.367 where 29.97 come a second.</summary>
    public double PictureInterval => _rhythm.PictureInterval;

    /// <summary>PTS − DTS of its keyframes, in milliseconds; −1 before the first.</summary>
    public int KeyCts => _rhythm.KeyCts;

    /// <summary>Between its last two keyframes, in milliseconds; 0 before the second.</summary>
    public int GopMs => _rhythm.GopMs;

    /// <summary>How much later its frames come than the promptest ones of this session did, in milliseconds: a backlog on the way here.</summary>
    public int LagMs { get; private set; }

    /// <summary>Round trip to whoever sends it, in milliseconds; null where its transport does not tell.</summary>
    public double? RoundTripMs { get; internal set; }

    /// <summary>Jumps and backward steps taken out of its time stamps, and frames left out that it had sent before.</summary>
    public int TimeRepairs => _repairsBefore + _time.Repairs + _repeats.Found;

    /// <summary>How often its encoder's clock was set within this session: what was known of source time against other sources holds no longer.</summary>
    public int ClockJumps => _time.Jumps;

    /// <summary>Whether it sends and is not excluded: its next keyframe could be cut to. Degraded sources are; the <see cref="Switching.Selection"/> leaves them for better ones.</summary>
    public bool IsUsable => State is SourceState.Probing or SourceState.Healthy or SourceState.Suspect || IsDegraded;

    /// <summary>Failed, but it sends something that can be shown: too slow, too few pictures, no sound.</summary>
    public bool IsDegraded => !IsExcluded && _health.IsDegraded;

    /// <summary>Whether pictures or sound come, usable or not: while they do, the show is not over.</summary>
    public bool IsSending(long now) => IsOpen && now - LastArrival <= _health.Patience;

    public double FramesPerSecond(long now) => _pictures.PerSecond(now);

    public double BitsPerSecond(long now) => _bytes.PerSecond(now) * 8;

    /// <summary>0 to 100: how fit it is to be on.</summary>
    public int Score(long now) => IsExcluded ? 0 : _health.Score(now, LagMs);

    /// <summary>How often it failed lately, each time within five minutes of the last.</summary>
    public int RecentFailures(long now) => _health.Failures(now);

    /// <summary>How much longer it has to be well before the switch returns to it by itself, in milliseconds; grows with each failure.</summary>
    public long ClearTime(long now) => _health.ClearTime(now);

    /// <summary>Whether it may be switched to: it has settled, and stayed well for the clear time if it had failed before.</summary>
    public bool IsEligible(long now, bool cleared) => State is SourceState.Healthy && (!cleared || _health.ClearTime(now) == 0);

    /// <summary>Whether the output could begin with this frame: a keyframe, or a sound where no video has come for a while.</summary>
    public bool CanBeginWith(in Frame frame, long now) =>
        frame.IsKey || (frame.Kind == TrackKind.Audio && frame.IsMedia && !HasVideo && now - _health.FirstSound >= SourceHealth.SettlingTime);

    /// <summary>A publisher or pull has begun to feed it.</summary>
    public void Open(long now)
    {
        IsOpen = true;
        Session++;
        _repairsBefore += _time.Repairs;
        _time = new SourceTime();
        _jumpsSeen = _jumpsNoted = 0;
        _rhythm.Restart();
        _repeats.Begin();
        _promptest = long.MaxValue;
        _health.Open(now);
    }

    /// <summary>Its publisher has gone, as <paramref name="reason"/> says.</summary>
    public void Close(string reason, long now)
    {
        if (!IsOpen) return;
        IsOpen = false;
        (RoundTripMs, LagMs) = (null, 0);
        _health.Close(reason, now);
        Forget();
    }

    public void Exclude() => IsExcluded = true;

    public void Include()
    {
        if (IsExcluded) _health.Excuse(JournalReasons.Operator);
        IsExcluded = false;
    }

    /// <summary>
    /// Takes a frame from the wire and puts it on the source's time line. The bodies it keeps (headers) it retains itself.
    /// </summary>
    /// <param name="frame">The frame in source time.</param>
    /// <returns>False: it was taken before, in the last session, and goes nowhere.</returns>
    public bool TryAccept(in Frame raw, long now, out Frame frame)
    {
        if (!raw.IsMedia)
        {
            frame = raw with { Dts = _time.Latest };
            if (raw.IsHeader) PutInForce(frame);
            return true;
        }
        frame = raw;
        if (_repeats.IsRepeat(raw)) return false;
        frame = raw with { Dts = _time.Map(raw.Kind, (uint)raw.Dts, raw.Kind == TrackKind.Audio ? SoundInterval : FrameInterval) };
        if (_time.Jumps != _jumpsSeen) _health.OnJump(now);
        _jumpsSeen = _time.Jumps;
        _promptest = Math.Min(_promptest, now - frame.Dts);
        LagMs = (int)Math.Min(now - frame.Dts - _promptest, int.MaxValue);
        _bytes.Add(now, frame.Body.Length);
        if (frame.Kind == TrackKind.Video)
        {
            _pictures.Add(now, 1);
            _rhythm.Add(frame);
        }
        _health.OnFrame(frame, now, _time.Latest);
        return true;
    }

    /// <summary>Looks at the clock: how long has it been silent, what is wrong with it?</summary>
    /// <param name="excused">Time in which this machine itself did not run, in milliseconds; nobody's silence.</param>
    public void Tick(long now, long excused)
    {
        if (IsOpen) _health.Tick(now, excused, HasVideo);
    }

    /// <summary>What to tell the journal of jumps taken out of its time stamps since the last note; null: nothing, or not yet again.</summary>
    public string? TakeRepairNote(long now)
    {
        if (_time.Jumps == _jumpsNoted || now - _noted < NotePeriod) return null;
        var count = _time.Jumps - _jumpsNoted;
        (_jumpsNoted, _noted) = (_time.Jumps, now);
        return $"{count} jump(s) of its time stamps taken out, the last of {_time.LastJump:+0;-0} ms";
    }

    private int SoundInterval => _soundFormat.Samples > 0 ? (int)Math.Round(_soundFormat.Samples * 1000.0 / _soundFormat.Rate) : 20;

    private void PutInForce(in Frame header)
    {
        header.Body.Retain();
        _headers.Of(header.Kind)?.Body.Release();
        _headers = _headers.With(header);
        if (header.Kind == TrackKind.Data) return;
        Parameters = SourceParameters.Of(_headers);
        if (header.Kind == TrackKind.Audio) _soundFormat = AudioFormat.Of(header);
    }

    private void Forget()
    {
        _pictures.Clear();
        _bytes.Clear();
        _headers.Metadata?.Body.Release();
        _headers.Video?.Body.Release();
        _headers.Audio?.Body.Release();
        _headers = default;
    }
}
