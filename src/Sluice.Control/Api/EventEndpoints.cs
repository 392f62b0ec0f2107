using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Sluice.Control.Monitor;

namespace Sluice.Control.Api;

/// <summary>The live feed as Server-Sent Events: what the console shows, for anybody who wants to follow.</summary>
internal static class EventEndpoints
{
    public static void Map(IEndpointRouteBuilder routes, LiveFeed feed, TimeProvider time) =>
        routes.MapGet("/events", (HttpContext context, [Description("Only this stream (app/name), in full; without it all streams in brief.")] string? stream) => FollowAsync(context, feed, time, stream ?? ""))
            .WithName("watchEvents").WithSummary("What goes on, as it goes on")
            .WithDescription("Server-Sent Events: `hello`, `history` (the last ten minutes of a stream), `journal` (with ids: Last-Event-ID resumes), then twice a second `streams` or `stream`, each second `sample`, and `cue`.")
            .Produces<string>(contentType: EventAnswers.ContentType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task FollowAsync(HttpContext context, LiveFeed feed, TimeProvider time, string topic)
    {
        var lastEventId = context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } id] ? id : null;
        using var reader = feed.Open(topic, lastEventId);
        if (reader is null)
        {
            await Problems.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, $"{LiveFeed.MaxReaders} pages follow already.");
            return;
        }
        EventAnswers.Begin(context);
        try
        {
            for (ReadOnlyMemory<byte>? bytes = reader.Opening; bytes is { } text; bytes = await reader.NextAsync(context.RequestAborted))
                if (!await EventAnswers.SendAsync(context, text, time)) return;
            if (reader.IsDropped) context.Abort();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The page was closed, or did not take what it was sent.
        }
    }
}
