using System.Net;
using System.Tests.Parts;

namespace System.Tests;

/// <summary>Real publishers in, real HLS players out.</summary>
public sealed class HlsTests
{
    private static string Hls(TestServer server) => $"http://127.0.0.1:{server.HttpPort}/live/x.m3u8";

    [Fact]
    public async Task RtmpPublish_HlsPlay_ffprobe()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"), bFrames: 2);
        await server.WaitForLiveAsync("live/x");
        var probe = await Ffmpeg.ProbeAsync(Hls(server), 4);
        Assert.Contains(probe.Streams, stream => stream.Contains("h264") && stream.Contains("320,180"));
        Assert.Contains(probe.Streams, stream => stream.Contains("aac"));
        Assert.True(probe.Video[0].IsKey, "the first picture is no keyframe");
        Assert.InRange(probe.Video.Count, 75, 200);
        foreach (var packets in new[] { probe.Video, probe.Audio })
            Assert.All(packets.Zip(packets.Skip(1)), pair => Assert.InRange(pair.Second.Dts - pair.First.Dts, 0.019, 0.045));
        Assert.InRange(probe.Audio[0].Pts - probe.Video[0].Pts, -0.15, 0.15);
        Assert.Equal("", probe.Errors);
    }

    [Fact]
    public async Task RtmpPublish_HlsPlay_mpv()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        await using var player = Tool.Start("mpv", "--no-config", "--vo=null", "--ao=null", "--frames=75", "--msg-level=all=warn", Hls(server));
        Assert.Equal(0, await player.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.DoesNotContain("rror", player.Errors + player.Output);
    }

    [Fact]
    public async Task Blocking_reloads_come_as_fast_as_the_parts_do()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        var list = await server.Http.GetStringAsync("live/x.hls/media.m3u8");
        var began = DateTime.UtcNow;
        const int reloads = 9;
        for (var i = 0; i < reloads; i++)
        {
            var hint = PreloadHint.Of(list);
            var part = server.Http.GetAsync($"live/x.hls/{hint.Uri}");
            list = await server.Http.GetStringAsync($"live/x.hls/media.m3u8?{hint.Reload}");
            using var media = await part;
            Assert.Equal(HttpStatusCode.OK, media.StatusCode);
        }
        // Nine parts of 320 ms, but those at the ends of segments.
        Assert.InRange((DateTime.UtcNow - began).TotalSeconds, 1.5, 4.5);
    }
}
