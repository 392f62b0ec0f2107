using Sluice.Pipeline.Net;

namespace Sluice.Pipeline.Ingest;

/// <summary>The threads that read from plain RTMP connections: one for all that have only begun, and a few for those that publish.</summary>
/// <remarks>
/// A publisher's frames wait for nothing that viewers cause: a thousand that come at once are the pool's. With many publishers a thread that is woken takes what
/// several have sent meanwhile; one of them that floods gets no more than its turn.
/// </remarks>
public sealed class IngestLoops : IDisposable
{
    private const int CoresPerLoop = 4;

    private readonly Poller _openings = new Poller("rtmp openings").Start();
    private readonly Poller[] _loops;

    /// <param name="count">How many threads read media; null: one for each four cores.</param>
    public IngestLoops(int? count = null) =>
        _loops = [.. Enumerable.Range(0, count ?? (Environment.ProcessorCount + CoresPerLoop - 1) / CoresPerLoop).Select(i => new Poller($"ingest {i}").Start())];

    /// <summary>For a connection before it publishes or plays.</summary>
    internal Poller Openings => _openings;

    /// <summary>For one that publishes: the loop that has the fewest.</summary>
    internal Poller Choose() => _loops.MinBy(loop => loop.Count)!;

    public void Dispose()
    {
        _openings.Dispose();
        foreach (var loop in _loops) loop.Dispose();
    }
}
