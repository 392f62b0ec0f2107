using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Sluice.Control.Monitor;

namespace Control.Tests.Api;

public sealed class ApiTests : IAsyncLifetime
{
    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_stream_nobody_feeds_is_idle_and_shows_every_field()
    {
        var text = await _server.Http.GetStringAsync(TestServer.Stream);
        Assert.StartsWith("""{"name":"live/vip/show","state":"idle","active":null,"darkSince":null,"endsAt":null,"delayMs":0,"sources":[{"name":"a","state":"absent","path":"live/vip/show-a","active":false,"score":0,"fps":0,"kbps":0,"gopMs":0,"lagMs":0,"alignment":null,"rttMs":null,"lossPct":null,"complaint":null,"lastError":null,"clearMs":0,"timeRepairs":0,"parameters":null,"parametersDiffer":null},{"name":"b",""", text);
        Assert.EndsWith(""" ],"viewers":{"flv":0,"wsFlv":0,"rtmp":0,"hls":0},"push":[]}""".TrimStart(), text);
    }

    [Fact]
    public async Task The_list_has_each_stream_as_it_is_alone()
    {
        var one = await GetAsync(TestServer.Stream);
        var list = (await GetAsync("/api/v1/streams")).GetProperty("streams");
        Assert.Equal(one.GetRawText(), Assert.Single(list.EnumerateArray()).GetRawText());
    }

