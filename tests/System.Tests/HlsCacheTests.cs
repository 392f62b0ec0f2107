using System.Net;
using System.Tests.Parts;
using System.Text.RegularExpressions;

namespace System.Tests;

/// <summary>LL-HLS through a real caching proxy: what an audience costs the origin does not depend on its size.</summary>
public sealed class HlsCacheTests
{
    private const int Players = 500;

    /// <summary>Browsers take unlike encodings: that makes no more of them.</summary>
    private static readonly string[] Encodings = ["gzip, deflate", "gzip, deflate, br, zstd", "identity"];

    [Fact]
    public async Task Five_hundred_players_behind_a_cache_cost_the_origin_two_requests_a_part()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        await using var cache = await CachingNginx.StartAsync(server.HttpPort);
        using var connections = new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue, AutomaticDecompression = DecompressionMethods.All };
        HttpClient[] browsers = [.. Encodings.Select(encodings => new HttpClient(connections, disposeHandler: false) { BaseAddress = new Uri($"http://127.0.0.1:{cache.Port}/live/x.hls/"), DefaultRequestHeaders = { { "Accept-Encoding", encodings } } })];
        using var http = browsers[0];
        await http.GetStringAsync("media.m3u8");   // the first one makes the server package

        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        var parts = await Task.WhenAll(Enumerable.Range(0, Players).Select(n => PlayAsync(browsers[n % browsers.Length], n, enough.Token)));
        Assert.All(parts, count => Assert.True(count >= 5, $"a player got {count} parts in 6 s"));

        var asked = await cache.AskedAsync();
        var media = asked.Where(url => url.Contains(".m4s", StringComparison.Ordinal)).ToList();
        Assert.True(media.Count >= 10, $"the players played {media.Count} parts");
        Assert.All(asked.Where(url => !url.EndsWith("media.m3u8", StringComparison.Ordinal)).GroupBy(WithoutReport), url => Assert.True(url.Count() == 1, $"{url.Key} was asked for {url.Count()} times"));
        Assert.True(asked.Count <= 2 * media.Count + 10, $"{asked.Count} requests for {media.Count} parts:\n{string.Join('\n', asked)}");
    }

    private static string WithoutReport(string url) => Regex.Replace(url, "CMCD=[^&]*&?", "").TrimEnd('?', '&');

    /// <summary>Reloads and fetches as LL-HLS players do: the next part is asked for before it is there. Each tells of itself by CMCD, in front or behind. Returns how many it got.</summary>
    private static async Task<int> PlayAsync(HttpClient http, int player, CancellationToken enough)
    {
        var got = 0;
        var report = $"CMCD=bl%3D{player}00%2Csid%3D%22{player}%22";
        try
        {
            var playlist = await http.GetStringAsync("media.m3u8", enough);
            while (true)
            {
                var hint = PreloadHint.Of(playlist);
                var reload = http.GetStringAsync(player % 2 == 0 ? $"media.m3u8?{hint.Reload}&{report}" : $"media.m3u8?{report}&{hint.Reload}", enough);
                using var part = await http.GetAsync($"{hint.Uri}?{report}", enough);
                Assert.Equal(HttpStatusCode.OK, part.StatusCode);
                got++;
                playlist = await reload;
            }
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested)
        {
            return got;
        }
    }
}
