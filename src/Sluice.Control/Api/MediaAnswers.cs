using System.Net;
using Microsoft.AspNetCore.Http;

namespace Sluice.Control.Api;

/// <summary>What all answers that carry media have in common: any page may read them, and a browser may ask first.</summary>
internal static class MediaAnswers
{
    private const string Methods = "GET, HEAD, OPTIONS";

    public static IPEndPoint? RemoteOf(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;

    /// <summary>The query of the URL, without its <c>?</c>.</summary>
    public static string QueryOf(HttpContext context) => context.Request.QueryString.Value?.TrimStart('?') ?? "";

    /// <summary>Opens the answer to all origins and answers what is no GET and no HEAD; true: nothing is left to do.</summary>
    public static async Task<bool> AnswerMethodAsync(HttpContext context)
    {
        AllowAllOrigins(context.Response);
        var method = context.Request.Method;
        if (HttpMethods.IsGet(method) || HttpMethods.IsHead(method)) return false;
        if (HttpMethods.IsOptions(method))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return true;
        }
        context.Response.Headers.Allow = Methods;
        await Problems.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, null);
        return true;
    }

    private static void AllowAllOrigins(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowMethods = Methods;
        response.Headers.AccessControlAllowHeaders = "*";
        response.Headers.AccessControlExposeHeaders = "*";
        response.Headers.AccessControlMaxAge = "86400";
    }
}
