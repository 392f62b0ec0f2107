using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// Decides which source is on and carries out the cut: the one writer of a stream's log.
/// </summary>
/// <remarks>
/// <code>
///   frames of all sources ─▶ feeds (their recent past) ─▶ playout: when due, from the feed that is on ─▶ log
///   clock, closes, orders ─▶ decision: a target, and why ─▶ cut search: where and how ─▶ playout
/// </code>
/// How it is cut, best first: <c>merge</c> where the target's frames are those of the active one; <c>lookahead</c> where a keyframe of the target lies in what the output
/// has yet to play; <c>replay</c> of the target's GOP; <c>keyframe</c>: the output goes on with the target's next keyframe, whatever its content. Between decision and cut
/// the active source goes on, if it still can. Used under the stream's lock. Times named <c>now</c> are monotonic milliseconds.
/// </remarks>
public sealed partial class Switch
{
    /// <summary>While nothing is on, the target's keyframe is awaited this long; then anybody's will do, in milliseconds.</summary>
    private const long KeyframeTime = 2000;

    /// <summary>A cut between two sources that both work is sought this long before the GOP is replayed, in milliseconds and in GOPs of the target.</summary>
    private const long SearchTime = 1000, SearchGops = 2;

    /// <summary>Content of two sources that arrives this far apart is not the same, in milliseconds.</summary>
    private const long MaxDisagreement = 5000;

    /// <summary>A source that is not aligned by its content after this long never will be, in milliseconds.</summary>
    private const long AlignmentTime = 60_000;

    /// <summary>An output that has stopped this long goes on with whatever comes, in milliseconds.</summary>
    private const long StuckTime = 1000;

    /// <summary>A keyframe that has been due for less than this can be gone on with as if it were due now, in milliseconds.</summary>
    private const long DueTime = 200;

    /// <summary>Sources of one stream whose reorder headroom is unknown yet have this one at least, in milliseconds: two pictures at 25 a second, an encoder's default.</summary>
    private const int UsualHeadroom = 80;

    /// <summary>Frames are kept for the delay, the longest GOP (but not longer than this) and what a decision takes, in milliseconds.</summary>
    private const long MaxGop = 20_000, DecisionTime = 2_000;

    private const int NoSession = -1;

    private readonly string _stream;
    private readonly IReadOnlyList<Source> _sources;
    private readonly SwitchOptions _options;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly Selection _selection;
    private readonly SourceFeed?[] _feeds;
    private readonly List<SourceFeed> _retired = [];
    private readonly (int First, int Second, double Difference)?[,] _identities;
    private Aligner _aligner;
    private PlayoutClock _clock;
    private Playout? _playout;
    private Decision? _decision;
    private int _activeSession;
    private long _lastCut = long.MinValue / 2;
    private long _retention = DecisionTime;
    private bool _pinned;

    public Switch(string stream, IReadOnlyList<Source> sources, SwitchOptions options, IJournal journal, TimeProvider time)
    {
        (_stream, _sources, _options, _journal, _time) = (stream, sources, options, journal, time);
        _selection = new Selection(sources, options) { Confidence = source => _aligner!.Of(source).Confidence };
        _feeds = new SourceFeed?[sources.Count];
        _identities = new (int, int, double)?[sources.Count, sources.Count];
        _aligner = new Aligner(sources);
        _clock = new PlayoutClock(options, sources.Count);
    }

    /// <summary>The source that is on, as decided at ingest; null before the first, in the dark, and after the end.</summary>
    public Source? Active => DarkSince is null ? Latest : null;

    /// <summary>The source that was put on last; null before the first and after the end.</summary>
    public Source? Latest { get; private set; }

    /// <summary>The source that is to come on as soon as a cut to it is found; null when none is.</summary>
    public Source? Target => _decision?.Target;

    /// <summary>How far the output runs behind its promptest source, in milliseconds.</summary>
    public long DelayMs => _clock.Delay;

    /// <summary>Whether anything has gone out since the show began.</summary>
    public bool IsPlaying => _playout is { LastAppend: >= 0 };

    /// <summary>How often the output's sound had to be moved to its source, since the show began.</summary>
    public int SoundReanchors => _playout?.SoundReanchors ?? 0;

    /// <summary>How many cuts there were, since the show began.</summary>
    public int Cuts { get; private set; }

    /// <summary>How a source's time maps to the programme's.</summary>
    public SourceAlignment AlignmentOf(Source source) => _aligner.Of(source);

    /// <summary>A show begins: output goes to <paramref name="log"/>.</summary>
    public void Begin(StreamLog log)
    {
        _selection.Clear();
        _aligner = new Aligner(_sources);
        _clock = new PlayoutClock(_options, _sources.Count);
        _playout = new Playout(log, _clock, _sources.Count > 1 ? UsualHeadroom : 0, _time, _feeds, Identity);
        _decision = null;
        Latest = null;
        _pinned = false;
        (_dark, _lightSince) = (null, long.MinValue);
        Cuts = 0;
    }

