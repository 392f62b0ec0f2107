using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.Hls;
using Sluice.Pipeline.Output.Push;
using Sluice.Pipeline.Sources;
using Sluice.Pipeline.StreamLogs;
using Sluice.Pipeline.Switching;

namespace Sluice.Pipeline;

/// <summary>
/// One stream: its sources, the switch between them, and the log that everything is made from.
/// </summary>
/// <remarks>
/// <code>
///   OnFrame(source) ─▶ Source (time, health) ─▶ Switch (which, cut) ─▶ StreamLog ─▶ StreamOutput (muxed once, cursors)
/// </code>
/// One lock, <see cref="_gate"/>, guards all of it up to the log: ingest threads, the clock and the operator come in one at a time. A show begins with
/// its first source and ends when every source has been gone for <see cref="SwitchOptions.End"/>; the next one has a new log.
/// </remarks>
public sealed partial class LiveStream
{
    /// <summary>A cue for a picture that went out longer ago than this, in milliseconds, is too late.</summary>
    private const long LatestCue = 1000;

    /// <summary>What of a cue's payload the journal has, in characters.</summary>
    private const int LongestNote = 100;

    private readonly Lock _gate = new();
    private readonly Switch _switch;
    private readonly PipelineContext _context;
    private readonly SourceState[] _reported;
    private readonly PushTarget[] _pushes;
    private long _goneSince = -1;
    private DateTimeOffset _goneAt;
    private string _query = "";
    private bool _onAir;
    private bool _isOver;

    internal LiveStream(string name, StreamOptions options, PipelineContext context)
    {
        (Name, Options, _context) = (name, options, context);
        var sources = options.Sources.Count > 0 ? options.Sources : [new SourceOptions { Name = "main", Publish = name }];
        Sources = [.. sources.Select((source, order) => new Source(source, order, options.Switch))];
        _reported = new SourceState[Sources.Count];
        _switch = new Switch(name, Sources, options.Switch, context.Journal, context.Time);
        _pushes = [.. options.Push.Select(push => new PushTarget(push, name, context))];
        (Log, Output) = NewShow();
    }

    /// <summary><c>app/name</c>.</summary>
    public string Name { get; }

    public StreamOptions Options { get; }

    public IReadOnlyList<Source> Sources { get; }

    /// <summary>The log of the present show, or of the next one.</summary>
    public StreamLog Log { get; private set; }

    /// <summary>Where viewers and pushes of the present show, or of the next one, get their bytes.</summary>
    public StreamOutput Output { get; private set; }

    /// <summary>The HLS of the show that has ended, while no other is on: its players fetch the rest of it, and are told that it is over.</summary>
    public HlsOutput? EndedHls { get; private set; }

    /// <summary>Whether there is, or will be in a moment, something to watch.</summary>
    public bool IsOnAir
    {
        get { lock (_gate) return _onAir; }
    }

    /// <summary>Whether it is made of configured sources, so that every tick may decide something.</summary>
    internal bool HasChoice => Options.Sources.Count > 0;

    /// <summary>The name of the source that is on; null when none is.</summary>
    public string? ActiveName
    {
        get { lock (_gate) return _switch.Active?.Name; }
    }

    /// <summary>Cuts to a source at its next keyframe, hold and clear times or not.</summary>
    public CommandResult SwitchTo(string source) =>
        Command(source, (found, now) => _switch.SwitchTo(found, now) ? CommandResult.Done : CommandResult.NotUsable);

    /// <summary>Takes a source out of choice; the active one is left at once.</summary>
    public CommandResult Exclude(string source) => Command(source, (found, _) =>
    {
        found.Exclude();
        return CommandResult.Done;
    });

    public CommandResult Include(string source) => Command(source, (found, _) =>
    {
        found.Include();
        Report(found, found.Reason, null);
        return CommandResult.Done;
    });

    /// <summary>Lets a push run again that the operator had stopped.</summary>
    public CommandResult StartPush(string push) => Command(push, target => target.Start());

