using System.Text.RegularExpressions;
using Sluice.Pipeline;

namespace Control.Tests.House;

/// <summary>Links between the documents lead somewhere.</summary>
public sealed partial class DocsTests
{
    [Fact]
    public void Relative_links_lead_to_files_and_headings_that_exist()
    {
        var documents = RepositoryRoot.Files("docs", "*.md").Concat(Directory.EnumerateFiles(RepositoryRoot.Path, "*.md")).ToList();
        Assert.NotEmpty(documents);
        var broken = from document in documents
                     from Match link in Link().Matches(File.ReadAllText(document))
                     let target = link.Groups["target"].Value
                     where !target.Contains("://") && !Leads(document, target)
                     select $"{Path.GetRelativePath(RepositoryRoot.Path, document)}: {target}";

        Assert.Empty(broken);
    }

    [Theory]
    [InlineData("kind", typeof(JournalKinds))]
    [InlineData("reason", typeof(JournalReasons))]
    public void The_journal_is_described_with_every_kind_and_reason_that_there_is(string column, Type words)
    {
        var rows = File.ReadLines(RepositoryRoot.File("docs/03-api.md")).SkipWhile(line => !line.StartsWith($"| {column} |", StringComparison.Ordinal)).Skip(2).TakeWhile(line => line.StartsWith('|'));
        var described = rows.SelectMany(row => Word().Matches(row.Split('|')[1]).Select(word => word.Groups["word"].Value));

        Assert.Equal(words.GetFields().Select(field => (string)field.GetRawConstantValue()!).Order(), described.Order());
    }

    [Fact]
    public void The_journal_is_written_with_the_words_that_are_described()
    {
        var others = from file in RepositoryRoot.Files("src/Sluice.Pipeline", "*.cs").Concat(RepositoryRoot.Files("src/Sluice.Control", "*.cs"))
                     from line in File.ReadLines(file)
                     where Literal().IsMatch(line)
                     select $"{file}: {line.Trim()}";

        Assert.Empty(others);
    }

    private static bool Leads(string document, string target)
    {
        var (path, heading) = target.Split('#') is [var first, var second] ? (first, second) : (target, "");
        var file = path.Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, path);
        if (!Path.Exists(file)) return false;
        return heading.Length == 0 || File.ReadLines(file).Any(line => line.StartsWith('#') && Anchor(line) == heading);
    }

    /// <summary>A heading as links name it: lower case, spaces as '-', punctuation gone.</summary>
    private static string Anchor(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant().Select(c => c == ' ' ? "-" : char.IsLetterOrDigit(c) || c is '-' or '_' ? $"{c}" : ""));

    [GeneratedRegex("`(?<word>[a-z]+)`")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b(Kind|Reason) = ""[a-z]+""|\b(Entry|Aim|Fail)\([^""]*""[a-z]+""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
