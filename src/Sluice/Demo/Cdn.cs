using System.Net;
using System.Net.Sockets;

namespace Sluice.Demo;

/// <summary>A CDN's place, taken by a real nginx with the RTMP module on a free port of this machine.</summary>
internal sealed class Cdn : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-demo-cdn-").FullName;
    private ChildProcess? _nginx;

    private Cdn(string name) => (Name, Port) = (name, FreePort());

    public string Name { get; }

    public int Port { get; }

    public string Url => $"rtmp://127.0.0.1:{Port}/live/show";

    /// <exception cref="IOException">It does not listen.</exception>
    public static async Task<Cdn> StartAsync(string name, CancellationToken stop)
    {
        var cdn = new Cdn(name);
        var config = Path.Combine(cdn._folder, "nginx.conf");
        await File.WriteAllTextAsync(config, $$"""
            load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
            daemon off;
            master_process off;
            pid {{cdn._folder}}/nginx.pid;
            error_log {{cdn._folder}}/error.log;
            events { worker_connections 256; }
            rtmp { server { listen 127.0.0.1:{{cdn.Port}}; chunk_size 4096; application live { live on; } } }
            """, stop);
        cdn._nginx = ChildProcess.Start("nginx", "-p", cdn._folder, "-c", config);
        for (var tries = 0; tries < 200 && !cdn._nginx.HasExited; tries++)
        {
            if (await cdn.ListensAsync(stop)) return cdn;
            await Task.Delay(50, stop);
        }
        var said = cdn._nginx.LastLine;
        await cdn.DisposeAsync();
        throw new IOException($"nginx does not listen as {name}: {said}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is { } nginx) await nginx.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> ListensAsync(CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port, stop);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
