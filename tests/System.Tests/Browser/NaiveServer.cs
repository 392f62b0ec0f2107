using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace System.Tests.Browser;

/// <summary>An HTTP-FLV server that sends tags just as it is told, each when it is due, a second ahead: for faults that Sluice does not make.</summary>
public sealed class NaiveServer : IAsyncDisposable
{
    private const long Ahead = 1000;

    private static readonly byte[] FileHeader = [.. "FLV"u8, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0];

    private readonly WebApplication _server;

    private NaiveServer(WebApplication server) => _server = server;

    public static async Task<NaiveServer> StartAsync(IReadOnlyDictionary<string, IReadOnlyList<FlvFileTag>> streams)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.UseRouting();
        ((IEndpointRouteBuilder)server).MapGet("/{name}.flv", (HttpContext context, string name) => SendAsync(context, streams[name]));
        await server.StartAsync();
        return new NaiveServer(server);
    }

    public string Url(string name) => $"{_server.Urls.Single()}/{name}.flv";

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task SendAsync(HttpContext context, IReadOnlyList<FlvFileTag> tags)
    {
        context.Response.ContentType = "video/x-flv";
        context.Response.Headers.AccessControlAllowOrigin = "*";
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        await context.Response.Body.WriteAsync(FileHeader);
        var clock = Stopwatch.StartNew();
        try
        {
            foreach (var tag in tags)
            {
                var wait = tag.Due - Ahead - clock.ElapsedMilliseconds;
                if (wait > 0) await Task.Delay((int)wait, context.RequestAborted);
                await context.Response.Body.WriteAsync(FlvFile.Bytes(tag), context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The viewer has left.
            context.Abort();
        }
    }
}
