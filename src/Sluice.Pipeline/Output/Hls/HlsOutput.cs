using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output.Hls;

public enum HlsWait { Ready, TooFar, TimedOut, Refused }

/// <summary>The version that was waited for, or why there is none.</summary>
public readonly record struct HlsAnswer(HlsWait Outcome, HlsVersion? Version, string? Reason = null);

/// <summary>Where one show's HLS viewers get playlists and media: its packager, which lives from the first request until 30 s after the last.</summary>
/// <remarks>Any thread. Nobody waits under the stream's lock.</remarks>
public sealed class HlsOutput
{
    public const string Protocol = "hls";

    /// <summary>How far beyond what there is a player may ask (RFC 8216bis §6.2.5.2): two segments,</summary>
    private const int AdvanceSegmentLimit = 2;

    /// <summary>three seconds of parts, or three parts if they are longer than one.</summary>
    private const int AdvancePartSeconds = 3;

    private readonly StreamLog _log;
    private readonly PlayOptions _play;
    private readonly TimeProvider _time;
    private readonly Action<Exception>? _onFault;
    private Packager? _packager;
    private ITimer? _idleTimer;
    private long _lastAsked;

    /// <param name="onFault">Told of a fault of ours that ended the packaging; it begins anew after <see cref="StreamOutput.IdleTime"/>.</param>
    internal HlsOutput(StreamLog log, PlayOptions play, TimeProvider time, Action<Exception>? onFault = null) => (_log, _play, _time, _onFault) = (log, play, time, onFault);

    /// <summary>What the names of its media begin with; empty as long as there is none.</summary>
    public string Show => Volatile.Read(ref _packager)?.Version.Show ?? "";

    /// <summary>Whether there is a packager: it is being packaged, or has been and the rest can still be fetched.</summary>
    public bool IsRunning
    {
        get { lock (_log.Gate) return _packager is not null; }
    }

    /// <summary>What there is once it can be played; waits for a stream that is about to begin.</summary>
    public Task<HlsAnswer> PlayableAsync(CancellationToken stop) => WaitAsync(null, null, isPart: false, stop);

    /// <summary>A blocking reload: what there is once segment <paramref name="number"/>, or its part, is in the playlist. A part that its segment turns out not to have is the next one's first.</summary>
    public Task<HlsAnswer> ReloadAsync(long number, int? part, CancellationToken stop) => WaitAsync(number, part, isPart: false, stop);

    /// <summary>A part, waited for if it is the one to come next: the one that the playlist hints at.</summary>
    public Task<HlsAnswer> PartAsync(long number, int part, CancellationToken stop) => WaitAsync(number, part, isPart: true, stop);

    private async Task<HlsAnswer> WaitAsync(long? number, int? part, bool isPart, CancellationToken stop)
    {
        var packager = Ask();
        var began = _time.GetTimestamp();
        while (true)
        {
            var changed = packager.Changed;
            var version = packager.Version;
            if (packager.Refusal is { } refusal) return new(HlsWait.Refused, null, refusal);
            if (version.IsPlayable || version.IsEnded)
            {
                if (number is not { } wanted || version.Has(wanted, part)) return new(HlsWait.Ready, version);
                if (IsTooFar(version, wanted, part, isPart)) return new(HlsWait.TooFar, version, $"segment {wanted} is too far ahead of {version.NextNumber}");
            }
            var patience = TimeSpan.FromMilliseconds(3 * version.TargetDuration) - _time.GetElapsedTime(began);
            if (patience <= TimeSpan.Zero) return new(HlsWait.TimedOut, version, "nothing new came in time");
            try
            {
                await changed.WaitAsync(patience, _time, stop);
            }
            catch (TimeoutException)
            {
                return new(HlsWait.TimedOut, version, "nothing new came in time");
            }
            Volatile.Write(ref _lastAsked, _time.GetTimestamp());
        }
    }

    private static bool IsTooFar(HlsVersion version, long number, int? part, bool isPart)
    {
        if (isPart) return number != version.NextNumber || part > version.NextPart;
        var partLimit = Math.Max(AdvancePartSeconds, Math.Ceiling(AdvancePartSeconds * 1000.0 / version.PartTarget));
        return number > version.NextNumber + AdvanceSegmentLimit - 1 || (number == version.NextNumber && part >= version.NextPart + partLimit);
    }

    private Packager Ask()
    {
        lock (_log.Gate)
        {
            // Of a show that has ended nobody needs more than its rest, of one that is refused nothing: it begins anew then, however many go on asking.
            if (!_log.Ended && _packager?.Refusal is null) Volatile.Write(ref _lastAsked, _time.GetTimestamp());
            if (_packager is { } running) return running;
            _packager = new Packager(_log, _play, _time, _onFault);
            _log.Attach(_packager);
            _idleTimer = _time.CreateTimer(_ => DropIfIdle(), null, StreamOutput.IdleTime, StreamOutput.IdleTime / 3);
            return _packager;
        }
    }

    private void DropIfIdle()
    {
        lock (_log.Gate)
        {
            if (_packager is not { } packager || _time.GetElapsedTime(Volatile.Read(ref _lastAsked)) < StreamOutput.IdleTime) return;
            _log.Detach(packager);
            packager.Release();
            _packager = null;
            _idleTimer?.Dispose();
            _idleTimer = null;
        }
    }
}
