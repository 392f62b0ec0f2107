using System.Net;
using System.Net.Sockets;

namespace System.Tests.Parts;

/// <summary>A real nginx with the RTMP module, on a free port of 127.0.0.1, with one live application <c>live</c>.</summary>
public sealed class Nginx : IAsyncDisposable
{
    private const string Module = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

    private readonly string _folder;
    private readonly string _application;
    private Tool? _process;

    private Nginx(string folder, string application, int port) => (_folder, _application, Port) = (folder, application, port);

    public int Port { get; }

    public string Url(string path) => $"rtmp://127.0.0.1:{Port}/{path}";

    /// <param name="application">More directives of the application: <c>pull …;</c>.</param>
    public static async Task<Nginx> StartAsync(string application = "")
    {
        var nginx = new Nginx(Directory.CreateTempSubdirectory("sluice-nginx-").FullName, application, FreePort());
        await nginx.StartAgainAsync();
        return nginx;
    }

    /// <summary>Starts it on the same port as before.</summary>
    public async Task StartAgainAsync()
    {
        var config = Path.Combine(_folder, "nginx.conf");
        await File.WriteAllTextAsync(config, $$"""
            load_module {{Module}};
            daemon off;
            master_process off;
            pid {{_folder}}/nginx.pid;
            error_log {{_folder}}/error.log info;
            events { worker_connections 256; }
            rtmp { server { listen 127.0.0.1:{{Port}}; chunk_size 4096; application live { live on; {{_application}} } } }
            """);
        _process = Tool.Start("nginx", "-p", _folder, "-c", config);
        await ListensAsync(_process, Port, Path.Combine(_folder, "error.log"));
    }

    /// <summary>Waits until an nginx that was started accepts connections.</summary>
    internal static async Task ListensAsync(Tool process, int port, string errors)
    {
        for (var end = DateTime.UtcNow.AddSeconds(10); DateTime.UtcNow < end; await Task.Delay(20))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                return;
            }
            catch (SocketException) when (!process.HasExited)
            {
                continue;
            }
        }
        throw new InvalidOperationException($"nginx does not listen: {process.Errors}{await File.ReadAllTextAsync(errors)}");
    }

    public async Task KillAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
