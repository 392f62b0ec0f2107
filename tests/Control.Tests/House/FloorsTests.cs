using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Control.Tests.House;

/// <summary>Floors: projects refer only downwards, and the stages of the pipeline see only what they may.</summary>
public sealed partial class FloorsTests
{
    private static readonly string[] Floors = ["Sluice.Wire", "Sluice.Pipeline", "Sluice.Control", "Sluice"];

    [Fact]
    public void Projects_refer_only_downwards()
    {
        foreach (var project in RepositoryRoot.Files("src", "*.csproj"))
        {
            var floor = Array.IndexOf(Floors, Path.GetFileNameWithoutExtension(project));
            Assert.True(floor >= 0, $"{project} is on no floor");
            foreach (var reference in XDocument.Load(project).Descendants("ProjectReference"))
            {
                var below = Array.IndexOf(Floors, Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
                Assert.True(below >= 0 && below < floor, $"{Floors[floor]} refers to {reference}");
            }
        }
    }

    [Theory]
    [InlineData("Media", "System.Net|Sluice.Pipeline.(Net|Ingest|Output|Sources|Switching|StreamLogs)")]
    [InlineData("StreamLogs", "System.Net|Sluice.Pipeline.(Net|Ingest|Output|Sources|Switching)")]
    [InlineData("Sources", "System.Net|Sluice.Pipeline.(Net|Ingest|Output)")]
    [InlineData("Alignment", "System.Net|Sluice.Pipeline.(Net|Ingest|Output|Switching)")]
    [InlineData("Switching", "System.Net|Sluice.Pipeline.(Net|Ingest|Output)")]
    [InlineData("Output", "Sluice.Pipeline.Ingest")]
    [InlineData("Ingest", "Sluice.Pipeline.Output", "Ingest/Rtmp/")]
    public void A_stage_does_not_see(string stage, string forbidden, string except = "nothing/")
    {
        var folder = Path.Combine("src", "Sluice.Pipeline", stage);
        if (!Directory.Exists(RepositoryRoot.File(folder))) Assert.Skip($"The stage {stage} is not there yet.");
        var sights = new Regex($@"\b(using|global::)\s*(static\s+)?(\w+\s*=\s*)?({forbidden.Replace(".", @"\.")})\b|\b({forbidden.Replace(".", @"\.")})\.");
        foreach (var file in RepositoryRoot.Files(folder, "*.cs"))
        {
            if (file.Contains($"/{except}")) continue;
            foreach (var line in File.ReadLines(file).Where(line => !Comment().IsMatch(line)))
            {
                Assert.False(sights.IsMatch(line), $"{Path.GetRelativePath(RepositoryRoot.Path, file)}: {line.Trim()}");
            }
        }
    }

    [GeneratedRegex(@"^\s*//")]
    private static partial Regex Comment();
}
