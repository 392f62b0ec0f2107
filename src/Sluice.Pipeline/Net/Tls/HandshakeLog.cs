using System.Net;
using Microsoft.Extensions.Logging;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>Tells the log of connections that never came to speak: one line a second at most, with the number of those left out.</summary>
/// <remarks>Safe from any thread.</remarks>
public sealed partial class HandshakeLog : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private bool _isQuiet;
    private int _leftOut;
    private (string Address, EndPoint? Remote, string Reason) _last;

    public HandshakeLog(TimeProvider time, ILogger<HandshakeLog> log)
    {
        _log = log;
        _timer = time.CreateTimer(_ => OnPeriod(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <param name="address">Which of our addresses: <c>rtmps</c>, <c>https</c>, …</param>
    public void Report(string address, EndPoint? remote, string reason)
    {
        lock (_gate)
        {
            _last = (address, remote, reason);
            if (_isQuiet)
            {
                _leftOut++;
                return;
            }
            Tell(0);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void OnPeriod()
    {
        lock (_gate)
        {
            _isQuiet = false;
            if (_leftOut > 0) Tell(_leftOut - 1);
        }
    }

    private void Tell(int others)
    {
        (_isQuiet, _leftOut) = (true, 0);
        _timer.Change(Period, Timeout.InfiniteTimeSpan);
        if (others == 0) Log.Closed(_log, _last.Address, _last.Remote, _last.Reason);
        else Log.ClosedMany(_log, _last.Address, _last.Remote, _last.Reason, others);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Address} {Remote}: closed: {Reason}")]
        public static partial void Closed(ILogger log, string address, EndPoint? remote, string reason);

        [LoggerMessage(2, LogLevel.Warning, "{Address} {Remote}: closed: {Reason} (and {Others} more since the last line)")]
        public static partial void ClosedMany(ILogger log, string address, EndPoint? remote, string reason, int others);
    }
}