    /// <summary>Stops a push until the operator starts it again.</summary>
    public CommandResult StopPush(string push) => Command(push, target => target.Stop());

    internal void OnOpen(Source source, string protocol, string query)
    {
        lock (_gate)
        {
            if (_isOver) return;
            _query = query;
            if (!_onAir) BeginShow();
            source.Open(Now);
            Report(source, "open", protocol);
        }
    }

    internal void OnClose(Source source, string reason)
    {
        lock (_gate)
        {
            source.Close(reason, Now);
            Look(Now);
        }
    }

    /// <summary>An attempt to pull a source has failed, or its connection is about to be closed; one that stays away for one reason is one entry in the journal.</summary>
    internal void OnPullFailed(Source source, string error, bool wasConnected)
    {
        lock (_gate)
        {
            var isNews = !wasConnected && source.LastError != error;
            source.LastError = error;
            if (isNews) _context.Journal.Write(Entry(JournalKinds.Source) with { To = $"{source.Name} {source.State}".ToLowerInvariant(), Reason = JournalReasons.Unreachable, Note = error });
        }
    }

    /// <summary>What the transport of a source says of the way here.</summary>
    internal void OnRoundTrip(Source source, double milliseconds)
    {
        lock (_gate) source.RoundTripMs = milliseconds;
    }

    /// <summary>A frame as it came from the wire. The caller keeps its reference to the body.</summary>
    internal void OnFrame(Source source, in Frame raw)
    {
        lock (_gate)
        {
            if (!source.IsOpen) return;   // its session ended in this moment
            var now = Now;
            if (!source.TryAccept(raw, now, out var frame)) return;
            // A publisher that was silent beyond the end of the show, but stayed.
            if (!_onAir && raw.IsMedia) BeginShow();
            _switch.OnFrame(source, frame, now);
            Log.TellDark(_switch.IsDark);
        }
    }

    /// <param name="excused">Time in which this machine itself did not run, in milliseconds.</param>
    internal void Tick(long excused)
    {
        lock (_gate)
        {
            var now = Now;
            foreach (var source in Sources) source.Tick(now, excused);
            Look(now);
            if (_onAir && _goneSince >= 0 && now - _goneSince >= (long)Options.Switch.End.TotalMilliseconds) EndShow("all sources gone");
        }
    }

    /// <summary>Ends the show at once and for good: the server stops, or the stream is forgotten.</summary>
    internal void End(string reason)
    {
        lock (_gate)
        {
            _isOver = true;
            if (_onAir) EndShow(reason);
            foreach (var source in Sources) source.Close(reason, Now);
        }
    }

    /// <summary>The headers in force of a source; the caller releases each body.</summary>
    internal List<Frame> RetainHeaders(Source source)
    {
        lock (_gate)
        {
            List<Frame> headers = [];
            foreach (var header in new[] { source.Headers.Metadata, source.Headers.Video, source.Headers.Audio })
            {
                if (header is not { } frame) continue;
                frame.Body.Retain();
                headers.Add(frame);
            }
            return headers;
        }
    }

    /// <summary>Where a source plays by itself: the path that it is published to; a pulled one has the stream's with its name, as <c>live/show@b</c>.</summary>
    internal string PathOf(Source source) => source.Options.Publish ?? $"{Name}@{source.Name}";

