using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Sluice.Pipeline.Output;

/// <summary>How one egress loop is doing.</summary>
/// <param name="Usage">Part of one core, 0 to 1.</param>
/// <param name="IntervalMs">Least milliseconds between two sends to one viewer, as it stands now.</param>
/// <param name="Late">Walks over its subscribers that took longer than a tick, since the server started.</param>
public readonly record struct EgressLoad(int Subscribers, double Usage, double IntervalMs, long Late);

/// <summary>The server's egress loops, one a core: threads that own every write to viewers and pushes.</summary>
public sealed class EgressLoops : IDisposable
{
    private readonly EgressLoop[] _loops;

    /// <param name="count">How many threads; null: one a core.</param>
    public EgressLoops(EgressOptions options, TimeProvider time, int? count = null, ILogger? logger = null)
        : this(options, time, count ?? Environment.ProcessorCount, start: true, logger)
    {
    }

    /// <param name="start">False: no thread is started; a test ticks.</param>
    internal EgressLoops(EgressOptions options, TimeProvider time, int count, bool start, ILogger? logger = null)
    {
        _loops = new EgressLoop[Math.Max(1, count)];
        for (var i = 0; i < _loops.Length; i++)
        {
            _loops[i] = new EgressLoop(i, options.Tick, time, logger ?? NullLogger.Instance);
            if (start) _loops[i].Start();
        }
    }

    public int Count => _loops.Length;

    public IReadOnlyList<EgressLoad> Load => [.. _loops.Select(loop => new EgressLoad(loop.Subscribers, loop.Usage, loop.Interval, loop.Late))];

    /// <summary>Lets go of all subscribers and ends the threads.</summary>
    public void Dispose()
    {
        foreach (var loop in _loops) loop.Dispose();
    }

    /// <summary>The loop with the least to do.</summary>
    internal EgressLoop Choose()
    {
        var best = _loops[0];
        foreach (var loop in _loops)
            if (loop.Weight < best.Weight) best = loop;
        return best;
    }

    internal void OnPicture()
    {
        foreach (var loop in _loops) loop.OnPicture();
    }

    /// <summary>One tick of each, for tests without threads.</summary>
    internal void Tick()
    {
        foreach (var loop in _loops) loop.Tick();
    }
}
