using Sluice.Configuration;

namespace Control.Tests.House;

/// <summary>sluice.yaml is the manual: complete, true, and its example works.</summary>
public sealed class ManualTests
{
    private static readonly string Manual = File.ReadAllText(RepositoryRoot.File("sluice.yaml"));

    [Fact]
    public void The_manual_as_it_is_changes_nothing()
    {
        var load = ConfigLoader.LoadText(Manual, "sluice.yaml", [], []);

        Assert.Empty(load.Problems);
        Assert.Equal(new SluiceOptions(), load.Options);
    }

    [Fact]
    public void The_example_loads_and_its_switch_is_the_default()
    {
        var load = ConfigLoader.LoadText(WithExample(), "sluice.yaml", [], []);

        Assert.Empty(load.Problems);
        var show = load.Options!.For("live/show");
        Assert.Equal(4, show.Sources.Count);
        Assert.Equal(2, show.Push.Count);
        Assert.Equal(new Sluice.Pipeline.SwitchOptions(), show.Switch);
        Assert.Equal(load.Options.Play, show.Play);
        Assert.Equal(TimeSpan.FromSeconds(2), load.Options.For("live/other").Play.Join.Behind);
    }

    [Fact]
    public void The_manual_names_every_setting_that_there_is()
    {
        var known = KeysOf(Settings.Root, "").Order().ToList();
        var written = KeysOf(YamlTree.Read(WithExample(), "sluice.yaml", [])!, Settings.Root, "").Distinct().Order().ToList();

        Assert.Equal(known, written);
    }

    [Fact]
    public void Every_setting_outside_streams_is_active_in_the_manual()
    {
        var known = KeysOf(Settings.Root, "").Where(key => !key.StartsWith("streams.")).Order().ToList();
        var active = KeysOf(YamlTree.Read(Manual, "sluice.yaml", [])!, Settings.Root, "").Order().ToList();

        Assert.Equal(known, active);
    }

    /// <summary>The manual with the '#' taken away from the lines below <c>streams:</c>, as it tells its reader to.</summary>
    private static string WithExample()
    {
        var lines = Manual.Split('\n');
        var below = Array.IndexOf(lines, "streams:");
        return string.Join('\n', lines.Select((line, number) => number > below && line.StartsWith('#') ? line[1..] : line));
    }

    private static IEnumerable<string> KeysOf(Shape shape, string path) => shape switch
    {
        SectionShape section => section.Keys.SelectMany(key => KeysOf(key.Shape, path + "." + key.Key)),
        EntriesShape entries => KeysOf(entries.Entry, path + ".*"),
        ListShape list => KeysOf(list.Item, path + ".*"),
        _ => [path.TrimStart('.')],
    };

    private static IEnumerable<string> KeysOf(ConfigNode node, Shape? shape, string path) => node.Kind switch
    {
        NodeKind.Map => node.Children.SelectMany(child => shape is EntriesShape entries
            ? KeysOf(child.Node, entries.Entry, path + ".*")
            : KeysOf(child.Node, (shape as SectionShape)?.Keys.FirstOrDefault(key => key.Key == child.Key).Shape, path + "." + child.Key)),
        NodeKind.List => node.Children.SelectMany(child => KeysOf(child.Node, (shape as ListShape)?.Item, path + ".*")),
        NodeKind.Text => [path.TrimStart('.')],
        _ => [],
    };
}
