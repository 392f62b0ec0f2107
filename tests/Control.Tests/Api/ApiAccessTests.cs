using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Pipeline;

namespace Control.Tests.Api;

public sealed class ApiAccessTests
{
    [Theory]
    [InlineData("/api/v1/streams")]
    [InlineData("/api/v1/nothing")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    public async Task By_default_only_this_machine_is_answered(string url)
    {
        await using var server = await TestServer.StartAsync();
        server.From = IPAddress.Parse("192.0.2.1");
        server.Http.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");
        server.Http.DefaultRequestHeaders.Add("Forwarded", "for=127.0.0.1");
        var answer = await server.Http.GetAsync(url);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        var detail = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString();
        Assert.Equal("allowed over loopback only: on the server's own machine by 127.0.0.1 or localhost; access.api says who else may", detail);
        Assert.Equal("access", server.Journal.Query(null, 1)[0].Kind);

        server.From = IPAddress.Parse("::ffff:127.0.0.1");
        Assert.NotEqual(HttpStatusCode.Forbidden, (await server.Http.GetAsync(url)).StatusCode);
    }

    [Theory]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("sluice.localhost:8080", HttpStatusCode.OK)]
    [InlineData("[::1]:8080", HttpStatusCode.OK)]
    [InlineData("127.0.0.1.rebound.example", HttpStatusCode.Forbidden)]
    public async Task A_domain_that_somebody_points_at_this_machine_is_not_this_machine(string host, HttpStatusCode status)
    {
        await using var server = await TestServer.StartAsync();
        server.Http.DefaultRequestHeaders.Host = host;
        Assert.Equal(status, (await server.Http.GetAsync("/api/v1/streams")).StatusCode);
    }

    [Fact]
    public async Task Health_is_open_to_everybody()
    {
        await using var server = await TestServer.StartAsync();
        server.From = IPAddress.Parse("192.0.2.1");
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/healthz")).StatusCode);
    }

    [Fact]
    public async Task A_key_comes_as_bearer_token_or_in_the_query()
    {
        await using var server = await TestServer.StartAsync(new AccessOptions { Api = AccessRule.Key, ApiKey = "a b" });
        var none = await server.Http.GetAsync("/api/v1/streams");
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        Assert.Equal("Bearer", none.Headers.WwwAuthenticate.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Http.GetAsync("/api/v1/streams?key=ab")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/api/v1/streams?key=a%20b")).StatusCode);
        server.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a b");
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/api/v1/streams")).StatusCode);
    }
}
