using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Sluice.Control.Api;

/// <summary>
/// <c>GET /app/name.cues</c>: a stream's cues as Server-Sent Events, for players whose pictures bring them none. Who may watch the stream may follow them, from any page.
/// </summary>
public static class CuePlayback
{
    private const string Extension = ".cues";
    private const string Protocol = "cues";

    /// <summary>Answers every path that ends in <c>.cues</c>.</summary>
    public static void UseCuePlayback(this WebApplication app, StreamRegistry registry, CueFeed feed) =>
        app.Use((context, next) => context.Request.Path.Value is { } path && path.EndsWith(Extension, StringComparison.Ordinal)
            ? AnswerAsync(context, path[1..^Extension.Length], registry, feed)
            : next(context));

    private static async Task AnswerAsync(HttpContext context, string path, StreamRegistry registry, CueFeed feed)
    {
        if (await MediaAnswers.AnswerMethodAsync(context)) return;
        try
        {
            var play = await registry.PlayAsync(new PlayRequest(path, MediaAnswers.QueryOf(context), Protocol, MediaAnswers.RemoteOf(context)), context.RequestAborted);
            if (play.Stream is not { } stream)
            {
                await Problems.WriteAsync(context, play.Refusal == PlayRefusal.Denied ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound, play.Reason);
                return;
            }
            EventAnswers.Begin(context);
            if (HttpMethods.IsHead(context.Request.Method)) return;
            using var reader = feed.Open(stream);
            if (reader is null)
            {
                await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"{CueFeed.MaxReaders} viewers follow cues already.");
                return;
            }
            while (await reader.NextAsync(context.RequestAborted) is { } text)
            {
                await context.Response.Body.WriteAsync(text, context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
            if (reader.IsDropped) context.Abort();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page was closed, or did not take what it was sent.
        }
    }
}
