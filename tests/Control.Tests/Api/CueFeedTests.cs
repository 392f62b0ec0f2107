using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Control.Tests.Api;

/// <summary>The cues of a stream as its viewers are told of them, read off the wire.</summary>
public sealed class CueFeedTests
{
    private const string Path = "live/vip/one";
    private const string Url = $"/{Path}.cues";

    [Fact]
    public async Task A_viewer_from_anywhere_is_told_of_each_cue_and_who_comes_later_of_those_to_come()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        server.From = IPAddress.Parse("192.0.2.1");
        using var early = await FeedPage.OpenAsync(server.Http, Url);
        Assert.Equal("*", early.Answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.True(early.Answer.Headers.CacheControl!.NoStore);
        server.From = null;
        var now = await AddAsync(server, "now");
        await AddAsync(server, "draw 2", now.AddSeconds(15));
        var told = await early.NextAsync("cue");
        Assert.Equal((Path, "now", "go"), (told.GetProperty("stream").GetString(), told.GetProperty("id").GetString(), told.GetProperty("payload").GetString()));
        Assert.Equal((JsonValueKind.Number, now), (told.GetProperty("pts").ValueKind, told.GetProperty("utc").GetDateTimeOffset()));
        Assert.Equal("now", early.LastEventId);
        Assert.Equal("draw 2", (await early.NextAsync("cue")).GetProperty("id").GetString());
        Assert.Equal("draw%202", early.LastEventId);

        server.Run(lease, 52, 102);
        using var late = await FeedPage.OpenAsync(server.Http, Url);
        Assert.Equal("now", (await late.NextAsync("cue")).GetProperty("id").GetString());
        Assert.Equal("draw 2", (await late.NextAsync("cue")).GetProperty("id").GetString());

        server.Run(lease, 102, 402);
        using var later = await FeedPage.OpenAsync(server.Http, Url);
        Assert.Equal("draw 2", (await later.NextAsync("cue")).GetProperty("id").GetString());
        lease.Dispose();
    }

    [Fact]
    public async Task A_viewer_is_told_first_whether_the_show_is_dark_and_then_when_that_changes()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        using var early = await FeedPage.OpenAsync(server.Http, Url);
        Assert.Equal(("state", false), Dark(await early.NextAsync()));
        lease.Dispose();
        Assert.Equal(("state", true), Dark(await early.NextAsync()));
        using var late = await FeedPage.OpenAsync(server.Http, Url);
        Assert.Equal(("state", true), Dark(await late.NextAsync()));

        using var back = await server.PublishAsync(Path);
        server.Run(back);
        Assert.Equal(("state", false), Dark(await early.NextAsync()));
        Assert.Equal(("state", false), Dark(await late.NextAsync()));
        await AddAsync(server, "next");
        Assert.Equal("cue", (await early.NextAsync()).Name);

