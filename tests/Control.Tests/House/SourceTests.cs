using System.Text.RegularExpressions;

namespace Control.Tests.House;

/// <summary>What holds for every source file.</summary>
public sealed partial class SourceTests
{
    private const int MostLines = 350;

    [Fact]
    public void No_production_file_is_over_350_lines()
    {
        var tooLong = RepositoryRoot.Files("src", "*.cs").Select(file => (file, Lines: File.ReadLines(file).Count())).Where(file => file.Lines > MostLines);

        Assert.Empty(tooLong.Select(file => $"{file.file}: {file.Lines}"));
    }

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var banned = from file in RepositoryRoot.Files("src", "*.cs")
                     from Match type in Declaration().Matches(File.ReadAllText(file))
                     where Banned().IsMatch(type.Groups["name"].Value)
                     select $"{file}: {type.Groups["name"].Value}";

        Assert.Empty(banned);
    }

    [Fact]
    public void No_work_is_left_to_a_comment()
    {
        var left = from file in RepositoryRoot.Files("src", "*.cs")
                   from line in File.ReadLines(file)
                   where LeftOver().IsMatch(line)
                   select $"{file}: {line.Trim()}";

        Assert.Empty(left);
    }

    [GeneratedRegex(@"\b(class|struct|record|interface|enum)\s+(struct\s+|class\s+)?(?<name>[A-Z]\w*)")]
    private static partial Regex Declaration();

    [GeneratedRegex("(Manager|Helper|Helpers|Service|Processor|Provider|Util|Utils|Utility)$|_v[0-9]|V2$")]
    private static partial Regex Banned();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|^\s*#region")]
    private static partial Regex LeftOver();
}
