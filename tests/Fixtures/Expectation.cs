using Sluice.Pipeline;

namespace Fixtures;

/// <summary>What must hold in a cell.</summary>
/// <param name="MaySilence">How long the viewer may wait for pictures or sound from the fault on; null: for ever.</param>
/// <param name="MayLose">The number of holes that there may be in the pictures, and in the sound's grid; as many pictures may be shown twice: what stands on the screen before the hole.</param>
/// <param name="KeepsGrid">Each DTS is one frame after the one before. A replay sends decoded pictures in between, which moves some.</param>
/// <param name="KeepsSound">No sound of the timeline may be missing.</param>
public sealed record Expectation(long? MaySilence, int MayLose, bool KeepsGrid, bool KeepsSound)
{
    private const int MostAskew = 15;

    private const int MostBehind = 1000;

    /// <summary>What the modes promise.</summary>
    /// <param name="silenceBefore">The longest silence before the fault, in milliseconds.</param>
    /// <param name="noise">What the clock of this recording may be wrong by, in milliseconds.</param>
    public static Expectation Of(Cell cell, long silenceBefore, long noise = 0)
    {
        var seamless = cell.Mode is SwitchMode.Lookahead or SwitchMode.Merge or SwitchMode.Auto;
        var silence = noise + cell.Mode switch
        {
            SwitchMode.Lookahead or SwitchMode.Auto => silenceBefore + 150,
            SwitchMode.Merge => silenceBefore + 200,    // a frame that one link lacks is awaited so long from the other
            SwitchMode.Replay when cell.Fault is Fault.Stop or Fault.Drop or Fault.SlowUplink => (long)cell.Options.Silence.TotalMilliseconds + 150,
            SwitchMode.Replay when cell.Fault is Fault.SoundLoss => 1300,   // a missing track is a fault after a second
            SwitchMode.Replay => 300,
            _ => 3000,
        };
        return cell.Fault == Fault.AllDead ? new Expectation(null, 1, seamless, KeepsSound: false)
            : cell.Mode == SwitchMode.Keyframe ? new Expectation(silence, 3, KeepsGrid: true, KeepsSound: false)
            : new Expectation(silence, 0, seamless, KeepsSound: seamless || cell.Fault != Fault.SoundLoss);
    }

    /// <summary>What does not hold; empty: all does.</summary>
    public IReadOnlyList<string> Faults(Verdict verdict)
    {
        List<string> faults = [];
        if (verdict.Holes > MayLose) faults.Add($"{verdict.Lost} pictures lost in {verdict.Holes} places");
        if (verdict.Repeated > MayLose) faults.Add($"{verdict.Repeated} pictures repeated");
        if (verdict.Strange > 0) faults.Add($"{verdict.Strange} pictures of no encode");
        if (KeepsGrid && verdict.OffGrid > 0) faults.Add($"{verdict.OffGrid} DTS off the grid");
        if (verdict.Back > 0) faults.Add($"{verdict.Back} time stamps back");
        if (verdict.SoundOffGrid > MayLose) faults.Add($"{verdict.SoundOffGrid} sounds off the grid");
        if (KeepsSound && verdict.SilentSounds > 0) faults.Add($"{verdict.SilentSounds} sounds are silence");
        if (KeepsSound && verdict.SoundBrokenMs > 0) faults.Add(FormattableString.Invariant($"{verdict.SoundBrokenMs:0} ms of sound lost or repeated"));
        if (verdict.SilenceAfterMs > MaySilence) faults.Add($"{verdict.SilenceAfterMs} ms of silence, {MaySilence} allowed");
        if (verdict.BehindMs > MostBehind) faults.Add($"at the end {verdict.BehindMs} ms further behind the timeline than before the fault");
        if (Math.Abs(verdict.LipSyncBeforeMs) > MostAskew) faults.Add(FormattableString.Invariant($"sound {verdict.LipSyncBeforeMs:0.#} ms ahead before the fault"));
        if (Math.Abs(verdict.LipSyncAfterMs) > MostAskew) faults.Add(FormattableString.Invariant($"sound {verdict.LipSyncAfterMs:0.#} ms ahead after the fault"));
        if (MayLose == 0 && Math.Abs(verdict.DriftMs) > 0 && KeepsGrid) faults.Add($"output and timeline drifted by {verdict.DriftMs} ms");
        return faults;
    }
}