        static (string, bool) Dark((string Name, JsonElement Data) told) => (told.Name, told.Data.GetProperty("dark").GetBoolean());
    }

    [Fact]
    public async Task A_cue_that_keeps_to_its_time_is_told_anew_when_the_dark_has_moved_it()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        using var page = await FeedPage.OpenAsync(server.Http, Url);
        using var console = await FeedPage.OpenAsync(server.Http, $"/api/v1/events?stream={Path}");
        var now = await AddAsync(server, "now");
        await AddAsync(server, "draw", now.AddSeconds(20));
        Assert.Equal("now", (await page.NextAsync("cue")).GetProperty("id").GetString());
        var before = (await page.NextAsync("cue")).GetProperty("pts").GetInt64();
        server.FeedTime.Advance(LiveFeed.Period);
        Assert.Equal("now", (await console.NextAsync("cue")).GetProperty("id").GetString());
        Assert.Equal(before, (await console.NextAsync("cue")).GetProperty("pts").GetInt64());

        lease.Dispose();
        server.Pass(TimeSpan.FromSeconds(5));
        using var back = await server.PublishAsync(Path);
        server.Run(back);
        server.FeedTime.Advance(LiveFeed.Period);
        foreach (var told in new[] { await page.NextAsync("cue"), await console.NextAsync("cue") })
        {
            Assert.Equal("draw", told.GetProperty("id").GetString());
            Assert.InRange(before - told.GetProperty("pts").GetInt64(), 4_900, 5_100);
            Assert.InRange((told.GetProperty("utc").GetDateTimeOffset() - now).TotalSeconds, 19.99, 20.01);
        }
    }

    [Fact]
    public async Task Nothing_is_put_into_the_dark_and_no_more_than_ten_at_once()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        for (var i = 0; i < 10; i++) await AddAsync(server, $"{i}");
        using (var refused = await PostAsync(server, "10", null))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
        }
        lease.Dispose();
        server.Pass(TimeSpan.FromSeconds(11));
        foreach (var at in new DateTimeOffset?[] { null, server.Now.AddSeconds(5) })
        {
            using var refused = await PostAsync(server, "dark", at);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Who_may_not_watch_may_not_follow()
    {
        var (server, lease) = await StartAsync(new AccessOptions { Play = AccessRule.Key, PlayKey = "k" });
        await using var _ = server;
        Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.GetAsync(Url)).StatusCode);
        await AddAsync(server, "now");
        using var page = await FeedPage.OpenAsync(server.Http, $"{Url}?key=k");
        await page.NextAsync("cue");
        lease.Dispose();
    }

    [Fact]
    public async Task It_answers_as_media_does()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/live/nothing.cues")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Http.PostAsync(Url, null)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Options, Url))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Url))).StatusCode);
        lease.Dispose();
    }

    [Fact]
    public async Task A_silent_connection_is_told_that_it_lives_and_all_end_with_the_show()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        using var page = await FeedPage.OpenAsync(server.Http, Url);
        await page.SignAsync();
        var sign = page.SignAsync();
        for (var second = 1; second < CueFeed.KeepAlive.TotalSeconds; second++) server.FeedTime.Advance(TimeSpan.FromSeconds(1));
        Assert.False(sign.IsCompleted);
        server.FeedTime.Advance(TimeSpan.FromSeconds(1));
        await sign;

        lease.Dispose();
        for (var passed = 0; passed < 40; passed++) server.Pass(TimeSpan.FromSeconds(1));
        await page.RestAsync();
    }

    [Fact]
    public async Task All_readers_are_sent_the_same_bytes_and_one_that_takes_none_is_dropped()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var stream = server.Registry.Find(Path)!;
        using var left = server.Cues.Open(stream)!;
        using var right = server.Cues.Open(stream)!;
        using var slow = server.Cues.Open(stream)!;
        foreach (var reader in new[] { left, right }) await reader.NextAsync(default);   // what is told at the start
        for (var i = 0; i < CueReader.MaxQueued; i++)
        {
            server.Cues.Tell(stream.Log, new byte[] { 1 });
            Assert.True(MemoryMarshal.TryGetArray((await left.NextAsync(default))!.Value, out var one));
            Assert.True(MemoryMarshal.TryGetArray((await right.NextAsync(default))!.Value, out var other));
            Assert.Same(one.Array, other.Array);
        }
        Assert.True(slow.IsDropped);
        Assert.Null(await slow.NextAsync(default));
        Assert.False(left.IsDropped);
        lease.Dispose();
    }

    [Fact]
    public async Task No_more_readers_than_the_feed_bears_are_let_in()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var stream = server.Registry.Find(Path)!;
        var readers = Enumerable.Range(0, CueFeed.MaxReaders).Select(_ => server.Cues.Open(stream)!).ToList();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Http.GetAsync(Url)).StatusCode);
        foreach (var reader in readers) reader.Dispose();
        using var page = await FeedPage.OpenAsync(server.Http, Url);
        lease.Dispose();
    }

    private static async Task<(TestServer Server, PublishLease Lease)> StartAsync(AccessOptions? rules = null)
    {
        var server = await TestServer.StartAsync(rules);
        var lease = await server.PublishAsync(Path);
        server.Run(lease);
        return (server, lease);
    }

    /// <returns>The wall time of its picture.</returns>
    private static async Task<DateTimeOffset> AddAsync(TestServer server, string id, DateTimeOffset? at = null)
    {
        using var answer = await PostAsync(server, id, at);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("at").GetDateTimeOffset();
    }

    private static Task<HttpResponseMessage> PostAsync(TestServer server, string id, DateTimeOffset? at) =>
        server.Http.PostAsJsonAsync("/api/v1/streams/live%2Fvip/one/cues", new { id, payload = "go", at });
}
