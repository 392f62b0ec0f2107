using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace System.Tests.Browser;

/// <summary>A web server for the pages in <c>tests/Browser</c> and the npm packages that they use, on a free port of 127.0.0.1.</summary>
public sealed class Pages : IAsyncDisposable
{
    private readonly WebApplication _server;

    private Pages(WebApplication server) => _server = server;

    /// <summary>Where <c>./test</c> has put the npm packages of <c>tests/Browser</c>; it is another folder for each state of the lock.</summary>
    public static string Packages { get; } = FindPackages();

    private static string Folder => Path.Combine(FindRoot(), "tests/Browser");

    public static async Task<Pages> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Folder) });
        server.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Path.Combine(Packages, "node_modules")), RequestPath = "/node_modules" });
        await server.StartAsync();
        return new Pages(server);
    }

    public string Url(string page) => $"{_server.Urls.Single()}/{page}";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string FindPackages()
    {
        var state = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json"))));
        return Path.Combine(FindRoot(), "artifacts/npm", $"Browser-{state[..16]}");
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Sluice.slnx"))) return folder;
        throw new InvalidOperationException("The tests do not run below the repository.");
    }
}
