using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Control.Security;
using Sluice.Pipeline;

namespace Sluice.Control.Api;

/// <summary>Lets those in whom the API's rule allows: everything under <c>/api</c>, <c>/metrics</c> and <c>/openapi</c>, known or not.</summary>
internal static class ApiGate
{
    private const string Bearer = "Bearer ";

    public static bool Guards(HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api") || context.Request.Path.StartsWithSegments("/metrics") || context.Request.Path.StartsWithSegments("/openapi");

    public static Task PassAsync(HttpContext context, RequestDelegate next, Access access)
    {
        var remote = context.Connection.RemoteIpAddress is { } address ? new IPEndPoint(address, context.Connection.RemotePort) : null;
        var decision = access.Authorise(AccessAction.Api, "", KeyOf(context.Request), remote);
        if (decision.IsAllowed)
        {
            // A page of another site may name this machine by a domain of its own, and would then be "this machine" in the browser that shows it.
            return access.ApiRule != AccessRule.Loopback || IsOwnName(context.Request.Host.Host) ? next(context)
                : Problems.WriteAsync(context, StatusCodes.Status403Forbidden, $"allowed over loopback only, by 127.0.0.1 or localhost, not as {context.Request.Host.Host}: a name that is not this machine's own might be anybody's");
        }
        if (access.ApiRule != AccessRule.Key) return Problems.WriteAsync(context, StatusCodes.Status403Forbidden, decision.Reason);
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, decision.Reason);
    }

    private static bool IsOwnName(string host) =>
        host.Length == 0 || IPAddress.TryParse(host, out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || host.Equals(Dns.GetHostName(), StringComparison.OrdinalIgnoreCase);

    private static string? KeyOf(HttpRequest request)
    {
        var header = request.Headers[HeaderNames.Authorization].ToString();
        return header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? header[Bearer.Length..].Trim() : Access.KeyIn(request.QueryString.Value?.TrimStart('?') ?? "");
    }
}
