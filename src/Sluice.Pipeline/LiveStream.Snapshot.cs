using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline;

/// <content>How it is at one moment, for those who watch over it.</content>
public sealed partial class LiveStream
{
    public StreamSnapshot Snapshot()
    {
        lock (_gate)
        {
            var now = Now;
            return new StreamSnapshot
            {
                Name = Name,
                State = State,
                Active = _switch.Active?.Name,
                DarkSince = _switch.DarkSince,
                EndsAt = _onAir && _goneSince >= 0 ? _goneAt + Options.Switch.End : null,
                DelayMs = (int)_switch.DelayMs,
                Sources = [.. Sources.Select(source => Snapshot(source, now))],
                Viewers = Output.Viewers with { Hls = _context.Clients.Hls.CountOf(Name) },
                Push = [.. _pushes.Select(push => push.Snapshot())],
            };
        }
    }

    private StreamState State =>
        !_onAir ? StreamState.Idle
        : _switch.Active is not null && _switch.IsPlaying ? StreamState.Live
        : Sources.Any(source => source.IsUsable) ? StreamState.Starting : StreamState.Idle;

    private SourceSnapshot Snapshot(Source source, long now) => new()
    {
        Name = source.Name,
        State = source.State,
        Path = PathOf(source),
        Complaint = source.Complaint,
        LastError = source.LastError,
        Active = source == _switch.Active,
        Score = source.Score(now),
        ClearMs = source.ClearTime(now),
        TimeRepairs = source.TimeRepairs,
        Parameters = _switch.Rate(source)?.Fit,
        ParametersDiffer = _switch.Rate(source)?.Reason,
        Fps = Math.Round(source.FramesPerSecond(now), 1),
        Kbps = Math.Round(source.BitsPerSecond(now) / 1000),
        GopMs = source.GopMs,
        LagMs = source.LagMs,
        RttMs = source.RoundTripMs is { } roundTrip ? Math.Round(roundTrip, 1) : null,
        Alignment = Snapshot(_switch.AlignmentOf(source)),
    };

    private static AlignmentSnapshot? Snapshot(in SourceAlignment alignment) =>
        alignment.Method == AlignmentMethod.None ? null
        : new AlignmentSnapshot { Method = alignment.Method, OffsetMs = Math.Round(alignment.OffsetMs, 1), Confidence = Math.Round(alignment.Confidence, 2) };
}
