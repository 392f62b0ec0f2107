using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Sluice.Control.Api;

/// <summary>What all answers of Server-Sent Events have in common.</summary>
internal static class EventAnswers
{
    public const string ContentType = "text/event-stream";

    /// <summary>Nobody on the way is to keep the events, or to hold them back.</summary>
    public static void Begin(HttpContext context)
    {
        var response = context.Response;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";   // nginx
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }
}
