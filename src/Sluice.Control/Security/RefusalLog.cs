using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline;

namespace Sluice.Control.Security;

/// <summary>Tells log and journal who was refused and why: at most once a second for each address, with the number of those left out.</summary>
/// <remarks>Safe from any thread. Beyond <see cref="MaxAddresses"/> addresses within a second the rest share one line.</remarks>
public sealed partial class RefusalLog : IDisposable
{
    private const int MaxAddresses = 1024;

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Burst> _bursts = [];
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;

    public RefusalLog(IJournal journal, TimeProvider time, ILogger<RefusalLog> log)
    {
        (_journal, _time, _log) = (journal, time, log);
        _timer = time.CreateTimer(_ => Flush(), null, Period, Period);
    }

    public void Report(AccessRequest request, string reason)
    {
        lock (_gate)
        {
            var address = request.Remote?.Address ?? IPAddress.None;
            if (!_bursts.ContainsKey(address) && _bursts.Count >= MaxAddresses) address = IPAddress.Any;
            if (_bursts.TryGetValue(address, out var burst))
            {
                _bursts[address] = burst with { LeftOut = burst.LeftOut + 1, Request = request, Reason = reason };
                return;
            }
            _bursts[address] = new Burst(request, reason, 0, _time.GetTimestamp());
            Tell(request, reason, 0);
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Tells what was left out a second ago, and forgets addresses that have been quiet since.</summary>
    private void Flush()
    {
        lock (_gate)
        {
            foreach (var (address, burst) in _bursts)
            {
                if (_time.GetElapsedTime(burst.ToldAt) < Period) continue;
                if (burst.LeftOut == 0)
                {
                    _bursts.Remove(address);
                    continue;
                }
                Tell(burst.Request, burst.Reason, burst.LeftOut);
                _bursts[address] = burst with { LeftOut = 0, ToldAt = _time.GetTimestamp() };
            }
        }
    }

    private void Tell(AccessRequest request, string reason, int leftOut)
    {
        Log.Refused(_log, request.Action, request.Path, request.Remote, reason, leftOut);
        _journal.Write(new JournalEntry
        {
            Time = _time.GetUtcNow(), Stream = request.Path, Kind = JournalKinds.Access, From = request.Remote?.ToString(), Reason = reason,
            Note = leftOut > 1 ? $"{request.Action} refused {leftOut} times".ToLowerInvariant() : $"{request.Action} refused".ToLowerInvariant(),
        });
    }

    private readonly record struct Burst(AccessRequest Request, string Reason, int LeftOut, long ToldAt);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Refused {Action} of '{Path}' to {Remote}: {Reason} (and {LeftOut} more since the last line)")]
        public static partial void Refused(ILogger logger, AccessAction action, string path, IPEndPoint? remote, string reason, int leftOut);
    }
}
