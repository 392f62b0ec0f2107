using System.Tests.Parts;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests;

/// <summary>Two real encoders, one dies: the viewer and the CDN see one stream.</summary>
public sealed class FailoverTests
{
    private static StreamEntry Show(params PushOptions[] push) => new("live/show", new StreamOptions
    {
        Sources = [new SourceOptions { Name = "a", Publish = "live/show-a" }, new SourceOptions { Name = "b", Publish = "live/show-b" }],
        Push = push,
    });

    private static bool IsActive(Text.Json.JsonElement stream, string source) => stream.GetProperty("active").GetString() == source;

    private static async Task AssertUnbrokenAsync(Task<Probe> watching)
    {
        var probe = await watching;
        Assert.True(probe.Video.Count > 200, $"only {probe.Video.Count} pictures: {probe.Errors}");
        var steps = probe.Video.Zip(probe.Video.Skip(1), (a, b) => b.Dts - a.Dts).ToList();
        // Where B-frames straddle the cut, their reference is shown for 1 ms.
        Assert.InRange(steps.Count(step => step < 0.002), 0, 1);
        Assert.All(steps.Where(step => step >= 0.002), step => Assert.InRange(step, 0.038, 0.041));
        Assert.All(probe.Audio.Zip(probe.Audio.Skip(1), (a, b) => b.Dts - a.Dts), step => Assert.InRange(step, 0.020, 0.023));
    }

    [Theory]
    [InlineData("KILL", "closed")]
    [InlineData("STOP", "silent")]
    public async Task The_active_encoder_dies_and_nobody_is_cut(string signal, string reason)
    {
        await using var nginx = await Nginx.StartAsync();
        await using var server = await TestServer.StartAsync(Show(new PushOptions("cdn", nginx.Url("live/out"))));
        await using var a = Ffmpeg.Publish(server.Rtmp("live/show-a"), gop: 25, bFrames: 2);
        await server.WaitForAsync("live/show", stream => IsActive(stream, "a"));
        await using var b = Ffmpeg.Publish(server.Rtmp("live/show-b"), gop: 40);
        await server.WaitForAsync("live/show", stream => stream.GetProperty("sources")[1].GetProperty("state").GetString() == "healthy");
        await server.WaitForAsync("live/show", stream => stream.GetProperty("push")[0].GetProperty("state").GetString() == "connected");

        Task<Probe>[] watching = [Ffmpeg.ProbeAsync(server.Flv("live/show"), 11), Ffmpeg.ProbeAsync(server.Rtmp("live/show"), 11), Ffmpeg.ProbeAsync(nginx.Url("live/out"), 11)];
        await server.WaitForAsync("live/show", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() == 1 && stream.GetProperty("viewers").GetProperty("rtmp").GetInt32() == 1);
        if (signal == "STOP") a.Signal("STOP");
        else a.Kill();
        await server.WaitForAsync("live/show", stream => IsActive(stream, "b"));
        foreach (var watcher in watching) await AssertUnbrokenAsync(watcher);

        var journal = (await server.GetAsync("api/v1/journal?stream=live/show")).GetProperty("entries").EnumerateArray().ToList();
        var cut = Assert.Single(journal, entry => entry.GetProperty("kind").GetString() == "switch");
        Assert.Equal(reason, cut.GetProperty("reason").GetString());
        Assert.Equal("lookahead", cut.GetProperty("method").GetString());
        var after = await server.StreamAsync("live/show");
        Assert.Equal(0, after.GetProperty("push")[0].GetProperty("reconnects").GetInt64());
        var kbps = after.GetProperty("sources")[1].GetProperty("kbps").GetDouble();
        Assert.InRange(after.GetProperty("push")[0].GetProperty("kbps").GetDouble(), kbps / 2, kbps * 2);
    }

    [Fact]
    public async Task Stopping_the_server_delivers_what_is_muxed_and_ends_viewers_and_pushes_cleanly()
    {
        await using var nginx = await Nginx.StartAsync("idle_streams off;");
        var server = await TestServer.StartAsync(new StreamEntry("live/x", new StreamOptions { Push = [new PushOptions("cdn", nginx.Url("live/out"))] }));
        await using var encoder = Ffmpeg.Publish(server.Rtmp("live/x"));
        await server.WaitForAsync("live/x", stream => stream.GetProperty("push")[0].GetProperty("state").GetString() == "connected");
        var viewer = Ffmpeg.ProbeAsync(server.Flv("live/x"), 60);
        var atCdn = Ffmpeg.ProbeAsync(nginx.Url("live/out"), 60);
        await server.WaitForAsync("live/x", stream => stream.GetProperty("viewers").GetProperty("flv").GetInt32() == 1);
        await Task.Delay(3000);
        await server.Host.StopAsync();
        await server.DisposeAsync();

        Assert.InRange((await viewer).Video.Count, 60, 250);
        Assert.InRange((await atCdn).Video.Count, 40, 250);
    }
}
