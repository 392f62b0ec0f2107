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
