using System.Diagnostics;

namespace System.Tests.Matrix;

/// <summary>Notices when this machine itself did not run: a thread that wants to wake every few milliseconds, and did not.</summary>
internal sealed class StallWatch : IDisposable
{
    private const int Nap = 5;

    private readonly Thread _thread;
    private volatile bool _isOver;
    private long _worst;

    public StallWatch()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "stall watch" };
        _thread.Start();
    }

    /// <summary>The longest time that it was not woken, in milliseconds.</summary>
    public long WorstMs => Volatile.Read(ref _worst);

    public void Dispose()
    {
        _isOver = true;
        _thread.Join();
    }

    private void Run()
    {
        while (!_isOver)
        {
            var before = Stopwatch.GetTimestamp();
            Thread.Sleep(Nap);
            Volatile.Write(ref _worst, Math.Max(_worst, (long)Stopwatch.GetElapsedTime(before).TotalMilliseconds - Nap));
        }
    }
}
