using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>What a server on this machine has used up to now.</summary>
/// <param name="CpuSeconds">User and system, of all its threads, since it started.</param>
/// <param name="Rss">Bytes of memory that are its own at the moment.</param>
internal readonly record struct ServerUsage(double CpuSeconds, long Rss)
{
    /// <summary>Null where there is no process <paramref name="id"/>.</summary>
    public static ServerUsage? Of(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return new ServerUsage(process.TotalProcessorTime.TotalSeconds, process.WorkingSet64);
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}

/// <summary>The same over a measurement.</summary>
internal sealed record UsedByServer(double CpuSecondsPerGb, double CpuPercent, double RssMb, double RssKbPerViewer)
{
    /// <param name="idle">Before the first viewer.</param>
    public static UsedByServer? Between(ServerUsage? idle, ServerUsage? start, ServerUsage? end, double seconds, double gigabytes, int viewers)
    {
        if (idle is not { } before || start is not { } first || end is not { } last) return null;
        var cpu = last.CpuSeconds - first.CpuSeconds;
        return new UsedByServer(
            gigabytes > 0 ? Math.Round(cpu / gigabytes, 3) : 0, Math.Round(100 * cpu / seconds, 1),
            Math.Round(last.Rss / 1e6, 1), Math.Round((last.Rss - before.Rss) / 1e3 / viewers, 1));
    }
}
