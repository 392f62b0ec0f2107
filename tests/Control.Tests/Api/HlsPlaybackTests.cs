using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Sluice.Pipeline;

namespace Control.Tests.Api;

public sealed partial class HlsPlaybackTests
{
    private const string Url = "/live/vip/one.m3u8";
    private const string Media = "/live/vip/one.hls/media.m3u8";
    private const string Folder = "/live/vip/one.hls/";
    private const int RunTo = 102;

    private static async Task<(TestServer Server, PublishLease Lease)> StartAsync(AccessOptions? rules = null)
    {
        var server = await TestServer.StartAsync(rules);
        var lease = await server.PublishAsync("live/vip/one", avcC: TestServer.AvcConfig);
        server.Run(lease, to: RunTo);
        return (server, lease);
    }

    /// <summary>The segment and part that a playlist hints at.</summary>
    private static (string Show, long Number, int Part) Hint(string playlist)
    {
        var hint = HintedPart().Match(playlist);
        Assert.True(hint.Success, playlist);
        return (hint.Groups[1].Value, long.Parse(hint.Groups[2].Value), int.Parse(hint.Groups[3].Value));
    }

    private static string First(string playlist, string pattern) => Regex.Match(playlist, pattern, RegexOptions.Multiline).Groups[1].Value;