    /// <summary>The show is over.</summary>
    public void End()
    {
        _playout?.Dispose();
        _playout = null;
        _decision = null;
        _dark = null;
        Latest = null;
        foreach (var feed in _retired) feed.Clear();
        _retired.Clear();
        for (var i = 0; i < _feeds.Length; i++)
        {
            _feeds[i]?.Clear();
            _feeds[i] = null;
        }
    }

    /// <summary>A frame of <paramref name="source"/>, in source time.</summary>
    public void OnFrame(Source source, in Frame frame, long now)
    {
        if (_playout is null) return;
        var feed = FeedOf(source);
        feed.Accept(frame, now);
        if (frame.IsHeader && source == Latest) _selection.OnAir(source);
        _aligner.OnFrame(source, frame, now);
        feed.Align(_aligner.Of(source));
        feed.Trim(_retention, _playout.OldestNeeded(feed));
        if (ShouldBeginWith(source, frame, now) && BeginningOf(feed, frame, now) is { } beginning) Resume(feed, beginning, now);
        else if (_decision is not null && frame.Kind != TrackKind.Data) SeekCut(now);
        _playout.Run(now);
    }

    /// <summary>Looks at all sources and the clock, and decides; plays what has become due.</summary>
    public void Decide(long now)
    {
        if (_playout is null) return;
        _aligner.Tick(now);
        foreach (var feed in _feeds) feed?.Align(_aligner.Of(feed.Source));
        if (_playout.Feed is { IsUsable: true } on)
            foreach (var feed in _feeds)
                if (feed is { IsUsable: true }) Identity(on, feed);
        if (_decision is { } pending && !pending.Target.IsUsable) _decision = null;
        if (!IsActiveOn)
        {
            _pinned = false;
            if (_decision is null && _selection.Best(now) is { } best) Aim(best, WhyLeft, now);
            // Nothing to cut to: dark, and where it is included again it comes back with a keyframe.
            if (_decision is null && Latest is { IsExcluded: true })
            {
                _activeSession = NoSession;
                _playout.Stop();
            }
        }
        else if (_decision is null && !_pinned && MayLeave(now) && _selection.Better(Latest!, now) is { } better && IsPlaced(better, now))
        {
            Aim(better, Latest!.IsDegraded ? Latest.Reason : JournalReasons.Return, now);
        }
        SeekCut(now);
        if (_playout.Feed is { } playing) _clock.Update(_feeds, playing, _playout.Offset, now);
        _playout.Run(now);
        Trim(now);
        LookIntoTheDark(now);
    }

    /// <summary>The operator wants <paramref name="source"/> on, hold and clear times or not.</summary>
    /// <returns>False: it cannot be used now.</returns>
    public bool SwitchTo(Source source, long now)
    {
        if (_playout is null || !source.IsUsable) return false;
        _pinned = true;
        if (source == Latest && IsActiveOn) _decision = null;
        else Aim(source, JournalReasons.Operator, now);
        return true;
    }

    /// <summary>How well a source's parameters fit those that are on the air.</summary>
    internal ParameterRating? Rate(Source source) => _selection.Rate(source);

    /// <summary>
    /// Whether it is known well where a source's content lies, or no more will be known, and it is no other part of the show: nobody has to leave a source that works for
    /// one that would show seconds again.
    /// </summary>
    private bool IsPlaced(Source source, long now)
    {
        if (_clock.IsOff || Latest!.IsDegraded) return true;
        var isKnown = _aligner.Of(source).Method < AlignmentMethod.Arrival || now - FeedOf(source).Since > AlignmentTime;
        return isKnown && Agree(FeedOf(Latest), FeedOf(source));
    }

    private bool MayLeave(long now) => Latest!.IsDegraded || now - _lastCut >= (long)_options.Hold.TotalMilliseconds;

    private bool IsActiveOn => Latest is { IsUsable: true } && Latest.Session == _activeSession;

    private string WhyLeft => Latest is null ? JournalKinds.Start : Latest.IsExcluded ? JournalReasons.Operator : Latest.Reason;

    private void Aim(Source target, string reason, long now)
    {
        var detect = Latest is { } active && reason is not (JournalReasons.Operator or JournalReasons.Return) ? (int)(now - active.LastArrival) : (int?)null;
        _decision = new Decision(target, reason, detect, now);
    }

    private SourceFeed FeedOf(Source source)
    {
        ref var feed = ref _feeds[source.Order];
        if (feed is not null && feed.Session == source.Session) return feed;
        if (feed is not null) _retired.Add(feed);
        feed = new SourceFeed(source);
        _aligner.Open(source);
        return feed;
    }

