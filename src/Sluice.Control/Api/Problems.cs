using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace Sluice.Control.Api;

/// <summary>Errors as RFC 9457 problem details: what the endpoints return, and what a request gets that reached none.</summary>
internal static partial class Problems
{
    private const string ContentType = "application/problem+json";

    public static ProblemHttpResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    public static ProblemHttpResult Conflict(string detail) => Of(StatusCodes.Status409Conflict, detail);

    public static ProblemHttpResult TooMany(string detail) => Of(StatusCodes.Status429TooManyRequests, detail);

    public static ProblemHttpResult BadRequest(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    public static Task WriteAsync(HttpContext context, int status, string? detail)
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetails { Type = TypeOf(status), Title = ReasonPhrases.GetReasonPhrase(status), Status = status, Detail = detail };
        return context.Response.WriteAsJsonAsync(problem, ApiJson.Default.ProblemDetails, ContentType, context.RequestAborted);
    }

    /// <summary>Gives every error a body: routing's bare statuses, requests that can't be read, and our own mistakes.</summary>
    public static async Task CompleteAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        try
        {
            await next(context);
        }
        catch (BadHttpRequestException error) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, error.StatusCode, BadRequests.Describe(context, error));
            return;
        }
        catch (Exception error) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            Log.Failed(logger, error, context.Request.Method, context.Request.Path);
            await WriteAsync(context, StatusCodes.Status500InternalServerError, null);
            return;
        }
        var response = context.Response;
        if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null, ContentLength: null or 0 }) await WriteAsync(context, response.StatusCode, null);
    }

    private static ProblemHttpResult Of(int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status, title: ReasonPhrases.GetReasonPhrase(status), type: TypeOf(status));

    private static string TypeOf(int status) => $"https://www.rfc-editor.org/rfc/rfc9110#name-{status}-{ReasonPhrases.GetReasonPhrase(status).ToLowerInvariant().Replace(' ', '-')}";

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception error, string method, string path);
    }
}
