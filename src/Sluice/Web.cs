using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Sluice.Control.Api;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;

namespace Sluice;

/// <summary>The web host behind the front door: HTTP/1.1 on <c>listen.http</c>, HTTP/1.1 and HTTP/2 under TLS on <c>listen.https</c>.</summary>
internal static class Web
{
    private const string Secured = "sluice.secured";

    /// <param name="certificate">The one in force; asked at each handshake.</param>
    public static WebApplication Build(Configuration.ListenOptions listen, FrontDoor door, Func<TlsCertificate> certificate, HandshakeLog failures, ILoggerFactory logs)
    {
        // Nothing is read but sluice.yaml: the slim builder would take appsettings.json and ASPNETCORE_*, and watch the working directory, all of it, for changes.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(logs);
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => door.UsePools(services.GetRequiredService<IMemoryPoolFactory<byte>>()));
        builder.Services.AddSingleton<IHostLifetime, SilentLifetime>();
        builder.Services.AddControlPlane();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            if (listen.Http is { } http) kestrel.Listen(new DoorAddress("http", http, isTls: false));
            if (listen.Https is { } https) kestrel.Listen(new DoorAddress("https", https, isTls: true), options => UseTls(options, certificate, failures));
        });
        return builder.Build();
    }

    /// <summary>What is bound, under the names of <c>listen</c>, with the ports that port 0 became.</summary>
    public static IEnumerable<(string Name, EndPoint Address)> Bound(WebApplication web, Configuration.ListenOptions listen)
    {
        foreach (var url in web.Urls.Select(url => new Uri(url)))
        {
            var address = url.Scheme == "https" ? listen.Https : listen.Http;
            yield return (url.Scheme, new IPEndPoint(address!.Address, url.Port));
        }
    }

    private static void UseTls(ListenOptions options, Func<TlsCertificate> certificate, HandshakeLog failures)
    {
        options.Protocols = HttpProtocols.Http1AndHttp2;
        options.Use(next => connection => TellFailureAsync(next, connection, failures));
        options.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = TlsDoor.Patience,
            OnConnection = _ => ValueTask.FromResult(certificate().ServerOptions()),
        });
        options.Use(next => connection =>
        {
            connection.Items[Secured] = true;
            return next(connection);
        });
    }

    /// <summary>The framework keeps failed handshakes to itself; where this returns and nothing was secured, there was one.</summary>
    private static async Task TellFailureAsync(ConnectionDelegate next, ConnectionContext connection, HandshakeLog failures)
    {
        var remote = connection.RemoteEndPoint;
        await next(connection);
        if (!connection.Items.ContainsKey(Secured)) failures.Report("https", remote, "its TLS handshake failed or was not done in time");
    }

    /// <summary>Signals are the command's business, not the web host's.</summary>
    private sealed class SilentLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
