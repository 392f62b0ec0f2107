using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources.Health;

/// <summary>
/// How a source is: the state machine of <see cref="SourceState"/> over its silence, its symptoms and its past failures, with a score.
/// </summary>
/// <remarks>
/// Silence is told by two clocks: the floor (<see cref="SwitchOptions.Silence"/>, three frame intervals), and φ accrual, which makes a source suspect early
/// and keeps one that always comes in bursts from failing between two of them, up to <see cref="BurstLimit"/> times the floor. Used under the stream's lock.
/// Milliseconds.
/// </remarks>
internal sealed class SourceHealth(SwitchOptions options, PictureRhythm rhythm)
{
    /// <summary>A source may be switched to this long after its first keyframe.</summary>
    public const long SettlingTime = 1000;

    /// <summary>A source that comes in bursts may be silent this much longer than others.</summary>
    private const int BurstLimit = 3;

    private readonly PhiAccrual _phi = new();
    private readonly Symptoms _symptoms = new();
    private readonly FlapPenalty _penalty = new();
    private Symptom _symptom;
    private long _firstSound = -1;
    private long _firstKey = -1;
    private long _wellSince;
    private bool _hadFailed;

    public SourceState Condition { get; private set; }

    /// <summary>Why it failed or went: <c>closed | silent | stalled | degraded</c> or what its session said.</summary>
    public string Reason { get; private set; } = JournalReasons.Absent;

    /// <summary>When its last picture or sound arrived.</summary>
    public long LastArrival { get; private set; }

    public long FirstSound => _firstSound;

    /// <summary>Failed, but not altogether: what it sends could still be shown where nothing better is left.</summary>
    public bool IsDegraded => Condition == SourceState.Failed && Reason == JournalReasons.Degraded;

    /// <summary>How often it failed lately.</summary>
    public int Failures(long now) => _penalty.Failures(now);

    /// <summary>What is wrong, for people; null: nothing that could be named.</summary>
    public string? Complaint => _symptom switch
    {
        Symptom.NoPictures => "its pictures do not come",
        Symptom.NoSound => "its sound does not come",
        Symptom.Stall => "its time stands still",
        Symptom.Slow => FormattableString.Invariant($"it comes at {_symptoms.Rate:0.00} of real time"),
        Symptom.NoKeyframes => FormattableString.Invariant($"no keyframe for {rhythm.KeyframeDelay:0.0} of its usual intervals"),
        Symptom.Jumps => Condition == SourceState.Failed ? "its clock is set again and again" : "its clock was set",
        Symptom.Drift => FormattableString.Invariant($"sound and pictures have drifted {Math.Abs(_symptoms.Drift):0} ms apart"),
        Symptom.FewPictures => FormattableString.Invariant($"{_symptoms.PictureShare:P0} of its usual pictures come"),
        _ => null,
    };

    /// <summary>How long it may be silent. An encoder that has just begun fills its look-ahead between its first frames.</summary>
    public long Patience =>
        Math.Max((long)options.Silence.TotalMilliseconds, (long)(3 * rhythm.Interval)) + (Condition == SourceState.Probing ? SettlingTime : 0);

    /// <summary>How much longer it has to be well before the switch returns to it by itself; 0: it may.</summary>
    public long ClearTime(long now)
    {
        if (!_hadFailed) return 0;
        var needed = (long)options.Clear.TotalMilliseconds + _penalty.Of(now);
        return Condition is SourceState.Healthy or SourceState.Suspect ? Math.Max(0, needed - (now - _wellSince)) : needed;
    }

    /// <summary>
    /// 0 to 100. Healthy: 100, less a point per 100 ms of lag (20 at most), per per cent that its rate is below real time (20) and its pictures are fewer
    /// than usual (20), 5 per jump of its clock within ten seconds (15), 5 per late failure (20). Suspect: 30 less than that. Degraded: a third of it, probing: 25, else 0.
    /// </summary>
    public int Score(long now, long lag)
    {
        if (Condition == SourceState.Probing) return 25;
        if (Condition == SourceState.Absent || (Condition == SourceState.Failed && !IsDegraded)) return 0;
        var score = 100 - Math.Clamp(lag / 100.0, 0, 20) - Math.Clamp(100 * (1 - _symptoms.Rate), 0, 20) - Math.Clamp(100 * (1 - _symptoms.PictureShare), 0, 20)
            - Math.Min(15, 5 * _symptoms.Jumps(now)) - Math.Min(20, 5 * Failures(now)) - (Condition == SourceState.Suspect ? 30 : 0);
        return Math.Max(1, (int)Math.Round(IsDegraded ? score / 3 : score));
    }

