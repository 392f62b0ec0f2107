using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// Decides which source is on and carries out the cut: the one writer of a stream's log.
/// </summary>
/// <remarks>
/// <code>
///   frames of all sources ─▶ (1) is it the target's keyframe? cut    ─▶ (2) is it from the active one? stamp, append
///   clock, closes, orders ─▶ (3) is the active one well? choose a target, whose next keyframe is awaited
/// </code>
/// Between the choice and the cut the active source goes on, if it still can. The method is <c>keyframe</c>: the output goes on with the next
/// keyframe of the new source, so a viewer waits up to one GOP. Used under the stream's lock. Times named <c>now</c> are monotonic milliseconds.
/// </remarks>
public sealed class Switch(string stream, IReadOnlyList<Source> sources, SwitchOptions options, IJournal journal, TimeProvider time)
{
    /// <summary>A gap in wall time around a cut beyond which a new epoch begins, in milliseconds.</summary>
    private const long EpochGap = 100;

    /// <summary>While nothing is on, the target's keyframe is awaited this long; then anybody's will do, in milliseconds.</summary>
    private const long KeyframeTime = 2000;

    private const int NoSession = -1;

    private readonly Selection _selection = new(sources, options);
    private OutputTime _output = new();
    private StreamLog? _log;
    private Decision? _decision;
    private int _activeSession;
    private long _lastAppend = -1;
    private long _lastCut = long.MinValue / 2;
    private bool _pinned;

    /// <summary>The source that is on, as decided at ingest; null before the first and after the end.</summary>
    public Source? Active { get; private set; }

    /// <summary>The source whose next keyframe is awaited; null when none is.</summary>
    public Source? Target => _decision?.Target;

    /// <summary>How often the output's sound had to be moved to its source, since the show began.</summary>
    public int SoundReanchors => _output.SoundReanchors;

    /// <summary>How many cuts there were, since the show began.</summary>
    public int Cuts { get; private set; }

    /// <summary>A show begins: output goes to <paramref name="log"/>.</summary>
    public void Begin(StreamLog log)
    {
        _log = log;
        _output = new OutputTime();
        _selection.Clear();
        _decision = null;
        Active = null;
        _pinned = false;
        Cuts = 0;
        _lastAppend = -1;
    }

    /// <summary>The show is over.</summary>
    public void End()
    {
        _log = null;
        _decision = null;
        Active = null;
    }

    /// <summary>A frame of <paramref name="source"/>, in source time.</summary>
    public void OnFrame(Source source, in Frame frame, long now)
    {
        if (_log is null) return;
        if (ShouldCutTo(source, frame, now)) CutTo(source, frame, now);
        else if (source == Active && source.Session == _activeSession) Append(frame, now);
    }

    /// <summary>Looks at all sources and the clock, and decides.</summary>
    public void Decide(long now)
    {
        if (_log is null) return;
        if (_decision is { } pending && !pending.Target.IsUsable) _decision = null;
        if (!IsActiveOn)
        {
            _pinned = false;
            if (_decision is null && _selection.Best(now) is { } best) Aim(best, WhyLeft, now);
            // Nothing to cut to: dark, and where it is included again it comes back with a keyframe.
            if (_decision is null && Active is { IsExcluded: true }) _activeSession = NoSession;
        }
        else if (_decision is null && !_pinned && MayLeave(now) && _selection.Better(Active!, now) is { } better)
        {
            Aim(better, Active!.IsDegraded ? Active.Reason : "return", now);
        }
    }

    /// <summary>The operator wants <paramref name="source"/> on: its next keyframe is cut to, hold and clear times or not.</summary>
    /// <returns>False: it cannot be used now.</returns>
    public bool SwitchTo(Source source, long now)
    {
        if (_log is null || !source.IsUsable) return false;
        _pinned = true;
        if (source == Active && IsActiveOn) _decision = null;
        else Aim(source, "operator", now);
        return true;
    }

    /// <summary>How well a source's parameters fit those that are on the air.</summary>
    internal ParameterRating? Rate(Source source) => _selection.Rate(source);

    private bool MayLeave(long now) => Active!.IsDegraded || now - _lastCut >= (long)options.Hold.TotalMilliseconds;

    private bool IsActiveOn => Active is { IsUsable: true } && Active.Session == _activeSession;

    private string WhyLeft => Active is null ? "start" : Active.IsExcluded ? "operator" : Active.Reason;

    private void Aim(Source target, string reason, long now)
    {
        var detect = Active is { } active && reason is not ("operator" or "return") ? (int)(now - active.LastArrival) : (int?)null;
        _decision = new Decision(target, reason, detect, now);
    }

    /// <summary>The target's keyframe; or, while nothing is on and nothing better is to be had in time, the first keyframe of anybody.</summary>
    private bool ShouldCutTo(Source source, in Frame frame, long now)
    {
        if (!source.CanBeginWith(frame, now) || !source.IsUsable) return false;
        if (_decision is { } decision && decision.Target == source) return true;
        if (IsActiveOn || now - _decision?.Since < KeyframeTime || !_selection.IsLast(source)) return false;
        if (_decision is { DetectMs: not null } late) _decision = late with { Target = source };
        else Aim(source, WhyLeft, now);
        return true;
    }

    private void CutTo(Source source, in Frame first, long now)
    {
        var (_, reason, detect, _) = _decision!.Value;
        var from = Active;
        _decision = null;
        Active = source;
        _activeSession = source.Session;
        _lastCut = now;
        _selection.OnAir(source);
        _output.Splice(first, source.FrameInterval);
        AppendHeader(source.Headers.Metadata);
        AppendHeader(source.Headers.Video);
        AppendHeader(source.Headers.Audio);
        var gap = _lastAppend < 0 ? 0 : (int)(now - _lastAppend);
        Append(first, now);
        if (from is null || gap > EpochGap) _log!.BeginEpoch(_log.LastDts ?? 0, time.GetUtcNow());
        if (first.Kind == TrackKind.Video)
            foreach (var sound in source.RecentSound) Append(sound, now);
        if (from is not null) Cuts++;
        journal.Write(new JournalEntry
        {
            Time = time.GetUtcNow(), Stream = stream, Kind = from is null ? "start" : from == source ? "resume" : "switch",
            From = from?.Name, To = source.Name, Reason = from is null ? null : reason, Method = from is null ? null : "keyframe",
            DetectMs = from is null ? null : detect, GapMs = from is null ? null : gap,
        });
    }

    private void Append(in Frame frame, long now)
    {
        if (frame.IsHeader)
        {
            _selection.OnAir(Active!);
            AppendHeader(frame);
            return;
        }
        if (!_output.TryStamp(frame, out var stamped)) return;
        _log!.Append(stamped);
        if (frame.IsMedia) _lastAppend = now;
    }

    /// <summary>Puts a header in force unless the log holds an equal one.</summary>
    private void AppendHeader(in Frame? header)
    {
        if (header is not { } frame) return;
        if (frame.Kind == TrackKind.Audio) _output.SetSoundFormat(AudioFormat.Of(frame));
        if (_log!.Headers.Of(frame.Kind) is { } inForce && inForce.Codec == frame.Codec && inForce.Body.Span.SequenceEqual(frame.Body.Span)) return;
        _log.Append(_output.StampHeader(frame));
    }

    /// <summary>A target, why it was chosen, how long after the active source's last frame (null: that was no matter), and when.</summary>
    private readonly record struct Decision(Source Target, string Reason, int? DetectMs, long Since);
}