    [Fact]
    public async Task A_player_finds_its_way_from_the_url_to_the_media()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        using var answer = await server.Http.GetAsync(Url);
        Assert.Equal("application/vnd.apple.mpegurl", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var multivariant = await answer.Content.ReadAsStringAsync();
        Assert.Contains("CODECS=\"avc1.42c01e\",RESOLUTION=640x360,FRAME-RATE=25.000", multivariant);
        Assert.Contains("\none.hls/media.m3u8\n", multivariant);

        var playlist = await server.Http.GetStringAsync(Media);
        using var init = await server.Http.GetAsync(Folder + First(playlist, "MAP:URI=\"(.+?)\""));
        Assert.Equal(("video/mp4", "ftyp"), (init.Content.Headers.ContentType!.MediaType, Type(await init.Content.ReadAsByteArrayAsync())));
        Assert.Equal("public, max-age=3600, immutable", string.Join(", ", init.Headers.GetValues("Cache-Control")));
        var part = await server.Http.GetByteArrayAsync(Folder + First(playlist, "PART:.*URI=\"(.+?)\""));
        Assert.Equal("prft", Type(part));
        var segment = await server.Http.GetByteArrayAsync(Folder + First(playlist, "^([0-9a-f]+-[0-9]+.m4s)"));
        Assert.Equal(part, segment[..part.Length]);
        Assert.True(segment.Length > part.Length);
        foreach (var file in (string[])[First(playlist, "PART:.*URI=\"(.+?)\""), First(playlist, "^([0-9a-f]+-[0-9]+.m4s)")])
        {
            using var media = await server.Http.GetAsync(Folder + file);
            Assert.Equal("public, max-age=3600, immutable", string.Join(", ", media.Headers.GetValues("Cache-Control")));
        }

        var metrics = await server.Http.GetStringAsync("/metrics");
        var sent = double.Parse(First(metrics, "^sluice_egress_bytes_total\\{kind=\"viewer\",protocol=\"hls\"\\} ([0-9.e+]+)"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(sent, part.Length + segment.Length, 100_000);
        lease.Dispose();
    }

    [Fact]
    public async Task A_player_is_a_client_and_once_closed_is_refused_for_a_while()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var playlist = await server.Http.GetStringAsync($"{Media}?key=1");
        var answer = await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/clients");
        var client = answer.GetProperty("clients").EnumerateArray().Single(client => client.GetProperty("protocol").GetString() == "hls");
        Assert.Equal(("viewer", "live/vip/one", "127.0.0.1"), (client.GetProperty("kind").GetString(), client.GetProperty("path").GetString(), client.GetProperty("remote").GetString()));
        Assert.True(client.GetProperty("bytesOut").GetInt64() > 0);
        Assert.Contains("sluice_clients{kind=\"viewer\",protocol=\"hls\"} 1\n", await server.Http.GetStringAsync("/metrics"));

        Assert.Equal(HttpStatusCode.NoContent, (await server.Http.DeleteAsync($"/api/v1/clients/{client.GetProperty("id").GetInt64()}")).StatusCode);
        foreach (var url in (string[])[$"{Url}?key=1", $"{Media}?key=1", $"{Folder}{First(playlist, "^([0-9a-f]+-[0-9]+.m4s)")}?key=1"])
        {
            using var refused = await server.Http.GetAsync(url);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.Contains("refused for 30 s", (await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString());
        }
        Assert.Equal("hls viewer closed", server.Journal.Query("live/vip/one", 1)[0].Note);
        Assert.Contains("#EXTM3U", await server.Http.GetStringAsync(Media));   // another one
        lease.Dispose();
    }

    [Fact]
    public async Task Two_players_wait_for_the_part_to_come_and_both_get_it()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var (show, number, part) = Hint(await server.Http.GetStringAsync(Media));
        var lists = Enumerable.Range(0, 2).Select(i => server.Http.GetStringAsync($"{Media}?_HLS_msn={number}&_HLS_part={part}")).ToList();
        var media = server.Http.GetByteArrayAsync($"{Folder}{show}-{number}.{part}.m4s");
        await server.Http.GetAsync(Media);                 // they are under way by now, or will find it there
        Assert.DoesNotContain(lists, list => list.IsCompleted);
        Assert.False(media.IsCompleted);
        server.Run(lease, RunTo, RunTo + 20);
        foreach (var list in await Task.WhenAll(lists)) Assert.Contains($"URI=\"{show}-{number}.{part}.m4s\"", list.Replace($"HINT:TYPE=PART,URI=\"{show}-{number}.{part}", "", StringComparison.Ordinal));
        Assert.Equal("prft", Type(await media));
        lease.Dispose();
    }

    [Theory]
    [InlineData("_HLS_part=1", "needs _HLS_msn")]
    [InlineData("_HLS_msn=x", "no number")]
    [InlineData("_HLS_msn=1&_HLS_part=-1", "no number")]
    [InlineData("_HLS_msn=9999999999", "too far ahead")]
    [InlineData("_HLS_skip=NO", "neither YES nor v2")]
    public async Task A_reload_that_makes_no_sense_is_told_so(string query, string why)
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        using var answer = await server.Http.GetAsync($"{Media}?{query}");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(why, await answer.Content.ReadAsStringAsync());
        Assert.True(answer.Headers.CacheControl!.NoStore);
        lease.Dispose();
    }

