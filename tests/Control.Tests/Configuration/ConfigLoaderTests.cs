using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace Control.Tests.Configuration;

public sealed class ConfigLoaderTests
{
    private const string Contract = """
        node:   { id: node-7, region: eu }
        listen: { rtmp: "127.0.0.1:0", http: ":8081", rtmps: none, https: none }
        data: /var/lib/sluice
        log: { level: debug, format: json }
        access: { publish: key, play: open, api: loopback, publishKey: secret }
        egress: { tick: 40ms, maxLag: 4s }
        play: { gopCache: 5s, gopCacheBytes: 2MB, join: live, wait: 400ms }
        streams:
          live/show:
            sources:
              - { name: a, publish: live/show-a, priority: 10 }
              - { name: b, pull: "rtmp://other/live/show", key: none }
            switch: { mode: replay, delay: auto, silence: 300ms, hold: 1m, clear: 1h, prefer: priority, end: 0 }
            push:
              - { name: cdn-a, url: "rtmp://a.example/{app}/{name}?{query}" }
          "live/*": { play: { join: 2s } }
        """;

    [Fact]
    public void The_whole_contract_is_read()
    {
        var options = Load(Contract);

        Assert.Equal(new NodeOptions { Id = "node-7", Region = "eu" }, options.Node);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, 0), options.Listen.Rtmp);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Any, 8081), options.Listen.Http);
        Assert.Null(options.Listen.Rtmps);
        Assert.Equal("/var/lib/sluice", options.Data);
        Assert.Equal(new LogOptions { Level = LogLevel.Debug, Format = LogFormat.Json }, options.Log);
        Assert.Equal(new AccessOptions { Publish = AccessRule.Key, Play = AccessRule.Open, Api = AccessRule.Loopback, PublishKey = "secret" }, options.Access);
        Assert.Equal(new EgressOptions { Tick = TimeSpan.FromMilliseconds(40), MaxLag = TimeSpan.FromSeconds(4) }, options.Egress);
        Assert.Equal(2 << 20, options.Play.GopCacheBytes);

        var show = options.For("live/show");
        Assert.Equal(
            [
                new SourceOptions { Name = "a", Publish = "live/show-a", Priority = 10 },
                new SourceOptions { Name = "b", Pull = "rtmp://other/live/show" },
            ],
            show.Sources);
        Assert.Equal(
            new SwitchOptions
            {
                Mode = SwitchMode.Replay,
                Delay = null,
                Silence = TimeSpan.FromMilliseconds(300),
                Hold = TimeSpan.FromMinutes(1),
                Clear = TimeSpan.FromHours(1),
                Prefer = SwitchPreference.Priority,
                End = TimeSpan.Zero,
            },
            show.Switch);
        Assert.Equal([new PushOptions("cdn-a", "rtmp://a.example/{app}/{name}?{query}")], show.Push);
    }

    [Fact]
    public void No_file_and_an_empty_file_are_the_defaults()
    {
        Assert.Equal(new SluiceOptions(), Load(""));
        Assert.Equal(new SluiceOptions(), Load("# nothing\nstreams:\nlisten:\n"));
        Assert.Equal(new SluiceOptions(), ConfigLoader.Load(null, [], []).Options);
    }

    [Fact]
    public void Streams_inherit_play_and_access_wherever_those_stand_in_the_file()
    {
        var options = Load("""
            streams:
              live/a: { play: { join: 2s }, access: { play: key, playKey: k } }
              "live/*": { play: { wait: 1s } }
            play: { gopCache: 4s }
            access: { publish: open, apiKey: hidden }
            """);

        var named = options.For("live/a");
        Assert.Equal(TimeSpan.FromSeconds(4), named.Play.GopCache);
        Assert.Equal(TimeSpan.FromSeconds(2), named.Play.Join.Behind);
        Assert.Equal(TimeSpan.Zero, named.Play.Wait);
        Assert.Equal(new AccessOptions { Publish = AccessRule.Open, Play = AccessRule.Key, PlayKey = "k" }, named.Access);

        var covered = options.For("live/b");
        Assert.Equal(TimeSpan.FromSeconds(1), covered.Play.Wait);
        Assert.Equal(TimeSpan.FromSeconds(4), covered.Play.GopCache);

        var other = options.For("vod/b");
        Assert.Equal(options.Play, other.Play);
        Assert.Equal(new AccessOptions { Publish = AccessRule.Open, Play = AccessRule.Open }, other.Access);
    }

    [Fact]
    public void A_sources_own_path_has_its_streams_settings_and_its_own_key()
    {
        var options = Load("""
            streams:
              live/show:
                sources: [ { name: a, publish: live/show-a, key: ka }, { name: b, publish: live/show-b } ]
                push: [ { name: cdn, url: rtmp://h/a/b } ]
                play: { join: 3s }
                access: { publish: key, publishKey: common }
              "*": { play: { join: 9s } }
            """);

        var a = options.For("live/show-a");
        Assert.Equal("ka", a.Access.PublishKey);
        Assert.Equal(AccessRule.Key, a.Access.Publish);
        Assert.Equal(TimeSpan.FromSeconds(3), a.Play.Join.Behind);
        Assert.Empty(a.Sources);
        Assert.Empty(a.Push);
        Assert.Equal("common", options.For("live/show-b").Access.PublishKey);
        Assert.Equal(("live/show", "a"), (options.FindSource("live/show-a")!.Value.Stream.Name, options.FindSource("live/show-a")!.Value.Source.Name));
        Assert.Null(options.FindSource("live/show"));
    }

    [Fact]
    public void The_first_pattern_that_matches_holds()
    {
        var options = Load("""
            streams:
              "live/a*": { play: { wait: 1s } }
              "live/*": { play: { wait: 2s } }
              "*": { play: { wait: 3s } }
            """);

        Assert.Equal(1, options.For("live/abc").Play.Wait.TotalSeconds);
        Assert.Equal(2, options.For("live/b").Play.Wait.TotalSeconds);
        Assert.Equal(3, options.For("vod/deep/b").Play.Wait.TotalSeconds);
    }

    [Theory]
    [InlineData("auto", SwitchMode.Auto)]
    [InlineData("merge", SwitchMode.Merge)]
    [InlineData("lookahead", SwitchMode.Lookahead)]
    [InlineData("replay", SwitchMode.Replay)]
    [InlineData("keyframe", SwitchMode.Keyframe)]
    public void Every_switch_mode_is_read(string word, SwitchMode mode) =>
        Assert.Equal(mode, Load($"streams: {{ live/a: {{ switch: {{ mode: {word} }} }} }}").For("live/a").Switch.Mode);

    [Fact]
    public void An_alias_repeats_what_its_anchor_says()
    {
        var options = Load("""
            streams:
              live/a: { switch: &careful { delay: 5s } }
              live/b: { switch: *careful }
            """);

        Assert.Equal(TimeSpan.FromSeconds(5), options.For("live/b").Switch.Delay);
    }

    private static SluiceOptions Load(string yaml)
    {
        var load = ConfigLoader.LoadText(yaml, "test.yaml", [], []);
        Assert.Empty(load.Problems);
        return load.Options!;
    }
}
