using System.Text.RegularExpressions;

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

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
