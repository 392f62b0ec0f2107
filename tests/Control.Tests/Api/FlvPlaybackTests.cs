using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice.Pipeline;

namespace Control.Tests.Api;

public sealed class FlvPlaybackTests
{
    private const string Url = "/live/vip/one.flv";

    [Fact]
    public async Task A_viewer_gets_the_stream_counts_as_one_and_sees_its_end()
    {
        await using var server = await TestServer.StartAsync();
        var lease = await server.PublishAsync("live/vip/one");
        server.Run(lease);
        using var answer = await server.Http.GetAsync(Url, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("video/x-flv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        await using var body = await answer.Content.ReadAsStreamAsync();
        var header = new byte[9];
        await body.ReadExactlyAsync(header);
        Assert.Equal("FLV"u8.ToArray(), header[..3]);
        var clients = (await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/clients")).GetProperty("clients");
        Assert.Contains(clients.EnumerateArray(), client => client.GetProperty("kind").GetString() == "viewer" && client.GetProperty("protocol").GetString() == "flv");

        lease.Dispose();
        await server.Registry.DisposeAsync();
        var rest = new MemoryStream();
        await body.CopyToAsync(rest);
        Assert.True(rest.ToArray().AsSpan().IndexOf((ReadOnlySpan<byte>)[0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41]) >= 0);
    }

    [Fact]
    public async Task An_operator_closes_a_viewer_and_its_answer_is_cut_off()
    {
        await using var server = await TestServer.StartAsync();
        using var lease = await server.PublishAsync("live/vip/one");
        server.Run(lease);
        using var answer = await server.Http.GetAsync(Url, HttpCompletionOption.ResponseHeadersRead);
        await using var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[9]);
        var viewer = server.Clients.All.Single(client => client.Kind == ClientKind.Viewer);
        await server.Http.DeleteAsync($"/api/v1/clients/{viewer.Id}");
        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task What_nobody_publishes_is_not_found()
    {
        await using var server = await TestServer.StartAsync();
        var answer = await server.Http.GetAsync("/live/nothing.flv");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/.flv")).StatusCode);
    }

    [Fact]
    public async Task A_viewer_without_the_key_is_refused()
    {
        await using var server = await TestServer.StartAsync(new AccessOptions { Play = AccessRule.Key, PlayKey = "k" });
        using var lease = await server.PublishAsync("live/vip/one");
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.GetAsync(Url)).StatusCode);
        using var head = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Url + "?key=k"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("video/x-flv", head.Content.Headers.ContentType!.MediaType);
        Assert.DoesNotContain(server.Clients.All, client => client.Kind == ClientKind.Viewer);
    }

    [Fact]
    public async Task A_browser_may_ask_first_and_may_not_post()
    {
        await using var server = await TestServer.StartAsync();
        var options = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Options, Url));
        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Equal("GET, HEAD, OPTIONS", string.Join(", ", options.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Http.PostAsync(Url, null)).StatusCode);
    }
}
