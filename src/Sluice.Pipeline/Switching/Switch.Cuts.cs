using Sluice.Pipeline.Alignment;

namespace Sluice.Pipeline.Switching;

/// <content>How the output gets to the target.</content>
public sealed partial class Switch
{
    /// <summary>Looks for a cut to the target that nobody sees, or else for the least visible one.</summary>
    private void SeekCut(long now)
    {
        if (_decision is not { } decision || _playout!.Last is not { } from || _clock.IsOff) return;
        var to = FeedOf(decision.Target);
        if (!Agree(from.Feed, to)) return;
        if (to == _playout.Feed && to.IsUsable && _playout.CanStay) Stay(to, now);
        else if (!_playout.HasCutAhead && Identity(from.Feed, to) is { } difference) Merge(from, to, difference, now);
        else if (CutSearch.Lookahead(from, to) is { } cut) CutTo(cut, from, now);
        else if (MayReplay(from, to, decision, now) && _playout.CanReplay && CutSearch.Replay(from, to) is { } replay) CutTo(replay, from, now);
        else if (_playout.IsDry && !from.Feed.IsUsable && CutSearch.Beyond(from, to) is { } key) Resume(to, key.Position, now, CutSearch.LostBefore(from, to, key));
    }

    /// <summary>Whether two feeds have pictures to cut at, and are aligned, and not so far apart that one of the alignments must be wrong.</summary>
    private static bool Agree(SourceFeed a, SourceFeed b) =>
        a.IsAligned && b.IsAligned && a.HasVideo == b.HasVideo && Math.Abs(a.Lateness.Earliest - a.Alignment - (b.Lateness.Earliest - b.Alignment)) <= MaxDisagreement;

    /// <summary>Both feeds work: the lossless cut is waited for. The last one has ended: nothing better will come once the target's content has passed its end.</summary>
    private bool MayReplay(in Playing from, SourceFeed to, in Decision decision, long now)
    {
        if (!from.Feed.IsUsable) return CutSearch.HasPassed(from, to);
        return (!_clock.LooksAhead && decision.Reason != JournalReasons.Return) || now - decision.Since > SearchTime + SearchGops * Math.Min(to.Gop, MaxGop);
    }

    /// <summary>What a frame's time in the second feed is less its time in the first; what was known when one of them ended still holds. Null: not the same frames.</summary>
    private double? Identity(SourceFeed a, SourceFeed b)
    {
        if (_options.Mode is not (SwitchMode.Auto or SwitchMode.Merge)) return null;
        ref var known = ref _identities[a.Source.Order, b.Source.Order];
        if (a.IsUsable && b.IsUsable)
        {
            var alignment = _aligner.Between(a.Source, b.Source);
            known = alignment.Method == AlignmentMethod.Identical ? (a.Session, b.Session, alignment.OffsetMs) : null;
        }
        return known is { } identity && identity.First == a.Session && identity.Second == b.Session ? identity.Difference : null;
    }

    private void Stay(SourceFeed feed, long now)
    {
        _playout!.Stay();
        Commit(feed, CutMethod.Merge, now, (int)Math.Round(feed.Step), "it was playing already, 0 lost, 0 repeated");
    }

    private void Merge(in Playing from, SourceFeed to, double difference, long now)
    {
        var offset = from.Offset - (long)Math.Round(difference);
        var gap = Gap(from.Feed, now);
        // A source that works is left at once; one that has ended plays to its end first.
        if (!from.Feed.IsUsable)
        {
            var end = from.Feed.WholeUntil() + from.Offset;
            _playout!.Enqueue(new Cut(CutMethod.Merge, to, new KeyPoint { Position = to.History.Tail }, offset, from.Residual, end, end, from.Feed.History.Tail - 1, []));
        }
        else if (!_playout!.GoOnWith(to, offset, now)) return;
        Commit(to, CutMethod.Merge, now, gap, "mid-GOP, 0 lost, 0 repeated");
    }

    private void CutTo(Cut cut, in Playing from, long now)
    {
        var repeated = cut.Method == CutMethod.Lookahead ? cut.Straddlers.Count : (int)Math.Round((cut.At - cut.Key.Pts - cut.Offset) / cut.To.Step);
        var why = cut.Method == CutMethod.Replay && _clock.LooksAhead ? $"no keyframe of {cut.To.Source.Name} in the window; " : "";
        var gap = Gap(from.Feed, now);
        _playout!.Enqueue(cut);
        Commit(cut.To, cut.Method, now, gap, string.Create(null, $"{why}at {cut.At / 1000.0:0.000} s, 0 lost, {repeated} repeated{(repeated > 0 ? " for 1 ms each" : "")}"));
    }

    /// <summary>The wall time between the outputs around a cut: a picture's duration, unless the output has stopped already.</summary>
    private int Gap(SourceFeed from, long now) => _playout!.IsDry ? (int)(now - _playout.LastAppend) : (int)Math.Round(from.Step);
}