    [Fact]
    public async Task A_reload_of_a_stream_that_stopped_ends_with_503()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var (show, number, part) = Hint(await server.Http.GetStringAsync(Media));
        var reload = server.Http.GetAsync($"{Media}?_HLS_msn={number}&_HLS_part={part}");
        while (!reload.IsCompleted)
        {
            server.Pass(TimeSpan.FromSeconds(1));
            await Task.WhenAny(reload, Task.Delay(20));
        }
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await reload).StatusCode);
        lease.Dispose();
    }

    [Fact]
    public async Task The_key_reaches_the_media_by_the_playlists()
    {
        var (server, lease) = await StartAsync(new AccessOptions { Play = AccessRule.Key, PlayKey = "k" });
        await using var _ = server;
        foreach (var url in new[] { Url, Media, Folder + "1-1.m4s" }) Assert.Equal(HttpStatusCode.Forbidden, (await server.Http.GetAsync(url)).StatusCode);
        Assert.Contains("one.hls/media.m3u8?key=k\n", await server.Http.GetStringAsync(Url + "?_HLS_pathway=a&key=k&CMCD=bl%3D100"));
        var playlist = await server.Http.GetStringAsync(Media + "?key=k&_HLS_skip=YES");
        Assert.DoesNotContain("_HLS_", playlist);
        var part = First(playlist, "PART:.*URI=\"(.+?)\"");
        Assert.EndsWith("?key=k", part);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync(Folder + part)).StatusCode);
        lease.Dispose();
    }

    [Fact]
    public async Task Caches_are_told_how_long_and_an_unchanged_list_is_not_sent_again()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        using var plain = await server.Http.GetAsync(Media);
        Assert.Equal(TimeSpan.FromSeconds(1), plain.Headers.CacheControl!.MaxAge);
        var (show, number, part) = Hint(await plain.Content.ReadAsStringAsync());
        using var blocking = await server.Http.GetAsync($"{Media}?_HLS_msn={number - 1}");
        Assert.Equal(TimeSpan.FromSeconds(6), blocking.Headers.CacheControl!.MaxAge);
        using var gone = await server.Http.GetAsync($"{Folder}{show}-{number - 500}.m4s");
        Assert.Equal((HttpStatusCode.NotFound, TimeSpan.FromSeconds(1)), (gone.StatusCode, gone.Headers.CacheControl!.MaxAge));
        // One who asks too early leaves nothing in a cache that those would get who ask in time.
        foreach (var early in (string[])[$"{show}-{number}.{part + 1}.m4s", $"{show}-{number + 1}.0.m4s", $"{show}-{number}.m4s", $"{show}-{number + 5}.m4s"])
        {
            using var missing = await server.Http.GetAsync(Folder + early);
            Assert.Equal((HttpStatusCode.NotFound, true), (missing.StatusCode, missing.Headers.CacheControl!.NoStore));
        }
        using var elsewhere = await server.Http.GetAsync($"{Folder}1{show}-{number - 1}.m4s");
        Assert.Contains("another show", await elsewhere.Content.ReadAsStringAsync());
        using var whole = await server.Http.GetAsync($"{Folder}{show}-{number - 1}.m4s");
        using var known = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{Folder}{show}-{number - 1}.m4s") { Headers = { { "If-None-Match", whole.Headers.ETag!.ToString() } } });
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        using var again = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, Media) { Headers = { { "If-None-Match", plain.Headers.ETag!.ToString() } } });
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        lease.Dispose();
    }

    [Theory]
    [InlineData("gzip, deflate", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip;q=0, br;q=0.0", null)]
    [InlineData("identity", null)]
    public async Task A_playlist_is_compressed_for_those_who_take_it(string accepted, string? encoding)
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var request = new HttpRequestMessage(HttpMethod.Get, Media);
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var answer = await server.Http.SendAsync(request);
        Assert.Equal(encoding, answer.Content.Headers.ContentEncoding.SingleOrDefault());
        Assert.Equal("Accept-Encoding", answer.Headers.Vary.Single());
        lease.Dispose();
    }

    [Theory]
    [InlineData(10L, 19L)]
    [InlineData(10L, null)]
    [InlineData(null, 7L)]
    [InlineData(0L, long.MaxValue)]
    public async Task A_range_of_a_segment_crosses_its_parts(long? from, long? to)
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        var url = Folder + First(await server.Http.GetStringAsync(Media), "^([0-9a-f]+-[0-9]+.m4s)");
        var whole = await server.Http.GetByteArrayAsync(url);
        using var answer = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, to) } });
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        var expected = from is null ? whole[^(int)to!.Value..] : whole[(int)from.Value..(int)(Math.Min(whole.Length - 1, to ?? long.MaxValue) + 1)];
        Assert.Equal(expected, await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(whole.Length, answer.Content.Headers.ContentRange!.Length);
        using var beyond = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(whole.Length, null) } });
        Assert.Equal((HttpStatusCode.RequestedRangeNotSatisfiable, true), (beyond.StatusCode, beyond.Headers.CacheControl!.NoStore));
        using var other = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = new RangeHeaderValue(from, to), IfRange = new RangeConditionHeaderValue("\"other\"") } });
        Assert.Equal((HttpStatusCode.OK, whole.Length), (other.StatusCode, (int)other.Content.Headers.ContentLength!.Value));
        using var head = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, url) { Headers = { Range = new RangeHeaderValue(from, to) } });   // RFC 9110 §14.2: for GET alone
        Assert.Equal((HttpStatusCode.OK, whole.Length, 0), (head.StatusCode, (int)head.Content.Headers.ContentLength!.Value, (await head.Content.ReadAsByteArrayAsync()).Length));
        lease.Dispose();
    }

    [Fact]
    public async Task Viewers_are_counted_until_they_ask_no_more()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        await server.Http.GetAsync(Url);
        await server.Http.GetAsync(Media);
        await server.Http.GetAsync(Media + "?viewer=2");
        Assert.Equal(2, await ViewersAsync(server));
        server.Run(lease, RunTo, RunTo + 300);
        Assert.Equal(0, await ViewersAsync(server));
        lease.Dispose();
    }

    [Fact]
    public async Task What_nobody_publishes_is_not_found_and_who_posts_is_refused()
    {
        await using var server = await TestServer.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/live/nothing.m3u8")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync("/live/nothing.hls/media.m3u8")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Http.PostAsync(Url, null)).StatusCode);
        using var preflight = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Options, Url) { Headers = { { "Origin", "https://a.example" }, { "Access-Control-Request-Headers", "range" } } });
        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal(("*", "*"), (preflight.Headers.GetValues("Access-Control-Allow-Origin").Single(), preflight.Headers.GetValues("Access-Control-Allow-Headers").Single()));
        Assert.Contains("GET", string.Join(',', preflight.Headers.GetValues("Access-Control-Allow-Methods")));
    }

    [Fact]
    public async Task Who_watches_a_show_to_its_end_is_told_so_and_gets_the_rest()
    {
        var (server, lease) = await StartAsync();
        await using var _ = server;
        lease.Dispose();
        server.Pass(TimeSpan.FromSeconds(20));
        var (show, number, _) = Hint(await server.Http.GetStringAsync(Media));
        for (var passed = 0; passed < 12 && server.Registry.Find("live/vip/one")!.EndedHls is null; passed++) server.Pass(TimeSpan.FromSeconds(1));
        Assert.EndsWith("#EXT-X-ENDLIST\n", await server.Http.GetStringAsync(Media));
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync($"{Folder}{show}-{number}.m4s")).StatusCode);

        // However often it is asked for: a page left open keeps no show for ever.
        for (var passed = 0; passed < 50; passed += 5)
        {
            await server.Http.GetAsync(Media);
            server.Pass(TimeSpan.FromSeconds(5));
        }
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(Media)).StatusCode);
        Assert.Null(server.Registry.Find("live/vip/one"));
    }

    [Fact]
    public async Task A_stream_that_cannot_be_packaged_says_why()
    {
        await using var server = await TestServer.StartAsync();
        using var lease = await server.PublishAsync("live/vip/one", avcC: "0164001f");
        server.Run(lease);
        using var answer = await server.Http.GetAsync(Url);
        Assert.Equal(HttpStatusCode.NotImplemented, answer.StatusCode);
        Assert.Contains("avcC is cut short", await answer.Content.ReadAsStringAsync());
    }

    private static async Task<int> ViewersAsync(TestServer server) =>
        (await server.Http.GetFromJsonAsync<JsonElement>("/api/v1/streams/live%2Fvip/one")).GetProperty("viewers").GetProperty("hls").GetInt32();

    private static string Type(byte[] box) => System.Text.Encoding.ASCII.GetString(box, 4, 4);

    [GeneratedRegex("PRELOAD-HINT:TYPE=PART,URI=\"([0-9a-f]+)-([0-9]+)\\.([0-9]+)\\.m4s")]
    private static partial Regex HintedPart();
}
