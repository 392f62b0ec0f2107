using System.Globalization;
using System.Text;

namespace Fixtures;

/// <summary>The outcome of one cell.</summary>
/// <param name="Faults">What did not hold; empty: it passed.</param>
/// <param name="Method">How the switch did it, as the journal says; empty where nothing was cut.</param>
public sealed record Result(Cell Cell, Verdict Verdict, IReadOnlyList<string> Faults, string Method);

/// <summary>The matrix as a table in Markdown.</summary>
public static class ResultTable
{
    private const string Head = "| mode | fault | sources | lost | repeated | largest gap before → after, ms | sound − picture at worst, ms | by | verdict |\n|---|---|---|---|---|---|---|---|---|\n";

    public static string Of(IEnumerable<Result> results)
    {
        var table = new StringBuilder(Head);
        foreach (var result in results.OrderBy(result => result.Cell.Mode).ThenBy(result => result.Cell.Fault).ThenBy(result => result.Cell.Sources)) table.Append(Row(result));
        return table.ToString();
    }

    /// <summary>Writes the table to <c>artifacts/matrix/</c><paramref name="name"/><c>.md</c> of the repository, where <c>./test</c> finds it.</summary>
    public static void Write(string name, IEnumerable<Result> results)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root.FullName, "Sluice.slnx"))) root = root.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
        var folder = Directory.CreateDirectory(Path.Combine(root.FullName, "artifacts", "matrix"));
        File.WriteAllText(Path.Combine(folder.FullName, name + ".md"), Of(results));
    }

    private static string Row(Result result)
    {
        var (cell, verdict) = (result.Cell, result.Verdict);
        var askew = Math.Abs(verdict.LipSyncAfterMs) > Math.Abs(verdict.LipSyncBeforeMs) ? verdict.LipSyncAfterMs : verdict.LipSyncBeforeMs;
        return string.Create(CultureInfo.InvariantCulture,
            $"| {cell.Mode.ToString().ToLowerInvariant()} | {NameOf(cell.Fault)} | {cell.Sources} | {verdict.Lost} | {verdict.Repeated} | {verdict.SilenceBeforeMs} → {verdict.SilenceAfterMs} | {askew:0} | {result.Method} | {(result.Faults.Count == 0 ? "good" : string.Join("; ", result.Faults))} |\n");
    }

    private static string NameOf(Fault fault) => fault switch
    {
        Fault.Kill => "encoder killed",
        Fault.Stop => "encoder stopped for 6 s",
        Fault.Drop => "packets vanish",
        Fault.SlowUplink => "uplink at half the rate",
        Fault.JumpForward10S => "times jump +10 s",
        Fault.JumpBack10S => "times jump −10 s",
        Fault.JumpForward1H => "times jump +1 h",
        Fault.JumpBack1H => "times jump −1 h",
        Fault.Wrap => "times wrap at 2^32 ms",
        Fault.SoundLoss => "sound is missing",
        Fault.Operator => "operator switches",
        Fault.Return => "killed, comes back, is returned to",
        Fault.Cascade => "killed one by one until one is left",
        _ => "all killed, one comes back",
    };
}
