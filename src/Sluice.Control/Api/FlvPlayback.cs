using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.WsFlv;

namespace Sluice.Control.Api;

/// <summary>
/// <c>GET /app/name.flv</c> where the web host keeps the connection (TLS, HTTP/2, a reused connection): the same bytes from the same cursors as plain HTTP gets.
/// </summary>
/// <remarks>Any page may read it (CORS), as with every media URL. A stream that is about to begin holds the answer. <c>Range</c> is not looked at: the answer is 200.</remarks>
public static partial class FlvPlayback
{
    private const string Extension = ".flv";
    private const string Protocol = "flv";

    /// <summary>Answers every path that ends in <c>.flv</c>.</summary>
    public static void UseFlvPlayback(this WebApplication app, StreamRegistry registry, Clients clients)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Sluice.Control.FlvPlayback");
        app.Use((context, next) => context.Request.Path.Value is { } path && path.EndsWith(Extension, StringComparison.Ordinal)
            ? AnswerAsync(context, path[1..^Extension.Length], registry, clients, logger)
            : next(context));
    }

    private static async Task AnswerAsync(HttpContext context, string path, StreamRegistry registry, Clients clients, ILogger logger)
    {
        var upgrade = WebSocketUpgrade.Of(context);
        if (upgrade is null && await MediaAnswers.AnswerMethodAsync(context)) return;
        if (upgrade?.Refusal is { } refusal)
        {
            await Problems.WriteAsync(context, refusal.Status, refusal.Reason);
            return;
        }
        try
        {
            var protocol = upgrade is null ? Protocol : WsFlvViewer.Protocol;
            var play = await registry.PlayAsync(new PlayRequest(path, MediaAnswers.QueryOf(context), protocol, MediaAnswers.RemoteOf(context)), context.RequestAborted);
            if (play.Stream is not { } stream)
            {
                await Problems.WriteAsync(context, play.Refusal == PlayRefusal.Denied ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound, play.Reason);
                return;
            }
            if (upgrade is not null)
            {
                await FeedAsync(context, path, stream, await upgrade.AcceptAsync(), clients, logger);
                return;
            }
            context.Response.ContentType = "video/x-flv";
            context.Response.Headers.CacheControl = "no-store";
            if (HttpMethods.IsGet(context.Request.Method)) await FeedAsync(context, path, stream, clients, logger);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.GoneEarly(logger, path, context.Connection.RemoteIpAddress);
        }
    }

    private static async Task FeedAsync(HttpContext context, string path, LiveStream stream, Stream upgraded, Clients clients, ILogger logger)
    {
        LetItLag(context);
        using var client = clients.Add(ClientKind.Viewer, WsFlvViewer.Protocol, path, MediaAnswers.RemoteOf(context));
        var end = await new WsFlvViewer(upgraded).WatchAsync(stream, client, TimeProvider.System, context.RequestAborted);
        Log.Ended(logger, path, context.Connection.RemoteIpAddress, end.Text);
        if (end.Reason != EndReason.StreamEnded) context.Abort();
    }

    private static async Task FeedAsync(HttpContext context, string path, LiveStream stream, Clients clients, ILogger logger)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        LetItLag(context);
        await context.Response.StartAsync(context.RequestAborted);

        using var client = clients.Add(ClientKind.Viewer, Protocol, path, MediaAnswers.RemoteOf(context));
        var subscriber = stream.Output.Open(context.Response.BodyWriter, new SubscribeRequest
        {
            Container = Container.Flv, Protocol = Protocol, Client = client, Join = stream.Options.Play.Join,
        });
        using var gone = context.RequestAborted.Register(() => subscriber.Stop("closed by the viewer"));
        var end = await subscriber.Finished;
        Log.Ended(logger, path, context.Connection.RemoteIpAddress, end.Text);
        // A proper end of the answer would tell the player that the show is over.
        if (end.Reason != EndReason.StreamEnded) context.Abort();
    }

    /// <summary>A viewer that lags is the egress loop's to judge, by egress.maxLag.</summary>
    private static void LetItLag(HttpContext context)
    {
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate) rate.MinDataRate = null;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Viewer of {Path} from {Remote} ended: {Reason}")]
        public static partial void Ended(ILogger logger, string path, IPAddress? remote, string reason);

        [LoggerMessage(2, LogLevel.Debug, "Viewer of {Path} from {Remote} went before the answer")]
        public static partial void GoneEarly(ILogger logger, string path, IPAddress? remote);
    }
}
