namespace Sluice.Control.Monitor;

/// <summary>What was told at one tick, and the way to what is told at the next.</summary>
internal sealed class FeedIssue(IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? bytes = null)
{
    private readonly TaskCompletionSource<FeedIssue?> _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when it is there; null: there will be none.</summary>
    public Task<FeedIssue?> Next => _next.Task;

    public ReadOnlyMemory<byte> BytesFor(string topic) => bytes?.GetValueOrDefault(topic) ?? default;

    public FeedIssue Follow(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> bytesOfNext)
    {
        var next = new FeedIssue(bytesOfNext);
        _next.SetResult(next);
        return next;
    }

    public void End() => _next.TrySetResult(null);
}

/// <summary>One page that follows a topic of the <see cref="LiveFeed"/>, from one thread at a time.</summary>
public sealed class FeedReader : IDisposable
{
    private readonly LiveFeed _feed;
    private readonly string _topic;
    private FeedIssue _at;

    internal FeedReader(LiveFeed feed, string topic, ReadOnlyMemory<byte> opening, FeedIssue at) => (_feed, _topic, Opening, _at) = (feed, topic, opening, at);

    /// <summary>What the page is told before all else.</summary>
    public ReadOnlyMemory<byte> Opening { get; }

    /// <summary>Waits for the next issue; null: the server stops. The bytes are shared.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken stop)
    {
        if (await _at.Next.WaitAsync(stop) is not { } next) return null;
        _at = next;
        return next.BytesFor(_topic);
    }

    public void Dispose() => _feed.Leave(_topic);
}
