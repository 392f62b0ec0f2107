using Sluice.Pipeline.Media;

namespace Sluice.Pipeline;

/// <summary>The right to feed one source; at most one exists for a publish point at a time. Disposing it frees the point.</summary>
/// <remarks>Used by one session, from one thread at a time.</remarks>
public sealed class PublishLease : IDisposable
{
    /// <summary>The session's entry in the list of clients; the session counts its bytes there.</summary>
    public Client Client => throw new NotSupportedException();

    /// <summary>One frame as it came from the wire: <see cref="Frame.Dts"/> is the 32-bit time of the wire, in milliseconds. The caller keeps its reference to the body.</summary>
    public void OnFrame(in Frame frame) => throw new NotSupportedException();

    /// <summary>Ends the publication; idempotent. <see cref="Dispose"/> alone means <c>closed</c>.</summary>
    public void Close(string reason) => throw new NotSupportedException();

    public void Dispose() => Close("closed");
}
