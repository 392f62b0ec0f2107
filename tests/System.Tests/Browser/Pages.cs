using System.Collections.Concurrent;
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
    /// <summary>Where pages may post what they have to report.</summary>
    public const string Reporting = "reports";

    private readonly WebApplication _server;

    private Pages(WebApplication server, ConcurrentQueue<string> reports) => (_server, Reports) = (server, reports);

    /// <summary>What was posted: a content type and a body each.</summary>
    public IReadOnlyCollection<string> Reports { get; }

    /// <summary>The working tree that the tests were built from.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Where <c>./test</c> has built sluice-player.</summary>
    public static string Player { get; } = Path.Combine(Root, "artifacts/player");

    /// <summary>Where <c>./test</c> has put the npm packages of <c>tests/Browser</c>; it is another folder for each state of the lock.</summary>
    public static string Packages { get; } = FindPackages();

    private static string Folder => Path.Combine(Root, "tests/Browser");

    public static async Task<Pages> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Folder) });
        server.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Path.Combine(Packages, "node_modules")), RequestPath = "/node_modules" });
        if (Directory.Exists(Player)) server.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(Player), RequestPath = "/player" });
        var reports = new ConcurrentQueue<string>();
        server.Run(async request =>
        {
            if (request.Request.Path != $"/{Reporting}")
            {
                request.Response.StatusCode = 404;
                return;
            }
            reports.Enqueue($"{request.Request.ContentType}\n{await new StreamReader(request.Request.Body).ReadToEndAsync()}");
            request.Response.StatusCode = 204;
        });
        await server.StartAsync();
        return new Pages(server, reports);
    }

    public string Url(string page) => $"{_server.Urls.Single()}/{page}";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static string FindPackages()
    {
        var state = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Folder, "package-lock.json"))));
        return Path.Combine(Root, "artifacts/npm", $"Browser-{state[..16]}");
    }

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Sluice.slnx"))) return folder;
        throw new InvalidOperationException("The tests do not run below the repository.");
    }
}
