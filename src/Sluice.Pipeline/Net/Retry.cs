namespace Sluice.Pipeline.Net;

/// <summary>
/// Runs an attempt for ever: what a push and a pull share. The attempt knows nothing of retries; it returns or throws when its connection is over.
/// </summary>
/// <remarks>
/// The pause before the next attempt grows from 0.2 s to 3 s, doubled each time and jittered by half, so that a hundred pushes to a CDN that comes
/// back do not come back together. An attempt that got through (<see cref="Succeeded"/>) and held for a while starts the pauses anew.
/// </remarks>
public sealed class Retry(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(3);

    private TimeSpan _pause = FirstPause;
    private bool _succeededBefore;
    private long? _succeededAt;

    /// <summary>Why the last attempt ended, but for those that were to end; null where none has.</summary>
    public string? LastError { get; private set; }

    /// <summary>Attempts that got through, after the first of each run.</summary>
    public long Reconnects { get; private set; }

    /// <summary>To be called by the attempt when it got through.</summary>
    public void Succeeded()
    {
        _succeededAt = time.GetTimestamp();
        if (_succeededBefore) Reconnects++;
        _succeededBefore = true;
    }

    /// <param name="attempt">One connection from beginning to end; its result is why it ended, in a sentence; null: it was to end.</param>
    /// <param name="pausing">Called before each pause.</param>
    public async Task RunAsync(Func<CancellationToken, Task<string?>> attempt, Action<TimeSpan> pausing, CancellationToken stop)
    {
        _succeededBefore = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                LastError = await attempt(stop).ConfigureAwait(false) ?? LastError;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LastError = error.Message;
            }
            if (stop.IsCancellationRequested) return;
            if (_succeededAt is { } at && time.GetElapsedTime(at) >= LongestPause) _pause = FirstPause;
            _succeededAt = null;
            var pause = _pause * (0.75 + 0.5 * Random.Shared.NextDouble());
            _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            pausing(pause);
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
