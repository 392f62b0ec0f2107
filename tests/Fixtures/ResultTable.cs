using System.Globalization;
using System.Text;
using Sluice.Pipeline;

namespace Fixtures;

/// <summary>The outcome of one cell.</summary>
/// <param name="Faults">What did not hold; empty: it passed.</param>
/// <param name="Method">How the switch did it, as the journal says; empty where nothing was cut.</param>
public sealed record Result(Cell Cell, Verdict Verdict, IReadOnlyList<string> Faults, string Method);

/// <summary>The matrix as a table in Markdown.</summary>
public static class ResultTable
{
    private const string Head = "| mode | fault | sources | lost | repeated | largest gap before → after, ms | sound − picture at worst, ms | by | verdict |\n|---|---|---|---|---|---|---|---|---|\n";

    private static readonly SwitchMode[] Order = [SwitchMode.Lookahead, SwitchMode.Replay, SwitchMode.Merge, SwitchMode.Auto];

    public static string Of(IEnumerable<Result> results)
    {
        var table = new StringBuilder(Head);
        var rows = results.GroupBy(result => (result.Cell.Mode, result.Cell.Fault)).OrderBy(row => Array.IndexOf(Order, row.Key.Mode)).ThenBy(row => row.Key.Fault);
        foreach (var row in rows) table.Append(Row([.. row.OrderBy(result => result.Cell.Sources)]));
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

    /// <summary>One fault in one mode, with different numbers of sources.</summary>
    private static string Row(IReadOnlyList<Result> results)
    {
        string[] cells =
        [
            results[0].Cell.Mode.ToString().ToLowerInvariant(),
            NameOf(results[0].Cell.Fault),
            Join(result => $"{result.Cell.Sources}"),
            Join(result => $"{result.Verdict.Lost}"),
            Join(result => $"{result.Verdict.Repeated}"),
            Join(result => $"{result.Verdict.SilenceBeforeMs} → {result.Verdict.SilenceAfterMs}"),
            Join(result => Math.Round(Askew(result.Verdict)).ToString(CultureInfo.InvariantCulture)),
            Join(result => result.Method),
            Join(result => result.Faults.Count == 0 ? "good" : string.Join("; ", result.Faults)),
        ];
        return $"| {string.Join(" | ", cells)} |\n";

        string Join(Func<Result, string> value)
        {
            var values = results.Select(value).ToList();
            return values.Distinct().Count() == 1 ? values[0] : string.Join(" / ", values);
        }
    }

    private static double Askew(Verdict verdict) =>
        Math.Abs(verdict.LipSyncAfterMs) > Math.Abs(verdict.LipSyncBeforeMs) ? verdict.LipSyncAfterMs : verdict.LipSyncBeforeMs;

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
