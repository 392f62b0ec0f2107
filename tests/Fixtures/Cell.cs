using Sluice.Pipeline;

namespace Fixtures;

/// <summary>What happens to the sources. It happens to the one that is on, unless the name says otherwise.</summary>
public enum Fault
{
    /// <summary>Its encoder is killed: the connection closes.</summary>
    Kill,

    /// <summary>Its encoder is stopped, and goes on after six seconds with all that it missed to send.</summary>
    Stop,

    /// <summary>From one moment on nothing of it arrives; nobody closes the connection.</summary>
    Drop,

    /// <summary>Its uplink carries half of what it sends.</summary>
    SlowUplink,

    JumpForward10S,

    JumpBack10S,

    JumpForward1H,

    JumpBack1H,

    /// <summary>Its time stamps pass 2^32 ms.</summary>
    Wrap,

    /// <summary>It sends pictures only.</summary>
    SoundLoss,

    /// <summary>The operator switches to another.</summary>
    Operator,

    /// <summary>The preferred source is killed and comes back three seconds later, with another time origin.</summary>
    Return,

    /// <summary>One after the other is killed, until one is left.</summary>
    Cascade,

    /// <summary>All are killed; five seconds later one comes back.</summary>
    AllDead,
}

/// <summary>
/// One cell of the matrix: what happens, in which mode, with how many sources. In mode merge all sources are links of one encoder, in mode auto the first two are;
/// else each is an encoder of its own.
/// </summary>
public sealed record Cell(Fault Fault, SwitchMode Mode, int Sources)
{
    /// <summary>The whole matrix.</summary>
    public static IEnumerable<Cell> All =>
        from mode in new[] { SwitchMode.Lookahead, SwitchMode.Replay, SwitchMode.Merge }
        from fault in Enum.GetValues<Fault>()
        from sources in new[] { 2, 4 }
        select new Cell(fault, mode, sources);

    /// <summary>Merging and looking ahead together: two links of one encoder, and two more encoders.</summary>
    public static IEnumerable<Cell> Mixed => from fault in Enum.GetValues<Fault>() select new Cell(fault, SwitchMode.Auto, 4);

    public string Name => FormattableString.Invariant($"{Mode}, {Fault}, {Sources} sources").ToLowerInvariant();

    /// <summary>How the stream is configured.</summary>
    public SwitchOptions Options => new()
    {
        Mode = Mode,
        Delay = TimeSpan.FromSeconds(Mode is SwitchMode.Lookahead or SwitchMode.Auto ? 3 : 0),
        Prefer = Fault == Fault.Return ? SwitchPreference.Priority : SwitchPreference.Stay,
        Hold = TimeSpan.FromSeconds(3),
        Clear = TimeSpan.FromSeconds(3),
    };

    /// <summary>How far the time stamps jump, in milliseconds; 0 where they do not.</summary>
    public long JumpMs => Fault switch
    {
        Fault.JumpForward10S => 10_000,
        Fault.JumpBack10S => -10_000,
        Fault.JumpForward1H => 3_600_000,
        Fault.JumpBack1H => -3_600_000,
        _ => 0,
    };

    /// <summary>What source number <paramref name="i"/> sends.</summary>
    public EncodeRecipe EncodeOf(int i) => EncodeRecipe.All[Mode == SwitchMode.Merge || (Mode == SwitchMode.Auto && i < 2) ? 0 : i];

    public override string ToString() => Name;
}
