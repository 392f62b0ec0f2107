using System.IO.Hashing;
using System.Net;
using System.Runtime.InteropServices;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Counts who watches by HLS, which has no connections to count: one viewer is one address with one query that asked for something lately.</summary>
/// <remarks>Bounded: beyond <see cref="MostKnown"/> nobody new is counted until some have gone. Any thread.</remarks>
internal sealed class HlsAudience(TimeProvider time)
{
    /// <summary>A player that asked for nothing for this long has gone: five segments.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private const int MostKnown = 100_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, long> _lastSeen = [];
    private long _lastSweep = time.GetTimestamp();

    public int Count
    {
        get
        {
            lock (_gate)
            {
                Sweep();
                return _lastSeen.Count;
            }
        }
    }

    public void Saw(IPAddress? remote, string query)
    {
        Span<byte> address = stackalloc byte[16];
        var length = 0;
        if (remote is not null) remote.TryWriteBytes(address, out length);
        var viewer = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(query.AsSpan()), (long)XxHash3.HashToUInt64(address[..length]));
        lock (_gate)
        {
            Sweep();
            if (_lastSeen.Count < MostKnown || _lastSeen.ContainsKey(viewer)) _lastSeen[viewer] = time.GetTimestamp();
        }
    }

    private void Sweep()
    {
        if (time.GetElapsedTime(_lastSweep) < Patience / 10) return;
        _lastSweep = time.GetTimestamp();
        foreach (var (viewer, seen) in _lastSeen)
            if (time.GetElapsedTime(seen) >= Patience) _lastSeen.Remove(viewer);
    }
}
