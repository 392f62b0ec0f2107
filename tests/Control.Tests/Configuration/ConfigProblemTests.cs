using Sluice.Configuration;

namespace Control.Tests.Configuration;

public sealed class ConfigProblemTests
{
    [Fact]
    public void All_problems_are_told_at_once_in_the_order_of_the_file()
    {
        var load = ConfigLoader.LoadText(
            """
            node: { id: "a b" }
            lisen: { rtmp: none }
            listen:
              rtmp: 1935
              rtmps: "[::]:443"
            log: { level: inof }
            play: { gopCache: 5 }
            streams:
              live/show:
                sources:
                  - { name: a, publish: live/show }
                  - { name: a, pull: "ftp://x/y" }
                  - { publish: live/p, pull: "http://x/y.flv" }
                  - { name: d }
            """,
            "f.yaml",
            [],
            []);

        Assert.Null(load.Options);
        Assert.Equal(
            [
                "f.yaml:1: node.id: is 'a b' but must be a name of letters, digits, '-', '_' and '.'",
                "f.yaml:2: lisen: unknown key; did you mean 'listen'?",
                "f.yaml:4: listen.rtmp: is '1935' but must be an address and a port such as \"[::]:1935\" or 127.0.0.1:0, or none",
                "f.yaml:5: listen.rtmps: needs tls.cert and tls.key",
                "f.yaml:6: log.level: is 'inof' but must be trace | debug | info | warn | error; did you mean 'info'?",
                "f.yaml:7: play.gopCache: is '5' but must be a duration such as 0, 400ms, 3s or 1h",
                "f.yaml:11: streams[live/show].sources[a].publish: 'live/show' is itself an entry of streams; a source needs a path of its own, such as live/show-a",
                "f.yaml:12: streams[live/show].sources[a].pull: is 'ftp://x/y' but must be rtmp:// or rtmps:// or http:// or https://",
                "f.yaml:12: streams[live/show].sources[a]: the name 'a' is already used in this list",
                "f.yaml:13: streams[live/show].sources[#3]: 'name' is missing",
                "f.yaml:13: streams[live/show].sources[#3]: has both publish and pull; a source is one of them",
                "f.yaml:14: streams[live/show].sources[d]: needs publish (somebody pushes to us) or pull (we fetch)",
            ],
            load.Problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("egress: { tick: 1ms }", "egress.tick: is '1ms' but must be auto or from 5ms to 1s")]
    [InlineData("play: { gopCacheBytes: 64kb }", "play.gopCacheBytes: is '64kb' but must be a size such as 64KB or 2MB")]
    [InlineData("play: { gopCacheBytes: 4GB }", "play.gopCacheBytes: is '4GB' but must be from 64KB to 1GB")]
    [InlineData("play: { join: -2s }", "play.join: is '-2s' but must be live, instant or a duration")]
    [InlineData("play: { wait: }", "play.wait: has no value")]
    [InlineData("play: [ a ]", "play: must be a section with the keys gopCache, gopCacheBytes, join, wait")]
    [InlineData("data: { a: b }", "data: must be one value")]
    [InlineData("listen: { http: \"::1:8080\" }", "listen.http: is '::1:8080' but must be an IPv6 address in brackets")]
    [InlineData("listen: { http: \"1.2.3:80\" }", "listen.http: is '1.2.3:80' but must be an address")]
    [InlineData("listen: { http: \"127.0.0.1:70000\" }", "listen.http: is '127.0.0.1:70000' but must be an address")]
    [InlineData("tls: { cert: none, key: /no/such/file }", "tls: needs both cert and key")]
    [InlineData("tls: { cert: /no/such/file, key: /no/such/file }", "tls.cert: there is no file '/no/such/file'")]
    [InlineData("access: { publish: key }", "access.publish: key needs publishKey")]
    [InlineData("access: { api: key }", "access.api: key needs apiKey")]
    [InlineData("access: { play: token }", "access.play: token is not available yet")]
    [InlineData("streams: { live/a: { access: { api: open } } }", "streams[live/a].access.api: unknown key")]
    [InlineData("streams: { live/a: { access: { play: key } } }", "streams[live/a].access.play: key needs playKey")]
    [InlineData("streams: [ live/a ]", "streams: must be a section with an entry for each stream")]
    [InlineData("streams: { show: { } }", "streams.show: is no stream")]
    [InlineData("streams: { \"live/../a b\": { } }", "is no stream")]
    [InlineData("streams: { \"live/*\": { sources: [ { name: a, publish: live/b } ] } }", "streams[live/*].sources: a pattern covers many streams")]
    [InlineData("streams: { live/a: { sources: { name: a } } }", "streams[live/a].sources: must be a list")]
    [InlineData("streams: { live/a: { sources: [ { name: a, publish: x } ] } }", "streams[live/a].sources[a].publish: is 'x' but must be a path app/name")]
    [InlineData("streams: { live/a: { sources: [ { name: a, publish: live/x, priority: high } ] } }", "sources[a].priority: is 'high' but must be a whole number")]
    [InlineData("streams: { live/a: { sources: [ { name: a, publish: live/x } ] }, live/b: { sources: [ { name: z, publish: live/x } ] } }", "streams[live/b].sources[z].publish: 'live/x' is already the publish path of streams[live/a].sources[a]")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: rtmp://h/a/b }, { name: c, url: rtmp://h/a/c } ] } }", "streams[live/a].push[c]: the name 'c' is already used")]
    [InlineData("streams: { live/a: { push: [ { name: c } ] } }", "streams[live/a].push[c]: 'url' is missing")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: rtmp://h/a } ] } }", "push[c].url: is 'rtmp://h/a' but must be a URL with an app and a name")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: \"rtmp://h/{ap}/b\" } ] } }", "push[c].url: is 'rtmp://h/{ap}/b' but must be a URL whose place holders are")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: rtmps://h/a } ] } }", "push[c].url: is 'rtmps://h/a' but must be a URL with an app and a name")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: srt://h/a } ] } }", "push[c].url: is 'srt://h/a' but must be rtmp:// or rtmps:// (srt is not available yet)")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: rtmps://h/a/b, insecure: yes } ] } }", "push[c].insecure: is 'yes' but must be true | false")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: rtmp://h/a/b, insecure: true } ] } }", "push[c].insecure: is for rtmps:// and https:// only")]
    [InlineData("streams: { live/a: { push: [ { name: c, url: rtmps://h/a/b, caFile: /no/such } ] } }", "push[c].caFile: '/no/such' cannot be read")]
    [InlineData("streams: { live/a: { sources: [ { name: c, pull: https://h/a/b.flv, caFile: /no/such, insecure: true } ] } }", "sources[c].caFile: says whom to trust, but insecure")]
    [InlineData("listen: { https: \"[::]:443\" }", "listen.https: needs tls.cert and tls.key")]
    [InlineData("streams: { live/a: { switch: { mode: lookahead, delay: 0 } } }", "streams[live/a].switch.mode: lookahead needs a delay")]
    [InlineData("streams: { live/a: { swicth: { mode: auto } } }", "streams[live/a].swicth: unknown key; did you mean 'switch'?")]
    [InlineData("data: a\ndata: b", "f.yaml:2: data: is written twice")]
    [InlineData("data: [", "not valid YAML")]
    [InlineData("data: *nowhere", "alias '*nowhere' has no anchor")]
    [InlineData("data: a\n---\ndata: b", "a second document begins here")]
    public void A_mistake_is_told_with_its_key_and_what_is_expected(string yaml, string expected)
    {
        var load = ConfigLoader.LoadText(yaml, "f.yaml", [], []);

        Assert.Null(load.Options);
        Assert.Contains(load.Problems, problem => problem.ToString().Contains(expected));
    }

    [Fact]
    public void Sources_that_all_have_a_key_need_none_from_the_stream()
    {
        const string Yaml = "streams: {{ live/a: {{ access: {{ publish: key }}, sources: [ {{ name: a, publish: live/x, key: k }}, {{ name: b, publish: live/y{0} }} ] }} }}";

        Assert.Empty(ConfigLoader.LoadText(string.Format(null, Yaml, ", key: l"), "f.yaml", [], []).Problems);
        Assert.Single(ConfigLoader.LoadText(string.Format(null, Yaml, ""), "f.yaml", [], []).Problems);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_a_problem()
    {
        var load = ConfigLoader.Load("/no/such/sluice.yaml", [], []);

        Assert.Null(load.Options);
        Assert.StartsWith("/no/such/sluice.yaml: cannot be read: ", Assert.Single(load.Problems).ToString());
    }
}
