using System.Tests.Browser;

namespace System.Tests.Parts;

/// <summary>A real nginx as a caching proxy before a server, configured by what docs/playback.md has, on a free port of 127.0.0.1; it notes what it asked its origin for.</summary>
public sealed class CachingNginx : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Tool _process;

    private CachingNginx(string folder, int port, Tool process) => (_folder, Port, _process) = (folder, port, process);

    public int Port { get; }

    public static async Task<CachingNginx> StartAsync(int origin)
    {
        var folder = Directory.CreateTempSubdirectory("sluice-cache-").FullName;
        var port = Nginx.FreePort();
        var config = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(config, $$"""
            daemon off;
            master_process off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log error;
            events { worker_connections 8192; }
            http {
                log_format asked '$request_uri $status $upstream_status';
                access_log {{folder}}/access.log asked;
                client_body_temp_path {{folder}}/body;
                proxy_temp_path {{folder}}/proxy;
                fastcgi_temp_path {{folder}}/fastcgi;
                uwsgi_temp_path {{folder}}/uwsgi;
                scgi_temp_path {{folder}}/scgi;
                keepalive_timeout 60s;
                {{ConfigurationOf(folder, port, origin)}}
            }
            """);
        var process = Tool.Start("nginx", "-p", folder, "-c", config);
        await Nginx.ListensAsync(process, port, Path.Combine(folder, "error.log"));
        return new CachingNginx(folder, port, process);
    }

    /// <summary>The guide's own words, with addresses of ours.</summary>
    private static string ConfigurationOf(string folder, int port, int origin)
    {
        var guide = File.ReadAllText(Path.Combine(Pages.Root, "docs", "playback.md"));
        var configuration = guide.Split("```nginx\n")[1].Split("```")[0];
        foreach (var (theirs, ours) in (ReadOnlySpan<(string, string)>)[("/var/cache/nginx/sluice", $"{folder}/cache"), ("127.0.0.1:8080", $"127.0.0.1:{origin}"), ("listen 80;", $"listen 127.0.0.1:{port} backlog=4096;")])
        {
            Assert.Contains(theirs, configuration);
            configuration = configuration.Replace(theirs, ours, StringComparison.Ordinal);
        }
        return configuration;
    }

    /// <summary>The path and query of every request that went on to the origin.</summary>
    public async Task<IReadOnlyList<string>> AskedAsync()
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, "access.log"));
        return [.. lines.Select(line => line.Split(' ')).Where(words => words[2] != "-").Select(words => words[0])];
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
