using System.Text.Json;
using System.Text.Json.Nodes;
using Control.Tests.House;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Control.Tests.Api;

/// <summary>The document at <c>/openapi/v1.json</c>. <c>SLUICE_UPDATE_OPENAPI=1</c> makes the tests rewrite the committed one.</summary>
public sealed class OpenApiTests : IAsyncLifetime
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task The_committed_document_is_up_to_date()
    {
        var path = Path.Combine(RepositoryRoot.Path, "docs", "openapi.json");
        var served = (await DocumentAsync()).ToJsonString(Indented).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("SLUICE_UPDATE_OPENAPI") == "1") File.WriteAllText(path, served);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == served, "docs/openapi.json is not what the server describes: run the tests once with SLUICE_UPDATE_OPENAPI=1");
    }

    [Fact]
    public async Task Every_route_is_described_with_a_summary_a_name_and_its_parameters()
    {
        var paths = (await DocumentAsync())["paths"]!.AsObject();
        var routes = _server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(route => !route.RoutePattern.RawText!.StartsWith("/openapi", StringComparison.Ordinal)).ToList();
        Assert.True(routes.Count >= 13);
        foreach (var route in routes)
        {
            var path = "/" + route.RoutePattern.RawText!.Replace(":long", "", StringComparison.Ordinal).Trim('/');
            foreach (var method in route.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods)
            {
                var operation = paths[path]?[method.ToLowerInvariant()];
                Assert.True(operation is not null, $"{method} {path} is not described");
                Assert.NotNull(operation["summary"]);
                Assert.NotNull(operation["operationId"]);
                Assert.Equal(route.RoutePattern.Parameters.Select(parameter => parameter.Name).Order(),
                    (operation["parameters"]?.AsArray() ?? []).Where(p => (string?)p!["in"] == "path").Select(p => (string)p!["name"]!).Order());
                Assert.All(operation["parameters"]?.AsArray() ?? [], p => Assert.NotNull(p!["description"]));
            }
        }
    }

    [Fact]
    public async Task States_are_described_by_their_words_and_fields_by_what_they_mean()
    {
        var schemas = (await DocumentAsync())["components"]!["schemas"]!;
        Assert.Equal(["idle", "starting", "live", "slate"], schemas["StreamState"]!["enum"]!.AsArray().Select(word => (string)word!));
        var source = schemas["SourceSnapshot"]!["properties"]!;
        Assert.Equal("integer", (string)source["gopMs"]!["type"]!);
        Assert.Contains("keyframes", (string)source["gopMs"]!["description"]!);
    }

    private async Task<JsonNode> DocumentAsync() => JsonNode.Parse(await _server.Http.GetStringAsync("/openapi/v1.json"))!;
}
