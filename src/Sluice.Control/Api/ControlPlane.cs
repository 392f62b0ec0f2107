using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sluice.Control.Monitor;
using Sluice.Control.Security;
using Sluice.Pipeline;

namespace Sluice.Control.Api;

/// <summary>What the control plane looks at and acts on.</summary>
public sealed record ControlledServer(StreamRegistry Registry, Clients Clients, JournalStore Journal, LiveFeed Feed, Access Access, PrometheusText Metrics, TimeProvider Time);

/// <summary>
/// Everything an operator reaches over HTTP: the API under <c>/api/v1</c> with its description at <c>/openapi/v1.json</c>, <c>/metrics</c> and <c>/healthz</c>.
/// </summary>
/// <remarks>The API's access rule holds for all of it but <c>/healthz</c>. Errors are RFC 9457 problem details.</remarks>
public static class ControlPlane
{
    private const string Json = "application/json";

    /// <summary>Adds what <see cref="MapControlPlane"/> needs.</summary>
    public static IServiceCollection AddControlPlane(this IServiceCollection services)
    {
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(options =>
        {
            options.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            options.SerializerOptions.RespectNullableAnnotations = true;
            options.SerializerOptions.NumberHandling = ApiJson.Default.Options.NumberHandling;
            foreach (var converter in ApiJson.Default.Options.Converters) options.SerializerOptions.Converters.Add(converter);
        });
        return services.AddOpenApi("v1", ApiDescription.Configure);
    }

    /// <summary>Maps all endpoints.</summary>
    public static void MapControlPlane(this WebApplication app, ControlledServer server)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Sluice.Control.Api");
        app.UseWhen(ApiGate.Guards, branch =>
        {
            branch.Use((context, next) => Problems.CompleteAsync(context, next, logger));
            branch.Use((context, next) => ApiGate.PassAsync(context, next, server.Access));
            branch.Use(RequireJsonAsync);
        });
        app.MapOpenApi();
        app.MapGet("/healthz", () => TypedResults.Ok(new Health()))
            .WithName("getHealth").WithTags("server").WithSummary("Whether the server runs").WithDescription("Open to everybody.");
        app.MapGet("/metrics", () => TypedResults.Text(server.Metrics.Collect(), PrometheusText.ContentType))
            .WithName("getMetrics").WithTags("server").WithSummary("Metrics as Prometheus text").Produces<string>(contentType: "text/plain");

        var api = app.MapGroup("/api/v1")
            .ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden);
        StreamEndpoints.Map(api.MapGroup("").WithTags("streams"), server.Registry);
        CueEndpoints.Map(api.MapGroup("").WithTags("streams"), server.Registry, server.Time);
        ClientEndpoints.Map(api.MapGroup("").WithTags("clients"), server.Clients, server.Journal, server.Time);
        JournalEndpoints.Map(api.MapGroup("").WithTags("journal"), server.Journal);
        EventEndpoints.Map(api.MapGroup("").WithTags("events"), server.Feed, server.Time);
    }

    /// <summary>A page of another site can't send JSON without asking first, so no browser can be made to give orders here.</summary>
    private static Task RequireJsonAsync(HttpContext context, RequestDelegate next)
    {
        var isOrder = HttpMethods.IsPost(context.Request.Method) && context.GetEndpoint()?.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Contains(HttpMethods.Post) == true;
        return !isOrder || context.Request.HasJsonContentType()
            ? next(context)
            : Problems.WriteAsync(context, StatusCodes.Status415UnsupportedMediaType, $"POST needs content-type {Json}.");
    }
}
