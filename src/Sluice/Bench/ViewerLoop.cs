using System.Diagnostics;
using Sluice.Pipeline.Net;

namespace Sluice.Bench;

/// <summary>A thread that opens its share of the viewers in time and reads from them until the window ends, or all of them are lost.</summary>
/// <param name="viewers">All of them; number <paramref name="first"/> and every <paramref name="stride"/>th after it are this loop's.</param>
internal sealed class ViewerLoop(PlayTarget target, Viewer[] viewers, int first, int stride, PlayWindow window)
{
    private const int ScratchBytes = 256 << 10;
    private const int LongestWait = 200;

    /// <summary>From this many viewers on, a loop that has read waits a little before it looks again.</summary>
    /// <remarks>
    /// Else the server pays for how often this thread happens to fall asleep: waking it is most of what a send to the same machine costs, more often for a server
    /// that sends slowly than for one that sends fast, and viewers elsewhere cost no server that.
    /// </remarks>
    private const int Crowd = 100;

    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _scratch = GC.AllocateUninitializedArray<byte>(ScratchBytes);
    private int _next;

    public Thread Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "bench viewers" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        using var epoll = new Epoll();
        _next = first;
        while (Stopwatch.GetTimestamp() < window.End && !AreAllLost())
        {
            for (; _next < viewers.Length && Stopwatch.GetTimestamp() >= window.OpenAt(_next); _next += stride) viewers[_next].Open(target, epoll);
            var until = _next < viewers.Length ? window.OpenAt(_next) : window.End;
            var count = epoll.Wait(Math.Min(LongestWait, PlayWindow.MillisecondsUntil(until)));
            var now = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++) viewers[epoll.Ready(i)].OnReady(target, epoll, _scratch, window, now);
            if (count > 0 && viewers.Length >= Crowd) Thread.Sleep(Gathering);
        }
        for (var i = first; i < viewers.Length; i += stride) viewers[i].Finish(window);
    }

    private bool AreAllLost()
    {
        if (_next < viewers.Length) return false;
        for (var i = first; i < viewers.Length; i += stride)
            if (viewers[i].Lost is null) return false;
        return true;
    }
}
