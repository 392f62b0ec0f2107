using System.Net;
using System.Net.Sockets;

namespace System.Tests.Parts;

/// <summary>Carries connections to an address of its own on to a port of 127.0.0.1, so that a server can be reached under another name.</summary>
public sealed class TcpRelay : IDisposable
{
    private readonly TcpListener _listener;
    private readonly int _target;

    public TcpRelay(IPAddress address, int target)
    {
        _target = target;
        _listener = new TcpListener(address, 0);
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

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
        using (here)
        {
            try
            {
                await there.ConnectAsync(IPAddress.Loopback, _target);
                await Task.WhenAny(here.GetStream().CopyToAsync(there.GetStream()), there.GetStream().CopyToAsync(here.GetStream()));
            }
            catch (Exception error) when (error is IOException or SocketException)
            {
                // One of them went.
            }
        }
    }
}
