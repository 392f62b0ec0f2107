using Sluice.Pipeline.Media;

namespace Sluice.Pipeline;

/// <summary>The right to feed one publish point; at most one exists for a point at a time. Disposing it frees the point.</summary>
/// <remarks>
/// Frames come from one session, on one thread at a time. A lease that was taken over (its session had gone silent) is fenced: its frames go nowhere.
/// </remarks>
public sealed class PublishLease : IDisposable
{
    private readonly StreamRegistry _registry;
    private readonly PublishPoint _point;
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal PublishLease(StreamRegistry registry, PublishPoint point, Client client, PublishRequest request)
    {
        (_registry, _point, Client, Query, RoundTrip) = (registry, point, client, request.Query, request.RoundTrip);
    }

    /// <summary>The session's entry in the list of clients; the session counts its bytes there.</summary>
    public Client Client { get; }

    /// <summary>The publisher's query, for the URL templates of pushes.</summary>
    internal string Query { get; }

    /// <summary>The round trip to the sender, in milliseconds; null where its transport does not tell.</summary>
    internal Func<double?>? RoundTrip { get; }

    internal Task Released => _released.Task;

    /// <summary>One frame as it came from the wire: <see cref="Frame.Dts"/> is the 32-bit time of the wire, in milliseconds. The caller keeps its reference to the body.</summary>
    public void OnFrame(in Frame raw)
    {
        if (!_released.Task.IsCompleted) _point.OnFrame(raw);
    }

    /// <summary>Ends the publication: <c>closed</c>, <c>unpublished</c>, <c>takeover</c>. Idempotent.</summary>
    public void Close(string reason)
    {
        if (!_released.TrySetResult()) return;
        Client.Dispose();
        _registry.Release(_point, this, reason);
    }

    public void Dispose() => Close(JournalReasons.Closed);
}
