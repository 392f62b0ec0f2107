using System.IO.Hashing;
using System.Net;
using System.Runtime.InteropServices;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>
/// Who watches by HLS, which has no connections to list: one viewer is one address that asks for one path with one query, and asked lately. It is a client like others; one that is closed
/// is refused for a while.
/// </summary>
/// <remarks>
/// Bounded: beyond <see cref="MostKnown"/> nobody new is counted until some have gone, beyond <see cref="MostListed"/> nobody is listed. Any thread; asked by requests and by those who watch
/// over the server, never where media come in.
/// </remarks>
public sealed class HlsAudience(Clients clients, TimeProvider time)
{
    /// <summary>A player that asked for nothing for this long has gone: five segments.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>How long a viewer is refused that was closed.</summary>
    public static readonly TimeSpan RefusalTime = TimeSpan.FromSeconds(30);

    private const int MostKnown = 100_000;
    private const int MostListed = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, Viewer> _known = [];
    private readonly Dictionary<string, int> _counts = [];
    private long _lastSweep = time.GetTimestamp();
    private int _listed;

    /// <summary>How many watch a path.</summary>
    public int CountOf(string path)
    {
        lock (_gate)
        {
            Sweep();
            return _counts.GetValueOrDefault(path);
        }
    }

    /// <summary>How many watch.</summary>
    public int Count()
    {
        lock (_gate)
        {
            Sweep();
            return _counts.Values.Sum();
        }
    }

    /// <summary>Somebody asks for a playlist or for media.</summary>
    /// <param name="client">Its entry in the list of clients; null where it has none.</param>
    /// <returns>False: it was closed, and is refused for a while.</returns>
    public bool TryAdmit(string path, IPAddress? remote, string query, out Client? client)
    {
        if (remote is { IsIPv4MappedToIPv6: true }) remote = remote.MapToIPv4();
        var key = KeyOf(path, remote, query);
        var now = time.GetTimestamp();
        lock (_gate)
        {
            Sweep();
            if (_known.TryGetValue(key, out var viewer) && viewer.ClosedAt is { } closed)
            {
                client = null;
                if (time.GetElapsedTime(closed) < RefusalTime) return false;
                _known.Remove(key);
                viewer = null;
            }
            if (viewer is null && _known.Count < MostKnown) viewer = Add(key, path, remote);
            if (viewer is not null) viewer.LastSeen = now;
            client = viewer?.Client;
            return true;
        }
    }

    private Viewer Add(ulong key, string path, IPAddress? remote)
    {
        var viewer = _known[key] = new Viewer(path);
        _counts[path] = _counts.GetValueOrDefault(path) + 1;
        if (_listed >= MostListed) return viewer;
        _listed++;
        viewer.Client = clients.Add(ClientKind.Viewer, HlsOutput.Protocol, path, remote is null ? null : new Address(remote), isConnection: false);
        viewer.Client.OnClose(_ => Refuse(key));
        return viewer;
    }

    private void Refuse(ulong key)
    {
        lock (_gate)
        {
            if (!_known.TryGetValue(key, out var viewer) || viewer.ClosedAt is not null) return;
            viewer.ClosedAt = time.GetTimestamp();
            Leave(viewer);
        }
    }

    private void Sweep()
    {
        if (time.GetElapsedTime(_lastSweep) < Patience / 10) return;
        _lastSweep = time.GetTimestamp();
        foreach (var (key, viewer) in _known)
        {
            if (time.GetElapsedTime(viewer.ClosedAt ?? viewer.LastSeen) < (viewer.ClosedAt is null ? Patience : RefusalTime)) continue;
            if (viewer.ClosedAt is null) Leave(viewer);
            _known.Remove(key);
        }
    }

    private void Leave(Viewer viewer)
    {
        var left = _counts[viewer.Path] - 1;
        if (left > 0) _counts[viewer.Path] = left;
        else _counts.Remove(viewer.Path);
        if (viewer.Client is null) return;
        _listed--;
        viewer.Client.Dispose();
    }

    private static ulong KeyOf(string path, IPAddress? remote, string query)
    {
        Span<byte> address = stackalloc byte[16];
        var length = 0;
        if (remote is not null) remote.TryWriteBytes(address, out length);
        var place = XxHash3.HashToUInt64(MemoryMarshal.AsBytes(path.AsSpan()), (long)XxHash3.HashToUInt64(address[..length]));
        return XxHash3.HashToUInt64(MemoryMarshal.AsBytes(query.AsSpan()), (long)place);
    }

    private sealed class Viewer(string path)
    {
        public string Path => path;

        public Client? Client { get; set; }

        public long LastSeen { get; set; }

        public long? ClosedAt { get; set; }
    }

    /// <summary>An address without a port: a viewer has several connections, one after the other.</summary>
    private sealed class Address(IPAddress address) : EndPoint
    {
        public override string ToString() => address.ToString();
    }
}
