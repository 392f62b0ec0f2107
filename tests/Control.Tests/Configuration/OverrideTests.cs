using Sluice.Configuration;
using Sluice.Pipeline;

namespace Control.Tests.Configuration;

public sealed class OverrideTests
{
    private const string File = """
        data: from-file
        node: { id: from-file }
        streams:
          live/show:
            sources: [ { name: a, publish: live/a } ]
            switch: { hold: 5s }
        """;

    [Fact]
    public void The_environment_beats_the_file_and_the_command_line_beats_both()
    {
        var options = Load([("SLUICE__NODE__ID", "from-env"), ("SLUICE__DATA", "from-env"), ("OTHER", "x")], "data=from-set");

        Assert.Equal("from-env", options.Node.Id);
        Assert.Equal("from-set", options.Data);
    }

    [Fact]
    public void Keys_of_the_environment_may_be_upper_case()
    {
        Assert.Equal(TimeSpan.FromSeconds(2), Load([("SLUICE__EGRESS__MAXLAG", "2s")]).Egress.MaxLag);
    }

    [Fact]
    public void A_streams_setting_is_named_in_brackets_and_leaves_the_others()
    {
        var show = Load([], "streams[live/show].switch.delay=7s", "streams[live/show].sources[a].priority=3").For("live/show");

        Assert.Equal(TimeSpan.FromSeconds(7), show.Switch.Delay);
        Assert.Equal(TimeSpan.FromSeconds(5), show.Switch.Hold);
        Assert.Equal([new SourceOptions { Name = "a", Publish = "live/a", Priority = 3 }], show.Sources);
    }

    [Fact]
    public void Streams_sources_and_pushes_can_be_added()
    {
        var options = Load(
            [],
            "streams[live/show].sources[b].pull=rtmp://h/a/b",
            "streams[live/new].push=[{ name: c, url: \"rtmp://h/a/b?x=1\" }]");

        Assert.Equal(["a", "b"], options.For("live/show").Sources.Select(source => source.Name));
        Assert.Equal([new PushOptions("c", "rtmp://h/a/b?x=1")], options.For("live/new").Push);
    }

    [Fact]
    public void An_address_with_brackets_is_a_value_not_YAML()
    {
        Assert.Equal(1936, Load([], "listen.rtmp=[::1]:1936").Listen.Rtmp!.Port);
    }

    [Theory]
    [InlineData("listen.rtpm=none", "--set listen.rtpm: listen.rtpm: unknown key; did you mean 'rtmp'?")]
    [InlineData("play.wait=soon", "--set play.wait: play.wait: is 'soon' but must be a duration such as 0, 400ms, 3s or 1h")]
    [InlineData("data.deep=1", "--set data.deep: data: must be one value, not a section or a list", "")]
    [InlineData("play=[", "--set play: play: not valid YAML")]
    [InlineData("streams[live/show.switch.delay=3s", "--set: must be key=value")]
    [InlineData("a..b=1", "--set a..b: is no key")]
    [InlineData("listen.rtmp", "--set: must be key=value")]
    public void A_wrong_override_is_named(string set, string expected, string file = File)
    {
        var load = ConfigLoader.LoadText(file, "f.yaml", [], [set]);

        Assert.Null(load.Options);
        Assert.StartsWith(expected, Assert.Single(load.Problems).ToString());
    }

    [Fact]
    public void A_wrong_variable_is_named()
    {
        var load = ConfigLoader.LoadText(File, "f.yaml", [KeyValuePair.Create("SLUICE__LISTEN__RTMP", "x")], []);

        Assert.StartsWith("SLUICE__LISTEN__RTMP: listen.rtmp: is 'x' but must be an address", Assert.Single(load.Problems).ToString());
    }

    [Fact]
    public void An_override_repairs_a_wrong_value_of_the_file()
    {
        var load = ConfigLoader.LoadText("play: { wait: soon }", "f.yaml", [], ["play.wait=1s"]);

        Assert.Empty(load.Problems);
        Assert.Equal(TimeSpan.FromSeconds(1), load.Options!.Play.Wait);
    }

    private static SluiceOptions Load((string Key, string Value)[] environment, params string[] set)
    {
        var load = ConfigLoader.LoadText(File, "f.yaml", environment.Select(pair => KeyValuePair.Create(pair.Key, pair.Value)), set);
        Assert.Empty(load.Problems);
        return load.Options!;
    }
}
