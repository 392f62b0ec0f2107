using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace System.Tests.Parts;

/// <summary>Carries connections to an address of its own on to a port of 127.0.0.1, so that a server can be reached under another name.</summary>
public sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;
    /// <summary>Whether each connection is frozen.</summary>
    private readonly ConcurrentDictionary<TcpClient, bool> _carried = new();

    private readonly TaskCompletionSource _thawed = new();
    private volatile bool _isFrozen;

    /// <param name="port">Where it listens; 0: at any free port.</param>
    public TcpRelay(IPAddress address, int target, int port = 0)
    {
        _target = target;
        _listener = new TcpListener(address, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _thawed.TrySetResult();
    }

    /// <summary>Cuts every connection that it carries.</summary>
    public void Cut()
    {
        foreach (var (client, _) in _carried) client.Client.Close(0);
    }

    /// <summary>Carries nothing any more, while all connections stay open.</summary>
    public void Freeze() => _isFrozen = true;

    /// <summary>Carries nothing any more on the connections that there are, while they stay open; those to come are not touched.</summary>
    public void FreezeCarried()
    {
        foreach (var (client, _) in _carried) _carried[client] = true;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = CarryAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task CarryAsync(TcpClient here)
    {
        using var there = new TcpClient();
        _carried[here] = false;
        using (here)
        {
            try
            {
                await there.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(CopyAsync(here, here.GetStream(), there.GetStream()), CopyAsync(here, there.GetStream(), here.GetStream()));
            }
            catch (Exception error) when (error is IOException or SocketException or ObjectDisposedException)
            {
                // One of them went.
            }
            _carried.TryRemove(here, out _);
        }
    }

    private async Task CopyAsync(TcpClient carried, NetworkStream from, NetworkStream to)
    {
        var bytes = new byte[64 << 10];
        while (await from.ReadAsync(bytes) is > 0 and var count)
        {
            if (_isFrozen || _carried.GetValueOrDefault(carried)) await _thawed.Task;
            await to.WriteAsync(bytes.AsMemory(0, count));
        }
    }
}
