using System.Net;
using System.Tests.Parts;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests;

/// <summary>Real publishers in, real players out.</summary>
public sealed class PlaybackTests
{
    private static void AssertWatchable(Probe probe, int seconds)
    {
        Assert.Contains(probe.Streams, stream => stream.Contains("h264") && stream.Contains("320,180"));
        Assert.Contains(probe.Streams, stream => stream.Contains("aac"));
        Assert.True(probe.Video[0].IsKey, "the first picture is no keyframe");
        Assert.InRange(probe.Video.Count, seconds * 25 * 8 / 10, seconds * 25 * 2);
        AssertRising(probe.Video);
        AssertRising(probe.Audio);
    }

    private static void AssertRising(IReadOnlyList<Packet> packets) =>
        Assert.All(packets.Zip(packets.Skip(1)), pair => Assert.True(pair.Second.Dts > pair.First.Dts, $"DTS {pair.First.Dts} then {pair.Second.Dts}"));

    [Fact]
    public async Task RtmpPublish_FlvPlay_ffprobe()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), bFrames: 2);
        await server.WaitForLiveAsync("live/x");
        AssertWatchable(await Ffmpeg.ProbeAsync(server.Flv("live/x"), 4), 4);
    }

    [Fact]
    public async Task RtmpPublish_RtmpPlay_ffprobe()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), bFrames: 2);
        await server.WaitForLiveAsync("live/x");
        AssertWatchable(await Ffmpeg.ProbeAsync(server.Rtmp("live/x"), 4), 4);
    }

    [Fact]
    public async Task RtmpPublish_RtmpPlay_rtmpdump()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        var file = Path.Combine(Path.GetTempPath(), $"sluice-{Guid.NewGuid():n}.flv");
        try
        {
            await using var dump = Tool.Start("rtmpdump", "-q", "--live", "-r", server.Rtmp("live/x"), "-o", file);
            await Task.Delay(TimeSpan.FromSeconds(5));
            dump.Signal("INT");
            await dump.WaitAsync(TimeSpan.FromSeconds(10));
            AssertWatchable(await Ffmpeg.ProbeAsync(file, 10), 4);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData("rtmp")]
    [InlineData("flv")]
    public async Task RtmpPublish_Play_mpv(string protocol)
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        var url = protocol == "rtmp" ? server.Rtmp("live/x") : server.Flv("live/x");
        await using var player = Tool.Start("mpv", "--no-config", "--vo=null", "--ao=null", "--frames=75", "--msg-level=all=warn", url);
        Assert.Equal(0, await player.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain("rror", player.Errors + player.Output);
    }

    [Fact]
    public async Task RtmpPublish_FlvPlay_SoundOnly()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), video: false);
        await server.WaitForLiveAsync("live/x");
        var probe = await Ffmpeg.ProbeAsync(server.Flv("live/x"), 3);
        Assert.DoesNotContain(probe.Streams, stream => stream.Contains("video"));
        Assert.InRange(probe.Audio.Count, 100, 300);
    }

    [Fact]
    public async Task RtmpPublish_RtmpPlay_VideoOnly()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), sound: false);
        await server.WaitForLiveAsync("live/x");
        var probe = await Ffmpeg.ProbeAsync(server.Rtmp("live/x"), 3);
        Assert.DoesNotContain(probe.Streams, stream => stream.Contains("audio"));
        Assert.InRange(probe.Video.Count, 60, 150);
    }

    [Fact]
    public async Task HttpFlv_answers_head_options_and_ranges_as_players_expect()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");

        using var head = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "live/x.flv"));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal("video/x-flv", head.Content.Headers.ContentType!.MediaType);

        using var options = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Options, "live/x.flv") { Headers = { { "Origin", "http://page.example" } } });
        Assert.True(options.IsSuccessStatusCode);
        Assert.Equal("*", Assert.Single(options.Headers.GetValues("Access-Control-Allow-Origin")));

        using var play = await server.Http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "live/x.flv") { Headers = { { "Range", "bytes=0-" } } }, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, play.StatusCode);
        Assert.True(play.Headers.CacheControl!.NoStore);
        Assert.Equal("*", Assert.Single(play.Headers.GetValues("Access-Control-Allow-Origin")));
        var magic = new byte[3];
        await (await play.Content.ReadAsStreamAsync()).ReadExactlyAsync(magic);
        Assert.Equal("FLV"u8.ToArray(), magic);

        using var missing = await server.Http.GetAsync("live/nobody.flv");
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Equal("application/problem+json", missing.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task A_refused_publisher_is_told_so_and_listed_nowhere()
    {
        await using var server = await TestServer.StartAsync(new StreamEntry("live/show", new StreamOptions
        {
            Sources = [new SourceOptions { Name = "a", Publish = "live/show-a", Key = "s3cret" }],
            Access = new AccessOptions { Publish = AccessRule.Key, PublishKey = "other" },
        }));
        await using var wrong = Ffmpeg.Publish(server.Rtmp("live/show-a?key=wrong"));
        Assert.NotEqual(0, await wrong.WaitAsync(TimeSpan.FromSeconds(20)));
        await using var own = Ffmpeg.Publish(server.Rtmp("live/show?key=other"));
        Assert.NotEqual(0, await own.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, (await server.GetAsync("api/v1/clients")).GetProperty("clients").GetArrayLength());

        await using var right = Ffmpeg.Publish(server.Rtmp("live/show-a?key=s3cret"));
        await server.WaitForLiveAsync("live/show");
    }
}
