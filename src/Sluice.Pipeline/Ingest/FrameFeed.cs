using Microsoft.Extensions.Logging;
using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Ingest;

/// <summary>Feeds one lease from what a session reads: messages become frames, unusable ones a line in the log at most once a second.</summary>
internal sealed partial class FrameFeed(PublishLease lease, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan LogPeriod = TimeSpan.FromSeconds(1);

    private long _lastLogged;
    private int _unusable;

    /// <param name="type">8, 9, 18 or 15.</param>
    /// <param name="body">The caller's one reference to it is taken over.</param>
    public void OnMessage(byte type, uint timestamp, SharedBuffer body)
    {
        var read = FrameReader.Read(type, timestamp, body);
        if (read.Status == FrameReadStatus.Frame) lease.OnFrame(read.Frame);
        else if (read.Status == FrameReadStatus.Unusable) Report(read.Reason!);
        body.Release();
    }

    private void Report(string reason)
    {
        _unusable++;
        if (_lastLogged != 0 && time.GetElapsedTime(_lastLogged) < LogPeriod) return;
        _lastLogged = time.GetTimestamp();
        Log.Unusable(log, lease.Client.Path, lease.Client.Remote, _unusable, reason);
        _unusable = 0;
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} from {Remote}: {Count} unusable message(s), the last: {Reason}")]
        public static partial void Unusable(ILogger log, string path, object? remote, int count, string reason);
    }
}
