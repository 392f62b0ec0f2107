using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Sluice.Control.Api;

/// <summary>
/// <c>GET /app/name.cues</c>: what players are told beside the media, as Server-Sent Events: whether the show is dark, and its cues. Who may watch the stream may follow, from any page.
/// </summary>
public static class CuePlayback
{
    private const string Extension = ".cues";
    private const string Protocol = "cues";

    /// <summary>Answers every path that ends in <c>.cues</c>.</summary>
    public static void UseCuePlayback(this WebApplication app, StreamRegistry registry, CueFeed feed, TimeProvider time) =>
        app.Use((context, next) => context.Request.Path.Value is { } path && path.EndsWith(Extension, StringComparison.Ordinal)
            ? AnswerAsync(context, path[1..^Extension.Length], registry, feed, time)
            : next(context));

    private static async Task AnswerAsync(HttpContext context, string path, StreamRegistry registry, CueFeed feed, TimeProvider time)
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
                if (!await EventAnswers.SendAsync(context, text, time)) return;
            if (reader.IsDropped) context.Abort();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page was closed, or did not take what it was sent.
        }
    }
}