    /// <summary>Puts a cue on the output's time line: players raise it with the picture of that wall time.</summary>
    /// <param name="at">It keeps to that, also over a gap. Null: now, where it stays. With a delay that picture has yet to come out.</param>
    /// <param name="cue">As it goes out.</param>
    public CueResult AddCue(string id, string payload, DateTimeOffset? at, out Cue? cue)
    {
        cue = null;
        lock (_gate)
        {
            if (!_onAir || _switch.IsDark || Log.Epochs.Count == 0 || Log.LastDts is not { } last) return CueResult.NotLive;
            var (dts, utc) = Log.Epochs[^1];
            var pts = dts + (long)((at ?? _context.Time.GetUtcNow()) - utc).TotalMilliseconds;
            if (at is not null && pts < last - LatestCue) return CueResult.TooLate;
            pts = Math.Max(pts, last);
            cue = new Cue(id, pts, utc.AddMilliseconds(pts - dts), payload);
            var result = Log.Cues.Add(cue, Now, at);
            if (result != CueResult.Done) return result;
            Log.Tell(cue);
            _context.Journal.Write(Entry(JournalKinds.Cue) with { To = id, Note = payload.Length <= LongestNote ? payload : payload[..LongestNote] + " …" });
            return result;
        }
    }

    /// <summary>What whoever begins to follow the cues now is to be told first.</summary>
    public IReadOnlyList<Cue> ToldCues()
    {
        lock (_gate) return Log.Cues.ToldAt(Log.LastDts ?? 0);
    }

    private CommandResult Command(string push, Action<PushTarget> command)
    {
        if (_pushes.FirstOrDefault(target => target.Name == push) is not { } found) return CommandResult.NoSuchPush;
        command(found);
        return CommandResult.Done;
    }

    private CommandResult Command(string source, Func<Source, long, CommandResult> command)
    {
        lock (_gate)
        {
            if (Sources.FirstOrDefault(candidate => candidate.Name == source) is not { } found) return CommandResult.NoSuchSource;
            var result = command(found, Now);
            Look(Now);
            return result;
        }
    }

    private long Now => (long)_context.Time.GetElapsedTime(0).TotalMilliseconds;

    private void Look(long now)
    {
        _switch.Decide(now);
        Log.TellDark(_switch.IsDark);
        foreach (var source in Sources)
        {
            Report(source, source.Reason, source.Complaint);
            if (source.TakeRepairNote(now) is { } note) _context.Journal.Write(Entry(JournalKinds.Source) with { To = source.Name, Reason = JournalReasons.Repair, Note = note });
        }
        if (Sources.Any(source => source.IsSending(now))) _goneSince = -1;
        else if (_goneSince < 0) (_goneSince, _goneAt) = (now, _context.Time.GetUtcNow());
    }

    private void BeginShow()
    {
        _onAir = true;
        EndedHls = null;
        _goneSince = -1;
        _switch.Begin(Log);
        foreach (var push in _pushes) push.Begin(Output, _query);
    }

    private void EndShow(string reason)
    {
        _onAir = false;
        if (_switch.Latest is { } last) _context.Journal.Write(Entry(JournalKinds.End) with { From = last.Name, Reason = reason });
        _switch.End();
        Log.End();
        EndedHls = Output.Hls;
        (Log, Output) = NewShow();
        foreach (var push in _pushes) push.End();
    }

    private (StreamLog, StreamOutput) NewShow()
    {
        var log = new StreamLog(Options.Play, _gate, _context.Time);
        return (log, new StreamOutput(log, Name, _context.Egress, _context.Loops, _context.Time, Options.Play, _context.Logs.CreateLogger<StreamOutput>()));
    }

    /// <summary>Tells the journal when a source came, failed, went or got well; passing doubts are not worth an entry.</summary>
    private void Report(Source source, string reason, string? note)
    {
        ref var reported = ref _reported[source.Order];
        if (source.State == reported || source.State == SourceState.Suspect) return;
        _context.Journal.Write(Entry(JournalKinds.Source) with
        {
            From = $"{source.Name} {reported}".ToLowerInvariant(),
            To = $"{source.Name} {source.State}".ToLowerInvariant(),
            Reason = source.State is SourceState.Failed or SourceState.Absent or SourceState.Excluded ? reason : reported == SourceState.Excluded ? JournalReasons.Operator : null,
            Note = note,
        });
        reported = source.State;
    }

    private JournalEntry Entry(string kind) => new() { Time = _context.Time.GetUtcNow(), Stream = Name, Kind = kind };
}
