using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Control.Api;

/// <summary>What all answers of Server-Sent Events have in common.</summary>
internal static class EventAnswers
{
    public const string ContentType = "text/event-stream";

    /// <summary>A page that takes nothing for so long is cut off: it may be gone, and what waits for it stays in memory.</summary>
    public static readonly TimeSpan SendTime = TimeSpan.FromSeconds(10);

    /// <summary>Nobody on the way is to keep the events, or to hold them back.</summary>
    public static void Begin(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";   // nginx
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    /// <summary>Sends events at once. False: the page does not take them, and its connection is cut off.</summary>
    public static async Task<bool> SendAsync(HttpContext context, ReadOnlyMemory<byte> events, TimeProvider time)
    {
        try
        {
            await WriteAsync(context, events).WaitAsync(SendTime, time);
            return true;
        }
        catch (TimeoutException)
        {
            context.Abort();   // which ends the write, too
            return false;
        }
    }

    private static async Task WriteAsync(HttpContext context, ReadOnlyMemory<byte> events)
    {
        await context.Response.Body.WriteAsync(events, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }
}
