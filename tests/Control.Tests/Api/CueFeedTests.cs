using System.Net;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sluice.Control.Monitor;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;

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
            server.Cues.Tell(stream, new Cue($"{i}", 0, DateTimeOffset.UnixEpoch, ""));
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
        using var answer = await server.Http.PostAsJsonAsync("/api/v1/streams/live%2Fvip/one/cues", new { id, payload = "go", at });
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).GetProperty("at").GetDateTimeOffset();
    }
}