    /// <summary>The target's keyframe; or, while nothing is on and nothing better is to be had in time, the first keyframe of anybody.</summary>
    private bool ShouldBeginWith(Source source, in Frame frame, long now)
    {
        if (!source.IsUsable) return false;
        if (_decision is { } decision && decision.Target == source) return !Seeks(source, now);
        if (IsActiveOn || !source.CanBeginWith(frame, now) || now - _decision?.Since < KeyframeTime || !_selection.IsLast(source)) return false;
        var seeks = Seeks(source, now);
        if (_decision is { DetectMs: not null } late) _decision = late with { Target = source };
        else Aim(source, WhyLeft, now);
        return !seeks;
    }

    /// <summary>
    /// Where the output can go on with a feed whose <paramref name="frame"/> has just come. While what plays goes on, and is held back: with a keyframe that is due just now.
    /// Otherwise with the keyframe that is due next, or the frame itself. Null: not yet.
    /// </summary>
    private long? BeginningOf(SourceFeed feed, in Frame frame, long now)
    {
        var waits = _clock.LooksAhead && IsActiveOn && feed.HasVideo;
        if (!waits && !feed.Source.CanBeginWith(frame, now)) return null;
        foreach (var key in feed.History.Keys)
        {
            if (waits ? now - (key.Arrival + _clock.Delay) is >= 0 and < DueTime : key.Pts + feed.Lateness.Earliest + _clock.Delay >= now) return key.Position;
        }
        return waits ? null : feed.History.Tail - 1;
    }

    /// <summary>Whether a cut to a source that loses nothing is still to be hoped for, so that its keyframe is not taken as it comes.</summary>
    private bool Seeks(Source source, long now)
    {
        if (_clock.IsOff || _playout!.Last is not { } from) return false;
        var to = FeedOf(source);
        if (!Agree(from.Feed, to)) return false;
        if (!from.Feed.IsUsable) return !_playout.IsDry || now - _playout.LastAppend <= StuckTime;
        return _decision is not { } decision || now - decision.Since <= SearchTime + (SearchGops + 1) * Math.Min(to.Gop, MaxGop);
    }

    private void Resume(SourceFeed to, long position, long now, int? lost = null)
    {
        var gap = _playout!.LastAppend < 0 ? 0 : (int)(now - _playout.LastAppend);
        _playout.Resume(to, position);
        _clock.Update(_feeds, to, _playout.Offset, now);
        Commit(to, CutMethod.Keyframe, now, gap, lost is null ? null : $"{lost} lost");
    }

    private void Commit(SourceFeed to, CutMethod method, long now, int gap, string? note)
    {
        var (_, reason, detect, _) = _decision!.Value;
        var from = Latest;
        _decision = null;
        EndDark(now);
        Latest = to.Source;
        _activeSession = to.Session;
        _lastCut = now;
        _selection.OnAir(to.Source);
        if (from is null)
        {
            _journal.Write(Entry(JournalKinds.Start, null, null, null) with { To = to.Source.Name });
            return;
        }
        Cuts++;
        _journal.Write(Entry(from == to.Source ? JournalKinds.Resume : JournalKinds.Switch, from.Name, reason, $"{(note is null ? "" : note + "; ")}scores {Scores(now)}") with
        {
            To = to.Source.Name,
            Method = NameOf(method),
            DetectMs = detect,
            GapMs = gap,
        });
    }

    private string Scores(long now) => string.Join(", ", _sources.Select(source => $"{source.Name} {source.Score(now)}"));

    private static string NameOf(CutMethod method) => method switch
    {
        CutMethod.Lookahead => "lookahead",
        CutMethod.Replay => "replay",
        CutMethod.Merge => "merge",
        _ => "keyframe",
    };

    /// <summary>Lets go of what no cut can need any more.</summary>
    private void Trim(long now)
    {
        long gop = 0;
        foreach (var feed in _feeds) gop = Math.Max(gop, feed?.Gop ?? 0);
        _retention = DecisionTime + _clock.Delay + (_clock.IsOff ? 0 : Math.Min(gop, MaxGop));
        foreach (var feed in _feeds)
            if (feed is { IsUsable: false } && now - feed.Source.LastArrival > _retention && !_playout!.Needs(feed)) feed.Clear();
        for (var i = _retired.Count - 1; i >= 0; i--)
        {
            if (_playout!.Needs(_retired[i])) continue;
            _retired[i].Clear();
            _retired.RemoveAt(i);
        }
    }

    /// <summary>A target, why it was chosen, how long after the active source's last frame (null: that was no matter), and when.</summary>
    private readonly record struct Decision(Source Target, string Reason, int? DetectMs, long Since);
}
