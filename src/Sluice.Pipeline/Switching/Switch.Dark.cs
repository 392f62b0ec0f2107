namespace Sluice.Pipeline.Switching;

/// <content>The dark: the show is on, but no source is, and none comes on in a moment.</content>
public sealed partial class Switch
{
    private (DateTimeOffset Since, string Reason)? _dark;
    private long _lightSince = long.MinValue;

    /// <summary>Since when no source has been on though one was; null: one is, or none was yet.</summary>
    public DateTimeOffset? DarkSince => _dark?.Since;

    /// <summary>Whether viewers get nothing, or will not once what was received is out: in the dark, and behind it until the first frame goes out.</summary>
    public bool IsDark => _dark is not null || _playout?.LastAppend < _lightSince;

    private void EndDark(long now)
    {
        if (_dark is not null) _lightSince = now;
        _dark = null;
    }

    private void LookIntoTheDark(long now)
    {
        if (Latest is not { } latest) return;
        if (IsActiveOn)
        {
            // It has come back by itself, without a cut: what it sends goes on being played.
            if (_dark is { } dark) _journal.Write(Entry(JournalKinds.Resume, latest.Name, dark.Reason, $"scores {Scores(now)}") with { To = latest.Name });
            EndDark(now);
        }
        else if (_dark is null && !IsOneAboutToComeOn(now))
        {
            _dark = (_time.GetUtcNow(), WhyLeft);
            _journal.Write(Entry(JournalKinds.Dark, latest.Name, WhyLeft, $"no source can take over; scores {Scores(now)}") with
            {
                DetectMs = latest.IsExcluded ? null : (int)(now - latest.LastArrival),
            });
        }
    }

    /// <summary>A source sends, and what was received of the last one still plays, or its end is not long ago.</summary>
    private bool IsOneAboutToComeOn(long now)
    {
        var playsOn = _playout is { Feed: not null, IsDry: false } || now - Math.Max(_playout!.LastAppend, _lastCut) <= KeyframeTime;
        if (!playsOn) return false;
        foreach (var source in _sources)
            if (source.IsUsable) return true;
        return false;
    }

    private JournalEntry Entry(string kind, string? from, string? reason, string? note) =>
        new() { Time = _time.GetUtcNow(), Stream = _stream, Kind = kind, From = from, Reason = reason, Note = note };
}