    public void Open(long now)
    {
        LastArrival = now;
        _phi.Clear();
        _symptoms.Restart(now, isNewSession: true);
        Probe();
    }

    public void Close(string reason, long now)
    {
        if (reason != JournalReasons.Unpublished && Condition != SourceState.Failed) CountFailure(now);
        (Condition, Reason, _symptom) = (SourceState.Absent, reason, Symptom.None);
    }

    /// <summary>A picture or sound came, in source time.</summary>
    /// <param name="newest">The newest time of any track.</param>
    public void OnFrame(in Frame frame, long now, long newest)
    {
        var silent = now - LastArrival;
        if (silent <= BurstLimit * Patience) _phi.Add(silent);
        // Sound does not heal a source whose pictures had stopped.
        if (Condition == SourceState.Failed && (Reason == JournalReasons.Silent || (_symptom == Symptom.NoPictures && frame.Kind == TrackKind.Video))) Recover(now);
        LastArrival = now;
        _symptoms.OnFrame(frame, now, newest);
        if (frame.IsKey && _firstKey < 0) _firstKey = now;
        if (frame.Kind == TrackKind.Audio && _firstSound < 0) _firstSound = now;
    }

    /// <summary>It was well, and why it was not on all the same.</summary>
    public void Excuse(string reason)
    {
        if (Condition is not (SourceState.Failed or SourceState.Absent)) Reason = reason;
    }

    public void OnJump(long now) => _symptoms.OnJump(now);

    /// <summary>Looks at the clock.</summary>
    /// <param name="excused">Time in which this machine itself did not run; nobody's silence.</param>
    public void Tick(long now, long excused, bool hasVideo)
    {
        LastArrival = Math.Min(now, LastArrival + excused);
        if (excused > 0) _symptoms.Excuse(now, excused);
        if (Condition == SourceState.Failed && Reason == JournalReasons.Silent) return;
        var silent = now - LastArrival;
        var patience = Patience;
        var isPause = _phi.Of(silent) < PhiAccrual.Threshold;
        if (silent > patience && (!isPause || silent > BurstLimit * patience))
        {
            Fail(JournalReasons.Silent, Symptom.None, now);
            return;
        }
        var (symptom, severity) = _symptoms.Worst(now, hasVideo, patience, rhythm);
        if (severity == Severity.Failure) Fail(symptom is Symptom.NoPictures or Symptom.Stall ? JournalReasons.Stalled : JournalReasons.Degraded, symptom, now);
        else if (severity == Severity.Doubt) Doubt(symptom);
        else if (Condition == SourceState.Failed) Recover(now);
        else if (!isPause && silent > Math.Min(patience / 2, 3 * rhythm.Interval)) Doubt(Symptom.None);
        else Settle(now, hasVideo);
    }

    private void Fail(string reason, Symptom symptom, long now)
    {
        _symptom = symptom;
        if (Condition == SourceState.Failed && Reason == reason) return;
        if (Condition != SourceState.Failed) CountFailure(now);
        (Condition, Reason) = (SourceState.Failed, reason);
    }

    private void Doubt(Symptom symptom)
    {
        if (Condition != SourceState.Failed) _symptom = symptom;
        if (Condition == SourceState.Healthy) Condition = SourceState.Suspect;
    }

    private void Settle(long now, bool hasVideo)
    {
        _symptom = Symptom.None;
        var ready = hasVideo ? _firstKey >= 0 && now - _firstKey >= SettlingTime : _firstSound >= 0 && now - _firstSound >= SettlingTime;
        if (Condition == SourceState.Probing && !ready) return;
        if (Condition == SourceState.Probing) _wellSince = now;
        Condition = SourceState.Healthy;
        if (ClearTime(now) == 0) _hadFailed = false;
    }

    private void CountFailure(long now)
    {
        _hadFailed = true;
        _penalty.Count(now);
    }

    private void Recover(long now)
    {
        _symptoms.Restart(now, isNewSession: false);
        Probe();
    }

    private void Probe()
    {
        Condition = SourceState.Probing;
        _symptom = Symptom.None;
        _firstKey = _firstSound = -1;
    }
}
