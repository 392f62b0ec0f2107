namespace Sluice.Pipeline;

/// <summary>All streams and publish points by name: where sessions come in to publish and to watch.</summary>
public sealed class StreamRegistry
{
    /// <summary>Authorises a publisher and gives it the lease of its publish point; waits up to 2 s where a silent session holds the point.</summary>
    public ValueTask<PublishResult> PublishAsync(PublishRequest request, CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Authorises a viewer and finds its stream, waiting up to <see cref="PlayOptions.Wait"/> for a publisher.</summary>
    public ValueTask<PlayResult> PlayAsync(PlayRequest request, CancellationToken stop) => throw new NotSupportedException();
}
