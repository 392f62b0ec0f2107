using System.Tests.Parts;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests;

/// <summary>Push to, and pull from and by, a real nginx-rtmp and another Sluice.</summary>
public sealed class RelayTests
{
    private static string PushState(Text.Json.JsonElement stream) => stream.GetProperty("push")[0].GetProperty("state").GetString()!;

    [Fact]
    public async Task Push_NginxRtmp_comes_back_after_the_server_did()
    {
        await using var nginx = await Nginx.StartAsync();
        await using var server = await TestServer.StartAsync(new StreamEntry("live/x", new StreamOptions
        {
            Push = [new PushOptions("cdn", $"rtmp://127.0.0.1:{nginx.Port}/{{app}}/{{name}}-out")],
        }));
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForAsync("live/x", stream => PushState(stream) == "connected");
        var probe = await Ffmpeg.ProbeAsync(nginx.Url("live/x-out"), 3);
        Assert.InRange(probe.Video.Count, 50, 150);

        await nginx.KillAsync();
        await server.WaitForAsync("live/x", stream => PushState(stream) is "waiting" or "connecting");
        await nginx.StartAgainAsync();
        var back = await server.WaitForAsync("live/x", stream => PushState(stream) == "connected");
        Assert.True(back.GetProperty("push")[0].GetProperty("reconnects").GetInt64() >= 1);
        Assert.InRange((await Ffmpeg.ProbeAsync(nginx.Url("live/x-out"), 3)).Video.Count, 50, 150);
    }

    [Fact]
    public async Task Pull_plays_by_itself()
    {
        await using var origin = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(origin.Rtmp("live/x"));
        await origin.WaitForLiveAsync("live/x");
        await using var server = await TestServer.StartAsync(new StreamEntry("live/show", new StreamOptions { Sources = [new SourceOptions { Name = "b", Pull = origin.Rtmp("live/x") }] }));
        var show = await server.WaitForLiveAsync("live/show");
        var path = show.GetProperty("sources")[0].GetProperty("path").GetString()!;
        Assert.Equal("live/show@b", path);
        Assert.InRange((await Ffmpeg.ProbeAsync(server.Flv(path), 2)).Video.Count, 25, 100);
    }

    [Fact]
    public async Task Push_is_stopped_and_started_by_the_api()
    {
        await using var nginx = await Nginx.StartAsync();
        await using var server = await TestServer.StartAsync(new StreamEntry("live/x", new StreamOptions { Push = [new PushOptions("cdn", nginx.Url("live/y"))] }));
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForAsync("live/x", stream => PushState(stream) == "connected");
        await server.PostAsync("api/v1/streams/live/x/push/cdn/stop");
        await server.WaitForAsync("live/x", stream => PushState(stream) == "stopped");
        await server.PostAsync("api/v1/streams/live/x/push/cdn/start");
        await server.WaitForAsync("live/x", stream => PushState(stream) == "connected");
    }

    [Fact]
    public async Task Pull_rtmp_from_NginxRtmp()
    {
        await using var nginx = await Nginx.StartAsync();
        await using var encoder = Ffmpeg.Publish(nginx.Url("live/origin"));
        await using var server = await TestServer.StartAsync(new StreamEntry("live/show", new StreamOptions
        {
            Sources = [new SourceOptions { Name = "a", Pull = nginx.Url("live/origin") }],
        }));
        await server.WaitForLiveAsync("live/show");
        Assert.InRange((await Ffmpeg.ProbeAsync(server.Flv("live/show"), 3)).Video.Count, 50, 150);
    }

    [Fact]
    public async Task Pull_flv_from_another_Sluice_reconnects()
    {
        await using var origin = await TestServer.StartAsync();
        await using var server = await TestServer.StartAsync(new StreamEntry("live/show", new StreamOptions
        {
            Sources = [new SourceOptions { Name = "a", Pull = origin.Flv("live/x") }],
        }));
        await using (Ffmpeg.Publish(origin.Rtmp("live/x"))) await server.WaitForLiveAsync("live/show");
        await using var again = Ffmpeg.Publish(origin.Rtmp("live/x"));
        Assert.InRange((await Ffmpeg.ProbeAsync(server.Rtmp("live/show"), 3)).Video.Count, 50, 150);
    }

    [Fact]
    public async Task NginxRtmp_pulls_from_us()
    {
        await using var server = await TestServer.StartAsync();
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForLiveAsync("live/x");
        await using var nginx = await Nginx.StartAsync($"pull {server.Rtmp("live/x")} name=relay static;");
        Assert.InRange((await Ffmpeg.ProbeAsync(nginx.Url("live/relay"), 3)).Video.Count, 50, 150);
    }
}
