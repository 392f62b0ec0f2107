namespace Sluice.Bench;

/// <summary>Many viewers of one stream, in this process, at little cost: after its first keyframe a viewer only counts bytes, which the kernel throws away.</summary>
internal static class PlayBench
{
    private const int ViewersPerThread = 8000;

    /// <summary>Runs the load; blocks until the window has ended.</summary>
    /// <param name="length">How long is measured, behind the ramp and the settling.</param>
    /// <param name="probes">How many of the viewers, evenly spread, look at the stamps of pictures.</param>
    /// <param name="server">A process whose CPU time and memory are measured over the window, too.</param>
    public static PlayReport Run(PlayTarget target, int count, int probes, TimeSpan length, int? server)
    {
        var idle = server is { } id ? ServerUsage.Of(id) : null;
        var window = new PlayWindow(count, length);
        var watching = new List<LatencyProbe>();
        var viewers = Enumerable.Range(0, count).Select(index => new Viewer(index, ProbeOf(index))).ToArray();
        var loops = Math.Clamp(count / ViewersPerThread + 1, 1, Environment.ProcessorCount);
        var threads = Enumerable.Range(0, loops).Select(loop => new ViewerLoop(target, viewers, loop, loops, window).Start()).ToArray();

        var start = At(window.Start, threads, server);
        var end = At(window.End, threads, server);
        foreach (var thread in threads) thread.Join();
        return PlayReport.Of(viewers, watching, length, bytes => UsedByServer.Between(idle, start, end, length.TotalSeconds, bytes / 1e9, count));

        LatencyProbe? ProbeOf(int index)
        {
            if ((long)index * probes / count == (index + 1L) * probes / count) return null;
            watching.Add(new LatencyProbe(window));
            return watching[^1];
        }
    }

    /// <summary>What the server has used at <paramref name="time"/>, or when the load has ended before.</summary>
    private static ServerUsage? At(long time, Thread[] threads, int? server)
    {
        foreach (var thread in threads) thread.Join(PlayWindow.MillisecondsUntil(time));
        return server is { } id ? ServerUsage.Of(id) : null;
    }
}
