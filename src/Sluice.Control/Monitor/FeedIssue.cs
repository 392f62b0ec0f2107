namespace Sluice.Control.Monitor;

/// <summary>What was told at one tick, and the way to what is told at the next.</summary>
internal sealed class FeedIssue(long number = 0, IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? bytes = null)
{
    private readonly TaskCompletionSource<FeedIssue?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public long Number => number;

    /// <summary>Done when it is there; null: there will be none.</summary>
    public Task<FeedIssue?> Next => _next.Task;

    public ReadOnlyMemory<byte> BytesFor(string topic) => bytes?.GetValueOrDefault(topic) ?? default;

    public FeedIssue Follow(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> bytesOfNext)
    {
        var next = new FeedIssue(number + 1, bytesOfNext);
        _next.SetResult(next);
        return next;
    }

    public void End() => _next.TrySetResult(null);
}

/// <summary>One page that follows a topic of the <see cref="LiveFeed"/>, from one thread at a time.</summary>
public sealed class FeedReader : IDisposable
{
    /// <summary>A page that is further behind than this is dropped: what it has yet to take stays in memory until then. Ten seconds of issues.</summary>
    public const int MaxBehind = 20;

    private readonly LiveFeed _feed;
    private readonly string _topic;
    private FeedIssue _at;

    internal FeedReader(LiveFeed feed, string topic, ReadOnlyMemory<byte> opening, FeedIssue at) => (_feed, _topic, Opening, _at) = (feed, topic, opening, at);

    /// <summary>What the page is told before all else.</summary>
    public ReadOnlyMemory<byte> Opening { get; }

    /// <summary>It did not take what it was told.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>Waits for the next issue; null: the server stops, or the page is dropped. The bytes are shared.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken stop)
    {
        if (await _at.Next.WaitAsync(stop) is not { } next) return null;
        IsDropped = _feed.Newest - next.Number > MaxBehind;
        if (IsDropped) return null;
        _at = next;
        return next.BytesFor(_topic);
    }

    public void Dispose() => _feed.Leave(_topic);
}
