using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Sluice.Control.Monitor;

namespace Sluice.Control.Api;

/// <summary>The OpenAPI document, made from the endpoints; here is what they do not say themselves.</summary>
internal static class ApiDescription
{
    public static void Configure(OpenApiOptions options)
    {
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Sluice",
                Version = Metrics.Version,
                Description = "Streams, connections and decisions of a Sluice server. Errors are RFC 9457 problem details; every POST needs content-type application/json. "
                    + "Where access.api is `key`, the key goes into the Authorization header as a bearer token, or into the query as `key`.",
            };
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.AddComponent("bearer", new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "access.apiKey of the server" });
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (context.JsonTypeInfo.Type == typeof(DateTimeOffset)) schema.Type = JsonSchemaType.String;
            if (context.JsonTypeInfo.Type == typeof(DateTimeOffset?)) schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? []) Describe(parameter);
            if (context.Description.HttpMethod == HttpMethods.Post)
                operation.Responses!["415"] = new OpenApiResponse { Description = "Unsupported Media Type" };
            return Task.CompletedTask;
        });
    }

    private static void Describe(OpenApiParameter parameter) => parameter.Description ??= parameter.Name switch
    {
        "app" => "All segments of the stream's path but the last; slashes within it as %2F.",
        "name" => "The last segment of the stream's path.",
        "source" => "The name of a source.",
        "target" => "The name of a push.",
        "id" => "The connection's id.",
        _ => null,
    };
}
