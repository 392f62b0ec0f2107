namespace Sluice.Pipeline.Switching;

/// <summary>
/// When frames go out: <c>due = output time + Lead</c>, on the monotonic clock. The lead holds the output a delay behind the promptest source, and changes so slowly
/// that nobody sees it: encoders' clocks differ, sources come and go.
/// </summary>
/// <remarks>
/// Without a switch to look ahead for, the delay is just the spread of the sources: how much later than the promptest the latest frames of the slowest one come, and how long
/// B-frames wait behind the picture that they need. A source to go to then never has less to show than the one that failed, and what has gone out has no hole.
/// </remarks>
internal sealed class PlayoutClock(SwitchOptions options, int sources)
{
    /// <summary>How fast the lead grows and shrinks, in milliseconds per millisecond. Shrinking lets frames out sooner, which starves nobody.</summary>
    private const double Growth = 0.02, Shrinkage = 0.25;

    /// <summary>Sources that are later than this do not hold up the others, in milliseconds.</summary>
    private const long MaxSpread = 1500;

    /// <summary>What <c>auto</c> leaves for the unforeseen, and for what its decision takes, in milliseconds.</summary>
    private const long Margin = 200, Decision = 100;

    private double _lead;
    private long _lastUpdate;
    private bool _isSet;

    /// <summary>Whether frames go out as they come.</summary>
    public bool IsOff { get; } = sources < 2 || options.Mode == SwitchMode.Keyframe;

    /// <summary>Whether the output is held back so that a cut can be sought in what is not out yet.</summary>
    public bool LooksAhead { get; } = sources > 1 && options.Mode is SwitchMode.Auto or SwitchMode.Lookahead && options.Delay != TimeSpan.Zero;

    /// <summary>Whether the output is held back by the spread of the sources only.</summary>
    public bool FollowsSpread => !IsOff && !LooksAhead;

    /// <summary>What the delay is meant to be, in milliseconds.</summary>
    public long Delay { get; private set; }

    public bool IsDue(long outputTime, long now) => IsOff || now >= outputTime + _lead;

    /// <summary>How long until a frame is due, in milliseconds.</summary>
    public long Until(long outputTime, long now) => (long)(outputTime + _lead) - now;

    /// <summary>The next update sets the lead at once: a new time line begins.</summary>
    public void Reset() => _isSet = false;

    public void Update(SourceFeed?[] feeds, SourceFeed playing, long offset, long now)
    {
        if (IsOff) return;
        var earliest = double.MaxValue;
        var latest = double.MinValue;
        long gop = 0;
        long reorder = 0;
        var count = 0;
        foreach (var feed in feeds)
        {
            if (feed is null || !feed.IsUsable || !feed.IsAligned || !feed.Lateness.IsKnown) continue;
            earliest = Math.Min(earliest, feed.Lateness.Earliest - feed.Alignment);
            gop = Math.Max(gop, feed.Gop);
            reorder = Math.Max(reorder, feed.Reorder);
            count++;
        }
        foreach (var feed in feeds)
        {
            if (feed is null || !feed.IsUsable || !feed.IsAligned || !feed.Lateness.IsKnown) continue;
            var lateness = feed.Lateness.Latest - feed.Alignment;
            if (lateness - earliest <= MaxSpread) latest = Math.Max(latest, lateness);
        }
        if (count == 0 && _isSet) return;
        if (count == 0) earliest = playing.Lateness.Earliest - playing.Alignment;
        var spread = count > 1 && latest > earliest ? (long)(latest - earliest) + reorder : 0;
        Delay = !LooksAhead ? spread : (long?)options.Delay?.TotalMilliseconds ?? gop + (long)options.Silence.TotalMilliseconds + Decision + spread + Margin;
        Move(earliest + playing.Alignment + Delay - offset, now);
    }

    private void Move(double target, long now)
    {
        var elapsed = now - _lastUpdate;
        _lastUpdate = now;
        _lead = _isSet ? Math.Clamp(target, _lead - elapsed * Shrinkage, _lead + elapsed * Growth) : target;
        _isSet = true;
    }
}
