using System.Text.RegularExpressions;
using Sluice.Commands;
using Sluice.Configuration;

namespace Control.Tests.House;

/// <summary>What the README tells to type can be typed.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(RepositoryRoot.File("README.md"));

    [Fact]
    public void The_example_of_several_inputs_loads()
    {
        var load = ConfigLoader.LoadText(Example().Match(Readme).Groups["yaml"].Value, "my.yaml", [], []);

        Assert.Empty(load.Problems);
        Assert.Equal(["a", "b", "c"], load.Options!.For("live/show").Sources.Select(source => source.Name));
    }

    [Fact]
    public void Each_command_is_understood_and_needs_no_file_that_no_line_makes()
    {
        var commands = Command().Matches(Readme).Select(match => match.Groups["arguments"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();

        Assert.True(commands.Count >= 8);
        Assert.All(commands, arguments => Assert.Empty(CommandLine.Parse(arguments).Errors));
        Assert.Contains("-c:a aac show.flv\n", Readme);
        Assert.All(commands.Where(arguments => arguments is ["bench", "publish", ..]), arguments => Assert.Equal("show.flv", arguments[2]));
    }

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();

    [GeneratedRegex(@"^\./sluice (?<arguments>[^#\n]*)", RegexOptions.Multiline)]
    private static partial Regex Command();
}
