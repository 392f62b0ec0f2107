using System.Collections.Concurrent;
using System.Net;
using Sluice.Pipeline.Output.Hls;

namespace Sluice.Pipeline;

public enum ClientKind { Publisher, Viewer, Push, Pull }

/// <summary>One connection that carries media, in or out, or one viewer of HLS, who has none that stays, as <c>GET /api/v1/clients</c> shows it.</summary>
/// <remarks>The owner of the connection writes the counters, from one thread; anybody reads them. Disposing it takes it off the list.</remarks>
public sealed class Client : IDisposable
{
    private readonly Clients _clients;
    private Action<string>? _close;
    private string? _closedFor;
    private long _bytesIn;
    private long _bytesOut;
    private int _lagMs;

    internal Client(Clients clients, long id, ClientKind kind, string protocol, string path, EndPoint? remote, DateTimeOffset since, bool isConnection)
    {
        (_clients, Id, Kind, Protocol, Path, Remote, Since, IsConnection) = (clients, id, kind, protocol, path, remote, since, isConnection);
    }

    /// <summary>Unique while the server runs.</summary>
    public long Id { get; }

    public ClientKind Kind { get; }

    /// <summary><c>rtmp</c>, <c>flv</c>, …</summary>
    public string Protocol { get; }

    /// <summary>What it publishes or watches: <c>app/name</c>.</summary>
    public string Path { get; }

    public EndPoint? Remote { get; }

    public DateTimeOffset Since { get; }

    /// <summary>Whether it is a connection that stays, with an end and a lag; false: a viewer of HLS.</summary>
    public bool IsConnection { get; }

    public long BytesIn => Volatile.Read(ref _bytesIn);

    public long BytesOut => Volatile.Read(ref _bytesOut);

    /// <summary>How far an output is behind the stream, in milliseconds.</summary>
    public int LagMs => Volatile.Read(ref _lagMs);

    public void AddBytesIn(long bytes) => Volatile.Write(ref _bytesIn, _bytesIn + bytes);

    public void AddBytesOut(long bytes) => Volatile.Write(ref _bytesOut, _bytesOut + bytes);

    /// <summary>As <see cref="AddBytesOut"/>, from any thread: a viewer of HLS asks for several things at once.</summary>
    public void AddServed(long bytes) => Interlocked.Add(ref _bytesOut, bytes);

    public void SetLag(int milliseconds) => Volatile.Write(ref _lagMs, milliseconds);

    /// <summary>Asks the owner to close the connection; returns at once. Any thread. Asked before the owner listens, it is told as soon as it does.</summary>
    public void Close(string reason)
    {
        Interlocked.CompareExchange(ref _closedFor, reason, null);   // a full fence, as below: one of the two sees what the other has written
        Volatile.Read(ref _close)?.Invoke(reason);
    }

    /// <summary>The owner listens. <paramref name="close"/> may be called from any thread, and more than once, and must only ask: it returns at once.</summary>
    public void OnClose(Action<string> close)
    {
        Interlocked.Exchange(ref _close, close);
        if (Volatile.Read(ref _closedFor) is { } reason) close(reason);
    }

    public void Dispose() => _clients.Remove(this);
}

/// <summary>Bytes that connections of one kind and protocol carried since the server started, those that have gone included.</summary>
public readonly record struct ClientTraffic(ClientKind Kind, string Protocol, int Count, long BytesIn, long BytesOut);

/// <summary>All connections that carry media, and the viewers of HLS.</summary>
public sealed class Clients
{
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<long, Client> _byId = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<(ClientKind Kind, string Protocol), ClientTraffic> _gone = [];
    private long _lastId;
    private long _served;

    public Clients(TimeProvider time) => (_time, Hls) = (time, new HlsAudience(this, time));

    /// <summary>Those who watch by HLS.</summary>
    public HlsAudience Hls { get; }

    public ICollection<Client> All => _byId.Values;

    public Client? Find(long id) => _byId.GetValueOrDefault(id);

    /// <summary>Lists a client, under its IPv4 address if it has one.</summary>
    public Client Add(ClientKind kind, string protocol, string path, EndPoint? remote, bool isConnection = true)
    {
        var plain = remote is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : remote;
        var client = new Client(this, Interlocked.Increment(ref _lastId), kind, protocol, path, plain, _time.GetUtcNow(), isConnection);
        _byId[client.Id] = client;
        return client;
    }

    /// <summary>A viewer of HLS, listed or not, was sent so many bytes.</summary>
    public void AddServed(long bytes) => Interlocked.Add(ref _served, bytes);

    /// <summary>How many connections there are, and what they and those before them carried: counters that never fall.</summary>
    public IReadOnlyCollection<ClientTraffic> Traffic()
    {
        var watching = Hls.Count();
        lock (_gate)
        {
            var traffic = new Dictionary<(ClientKind Kind, string Protocol), ClientTraffic>(_gone);
            foreach (var (_, client) in _byId) Count(traffic, client, 1);
            if (Volatile.Read(ref _served) is > 0 and var served) traffic[(ClientKind.Viewer, HlsOutput.Protocol)] = new ClientTraffic(ClientKind.Viewer, HlsOutput.Protocol, watching, 0, served);
            return traffic.Values;
        }
    }

    internal void Remove(Client client)
    {
        lock (_gate)
        {
            if (_byId.TryRemove(client.Id, out _)) Count(_gone, client, 0);
        }
    }

    private static void Count(Dictionary<(ClientKind Kind, string Protocol), ClientTraffic> traffic, Client client, int present)
    {
        if (!client.IsConnection) return;
        var sum = traffic.GetValueOrDefault((client.Kind, client.Protocol), new ClientTraffic(client.Kind, client.Protocol, 0, 0, 0));
        traffic[(client.Kind, client.Protocol)] = sum with
        {
            Count = sum.Count + present,
            BytesIn = sum.BytesIn + client.BytesIn,
            BytesOut = sum.BytesOut + client.BytesOut,
        };
    }
}
