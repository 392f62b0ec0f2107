using Microsoft.Extensions.Logging;
using Sluice.Pipeline.Net;
using Sluice.Wire.Rtmp;

namespace Sluice.Pipeline.Output.Push;

/// <summary>
/// One CDN that a stream is pushed to: keeps one connection up while a show is on, isolated from every other, for ever.
/// </summary>
/// <remarks>
/// <code>
///   Stopped ──show begins──▶ Connecting ──publish accepted──▶ Connected ──lost──▶ Waiting ──0.2 … 3 s──▶ Connecting …
///      ▲                                                          └──show ends, or the operator stops: said goodbye ──┘
/// </code>
/// Each connection begins at a keyframe with a cursor of its own. <see cref="Begin"/> and <see cref="End"/> come under the stream's lock and only ask;
/// what they cancel goes on elsewhere. The work is done by one task.
/// </remarks>
public sealed partial class PushTarget(PushOptions options, string path, PipelineContext context)
{
    private readonly Lock _gate = new();
    private readonly ILogger _log = context.Logs.CreateLogger<PushTarget>();
    private StreamOutput? _output;
    private string _query = "";
    private bool _wanted = true;
    private CancellationTokenSource? _finish;
    private Task _run = Task.CompletedTask;
    private readonly Retry _retry = new(context.Time);
    private PushSession? _session;
    private PushState _state = PushState.Stopped;
    private string? _reportedError;
    private long _droppedGops;

    public string Name => options.Name;

    /// <summary>Completes when the last connection has said goodbye.</summary>
    public Task Finished
    {
        get { lock (_gate) return _run; }
    }

    /// <summary>A show begins.</summary>
    /// <param name="query">The publisher's, for the URL template.</param>
    public void Begin(StreamOutput output, string query)
    {
        lock (_gate)
        {
            (_output, _query) = (output, query);
            if (_wanted) Run(output);
        }
    }

    /// <summary>The show has ended: what is muxed is still delivered, then the other side is told.</summary>
    public void End()
    {
        lock (_gate)
        {
            _output = null;
            _finish?.CancelAsync();
        }
    }

    /// <summary>The operator wants it.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_wanted) return;
            _wanted = true;
            Tell(PushState.Stopped, PushState.Connecting, JournalReasons.Operator);   // before it can have connected
            if (_output is { } output) Run(output);
        }
    }

    /// <summary>The operator does not want it any more.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (!_wanted) return;
            _wanted = false;
            _finish?.CancelAsync();
            _session?.Leave();
        }
    }

    public PushSnapshot Snapshot()
    {
        lock (_gate)
        {
            return new PushSnapshot
            {
                Name = Name,
                State = _state,
                Kbps = _session?.Kbps() ?? 0,
                LagMs = _session?.LagMs ?? 0,
                DroppedGops = _droppedGops + (_session?.DroppedGops ?? 0),
                Reconnects = _retry.Reconnects,
                LastError = _retry.LastError,
            };
        }
    }

    /// <summary>Under the lock. One run follows the other, so a stop and a start in quick succession never make two connections.</summary>
    private void Run(StreamOutput output)
    {
        var finish = _finish = new CancellationTokenSource();
        var before = _run;
        var url = Fill(options.Url, _query);
        _run = Task.Run(async () =>
        {
            await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _retry.RunAsync(stop => AttemptAsync(output, url, stop), Pausing, finish.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Enter(PushState.Stopped, Volatile.Read(ref _wanted) ? null : JournalReasons.Operator);
        });
    }

    private async Task<string?> AttemptAsync(StreamOutput output, string url, CancellationToken finish)
    {
        Enter(PushState.Connecting, null);
        if (RtmpUrl.Parse(url, out var wrong) is not { } destination) return $"{url}: {wrong}";
        using var session = await PushSession.ConnectAsync(destination, options.Trust, output, context, finish).ConfigureAwait(false);
        _retry.Succeeded();
        lock (_gate)
        {
            _session = session;
            if (finish.IsCancellationRequested) session.Leave();
        }
        Enter(PushState.Connected, null);
        try
        {
            return await session.RunAsync(finish).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _session = null;
                _droppedGops += session.DroppedGops;
            }
        }
    }

    /// <summary>The URL template, filled in: <c>{app}</c>, <c>{name}</c>, <c>{query}</c> of the publisher.</summary>
    private string Fill(string template, string query)
    {
        var (app, name) = StreamPath.Split(path);
        return template.Replace("{app}", app).Replace("{name}", name).Replace("{query}", query).TrimEnd('?', '&');
    }

    private void Pausing(TimeSpan pause) => Enter(PushState.Waiting, _retry.LastError);

    /// <param name="reason">The error, or that it is the operator's will.</param>
    private void Enter(PushState state, string? reason)
    {
        PushState from;
        lock (_gate)
        {
            from = _state;
            if (from == state) return;
            // A CDN that stays away is one entry, not one for each attempt.
            var tellsNothingNew = state == PushState.Connecting || (state == PushState.Waiting && _reportedError == reason);
            _state = state;
            if (tellsNothingNew) return;
            _reportedError = reason;
        }
        Tell(from, state, reason);
    }

    private void Tell(PushState from, PushState state, string? reason)
    {
        context.Journal.Write(new JournalEntry
        {
            Time = context.Time.GetUtcNow(), Stream = path, Kind = JournalKinds.Push,
            From = $"{Name} {from}".ToLowerInvariant(), To = $"{Name} {state}".ToLowerInvariant(), Reason = reason,
        });
        Log.Entered(_log, path, Name, state, reason ?? "");
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Information, Message = "{Stream}: push {Push} is {State} {Reason}")]
        public static partial void Entered(ILogger log, string stream, string push, PushState state, string reason);
    }
}