    [Fact]
    public async Task Switching_to_a_source_gives_the_stream_and_is_done()
    {
        using var lease = await _server.PublishAsync("live/vip/show-b");
        var answer = await PostAsync($"{TestServer.Stream}/switch", """{"source":"b"}""");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var stream = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("probing", stream.GetProperty("sources")[1].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("/api/v1/streams/live/nothing/switch", "b", 404, "no stream 'live/nothing'")]
    [InlineData($"{TestServer.Stream}/switch", "z", 404, "no source 'z'; it has a, b")]
    [InlineData($"{TestServer.Stream}/switch", "b", 409, "it is absent")]
    public async Task A_switch_that_cannot_be_says_why(string url, string source, int status, string detail) =>
        await AssertProblemAsync(await PostAsync(url, $$"""{"source":"{{source}}"}"""), status, detail);

    [Fact]
    public async Task Excluding_and_including_a_source_shows_at_once_and_is_in_the_journal()
    {
        using var lease = await _server.PublishAsync("live/vip/show-a");
        var excluded = await (await PostAsync($"{TestServer.Stream}/sources/a/exclude")).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("excluded", excluded.GetProperty("sources")[0].GetProperty("state").GetString());
        await AssertProblemAsync(await PostAsync($"{TestServer.Stream}/switch", """{"source":"a"}"""), 409, "excluded");
        var included = await (await PostAsync($"{TestServer.Stream}/sources/a/include")).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("probing", included.GetProperty("sources")[0].GetProperty("state").GetString());

        var entries = (await GetAsync("/api/v1/journal?stream=live/vip/show&limit=2")).GetProperty("entries");
        Assert.Equal(2, entries.GetArrayLength());
        Assert.Equal("operator", entries[1].GetProperty("reason").GetString());
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", entries[0].GetProperty("time").GetString());
    }

    [Theory]
    [InlineData("sources/z/exclude", "no source 'z'")]
    [InlineData("push/cdn/start", "no push 'cdn'; it has none")]
    [InlineData("push/cdn/stop", "no push 'cdn'; it has none")]
    public async Task An_unknown_part_of_a_stream_is_named(string command, string detail) =>
        await AssertProblemAsync(await PostAsync($"{TestServer.Stream}/{command}"), 404, detail);

    [Theory]
    [InlineData("switch")]
    [InlineData("sources/a/exclude")]
    public async Task A_post_that_is_not_json_is_refused_and_does_nothing(string command)
    {
        using var lease = await _server.PublishAsync("live/vip/show-a");
        await AssertProblemAsync(await _server.Http.PostAsync($"{TestServer.Stream}/{command}", new StringContent("source=a", Encoding.UTF8, "text/plain")), 415, null);
        await AssertProblemAsync(await _server.Http.PostAsync($"{TestServer.Stream}/{command}", null), 415, null);
        Assert.Equal("probing", (await GetAsync(TestServer.Stream)).GetProperty("sources")[0].GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("switch", "{", "The body is no JSON (line 1, byte 2).")]
    [InlineData("switch", "{}", "The body must be a JSON object with source (text).")]
    [InlineData("switch", "[]", "The body must be a JSON object with source (text).")]
    [InlineData("switch", "null", "The body must be a JSON object with source (text).")]
    [InlineData("switch", """{"source":3}""", "source must be text.")]
    [InlineData("switch", """{"source":null}""", "source must be text.")]
    [InlineData("switch", """{"source":""", "The body is no JSON (line 1, byte 11).")]
    [InlineData("switch", "", "The body must be a JSON object with source (text).")]
    [InlineData("cues", "{}", "The body must be a JSON object with id (text); it may have payload (text), at (a time such as 2026-11-23T20:00:00Z).")]
    [InlineData("cues", """{"id":null}""", "id must be text.")]
    [InlineData("cues", """{"id":"a","at":"soon"}""", "at must be a time such as 2026-11-23T20:00:00Z.")]
    public async Task A_body_that_cannot_be_read_is_told_in_the_words_of_the_API(string order, string body, string detail) =>
        await AssertProblemAsync(await PostAsync($"{TestServer.Stream}/{order}", body), 400, detail);

    [Theory]
    [InlineData("/api/v1/journal?limit=0", "1 to 10000")]
    [InlineData("/api/v1/journal?limit=10001", "1 to 10000")]
    [InlineData("/api/v1/journal?limit=many", "limit must be a whole number, not 'many'.")]
    public async Task A_limit_out_of_range_is_a_bad_request(string url, string detail) => await AssertProblemAsync(await _server.Http.GetAsync(url), 400, detail);

    [Fact]
    public async Task Clients_are_listed_shown_and_closed()
    {
        string? closed = null;
        using var lease = await _server.PublishAsync("live/vip/show-a", reason => closed = reason);
        var client = Assert.Single((await GetAsync("/api/v1/clients")).GetProperty("clients").EnumerateArray().ToList());
        Assert.Equal(("publisher", "rtmp", "live/vip/show-a", "127.0.0.1:4000", 29L), (client.GetProperty("kind").GetString(), client.GetProperty("protocol").GetString(),
            client.GetProperty("path").GetString(), client.GetProperty("remote").GetString(), client.GetProperty("bytesIn").GetInt64()));
        var url = $"/api/v1/clients/{client.GetProperty("id").GetInt64()}";
        Assert.Equal(client.GetRawText(), (await GetAsync(url)).GetRawText());

        Assert.Equal(HttpStatusCode.NoContent, (await _server.Http.DeleteAsync(url)).StatusCode);
        Assert.Equal("closed by the operator", closed);
        Assert.Equal("rtmp publisher closed", _server.Journal.Query("live/vip/show-a", 1)[0].Note);
        await AssertProblemAsync(await _server.Http.DeleteAsync("/api/v1/clients/999"), 404, "no client 999");
        await AssertProblemAsync(await _server.Http.GetAsync("/api/v1/clients/999"), 404, "no client 999");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404)]
    [InlineData("GET", "/api/v1/streams/live", 404)]
    [InlineData("GET", "/api/v1/clients/abc", 404)]
    [InlineData("PUT", "/api/v1/streams", 405)]
    [InlineData("GET", $"{TestServer.Stream}/switch", 405)]
    public async Task What_no_endpoint_answers_is_a_problem_too(string method, string url, int status) =>
        await AssertProblemAsync(await _server.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), url)), status, null);

    [Fact]
    public async Task Health_answers_ok() => Assert.Equal("ok", (await GetAsync("/healthz")).GetProperty("status").GetString());

    [Fact]
    public async Task Metrics_tell_of_streams_sources_and_connections()
    {
        var lease = await _server.PublishAsync("live/vip/show-a");
        var answer = await _server.Http.GetAsync("/metrics");
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("sluice_source_state{stream=\"live/vip/show\",source=\"a\",state=\"probing\"} 1\n", text);
        Assert.Contains("sluice_source_state{stream=\"live/vip/show\",source=\"a\",state=\"healthy\"} 0\n", text);
        Assert.Contains("sluice_clients{kind=\"publisher\",protocol=\"rtmp\"} 1\n", text);
        Assert.Contains("sluice_stream_viewers{stream=\"live/vip/show\",protocol=\"flv\"} 0\n", text);
        Assert.Matches("sluice_build_info{version=\"[^\"]+\"} 1\n", text);

        lease.Dispose();
        text = await _server.Http.GetStringAsync("/metrics");
        Assert.Contains("sluice_clients{kind=\"publisher\",protocol=\"rtmp\"} 0\n", text);
        Assert.Contains("sluice_ingest_bytes_total{kind=\"publisher\",protocol=\"rtmp\"} 29\n", text);
    }

    private async Task<JsonElement> GetAsync(string url) => await _server.Http.GetFromJsonAsync<JsonElement>(url);

    [Fact]
    public async Task A_cue_is_accepted_with_its_picture_and_told_to_pages()
    {
        var lease = await _server.PublishAsync("live/vip/show-a");
        _server.Run(lease, to: 302);
        using var feed = _server.Feed.Open("live/vip/show", null)!;
        var accepted = await (await PostAsync($"{TestServer.Stream}/cues", """{"id":"draw","payload":"go"}""")).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("draw", accepted.GetProperty("id").GetString());
        Assert.True(accepted.GetProperty("ptsMs").GetInt64() > 0);
        var next = feed.NextAsync(default);
        _server.FeedTime.Advance(LiveFeed.Period);
        var told = Encoding.UTF8.GetString((await next)!.Value.Span);
        Assert.Contains("event: cue\ndata: {\"stream\":\"live/vip/show\",\"id\":\"draw\",\"pts\":", told);
        await AssertProblemAsync(await PostAsync($"{TestServer.Stream}/cues", """{"id":"draw"}"""), 409, "already");
    }

    [Theory]
    [InlineData("""{"payload":"x"}""", 400, "")]
    [InlineData("""{"id":""}""", 400, "1 to 64")]
    [InlineData("""{"id":"a","at":"2999-01-01T00:00:00Z"}""", 400, "within the next hour")]
    [InlineData("""{"id":"a"}""", 409, "sends nothing")]
    public async Task A_cue_that_cannot_be_says_why(string body, int status, string detail) => await AssertProblemAsync(await PostAsync($"{TestServer.Stream}/cues", body), status, detail);

    [Fact]
    public async Task A_cue_of_a_payload_too_long_is_refused() =>
        await AssertProblemAsync(await PostAsync($"{TestServer.Stream}/cues", $$"""{"id":"a","payload":"{{new string('x', 4097)}}"}"""), 400, "4096");

    private Task<HttpResponseMessage> PostAsync(string url, string body = "") => _server.Http.PostAsync(url, new StringContent(body, Encoding.UTF8, "application/json"));

    private static async Task AssertProblemAsync(HttpResponseMessage answer, int status, string? detail)
    {
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        Assert.Contains($"#name-{status}-", problem.GetProperty("type").GetString());
        if (detail is not null) Assert.Contains(detail, problem.GetProperty("detail").GetString());
    }
}
