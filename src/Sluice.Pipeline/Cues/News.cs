namespace Sluice.Pipeline.Cues;

/// <summary>One thing that pages beside the media are told of a show: a cue that was added or moved, or that the show went dark or light; and the way to the next.</summary>
/// <remarks>
/// <code>
///   news ─▶ news ─▶ the newest ┄▶ awaited        each reader keeps its own place; the show holds the newest only
/// </code>
/// Written under the stream's lock, read from any thread: who waits goes on on another one, so no reader holds up the stream.
/// </remarks>
public sealed class News
{
    private readonly TaskCompletionSource<News?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal News(Cue? cue = null, bool isDark = false) => (Cue, IsDark) = (cue, isDark);

    /// <summary>Null: it is about the dark.</summary>
    public Cue? Cue { get; }

    /// <summary>Whether viewers get nothing from here on, or once they have what was received.</summary>
    public bool IsDark { get; }

    /// <summary>Done when it is there; null: the show is over.</summary>
    public Task<News?> Next => _next.Task;

    internal News Follow(News next)
    {
        _next.SetResult(next);
        return next;
    }

    internal void End() => _next.TrySetResult(null);
}
