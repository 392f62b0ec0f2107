using Fixtures;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;

namespace Pipeline.Tests.Matrix;

/// <summary>Plays one cell in simulated time: recorded encodes through the real pipeline under a fake clock.</summary>
internal sealed class MatrixShow : IAsyncDisposable
{
    /// <summary>By then every source is known and aligned.</summary>
    private const long Settled = 15_000;

    private const long EndAt = 45_000;

    private static readonly long[] Lags = [0, 80, 200, 350];

    private readonly Cell _cell;
    private readonly SimulatedShow _show;
    private readonly Dictionary<string, Uplink> _uplinks = [];
    private int _sessions;

    public MatrixShow(Cell cell)
    {
        _cell = cell;
        // At other places of the GOPs, and between other frames, in each cell.
        FaultAt = Settled + ((int)cell.Fault * 613 + (int)cell.Mode * 211 + cell.Sources * 97) % 2000;
        _show = new SimulatedShow(SimulatedShow.WithSources(cell.Sources, cell.Options, [.. Enumerable.Range(0, cell.Sources)]));
    }

    public SimulatedShow Show => _show;

    private long FaultAt { get; }

    public string Methods => string.Join(", ", _show.Cuts.Select(cut => cut.Method).OfType<string>().Distinct());

    /// <summary>What the switch decided, a line each.</summary>
    public string JournalLines =>
        string.Join('\n', _show.Journal.Select(entry => $"{entry.Time:mm:ss.fff} {entry.Kind} {entry.From} {entry.To} {entry.Reason} {entry.Method} {entry.GapMs} {entry.Note}"));

    /// <summary>Plays it to its end.</summary>
    public Result Play()
    {
        for (var i = 0; i < _cell.Sources; i++) Start(NameOf(i), OriginOf(i));
        _show.Run(FaultAt);
        Act();
        _show.Run(EndAt - _show.Now);
        var verdict = Verdict.On(Showing(), FaultAt, EndAt);
        return new Result(_cell, verdict, Expectation.Of(_cell, verdict.SilenceBeforeMs).Faults(verdict), Methods);
    }

    /// <summary>What came out of the log.</summary>
    public Showing Showing()
    {
        var showing = new Showing(frame => Recording.Contents.Of(frame));
        foreach (var (at, frame) in _show.Output) showing.Add(at, frame);
        return showing;
    }

    public ValueTask DisposeAsync() => _show.DisposeAsync();

    private static string NameOf(int i) => ((char)('a' + i)).ToString();

    private string Active => _show.Stream.ActiveName ?? "a";

    private long OriginOf(int i) => i == 0 && _cell.Fault == Fault.Wrap ? (1L << 32) - FaultAt : 1_000_000L * i * i + 12_345 * i;

    private void Act()
    {
        switch (_cell.Fault)
        {
            case Fault.Kill:
                Kill(Active);
                break;
            case Fault.Stop:
                var stopped = Active;
                _show.Freeze(SimulatedShow.PathOf(stopped));
                _show.Run(6000);
                _show.ThawWithBacklog(SimulatedShow.PathOf(stopped));
                break;
            case Fault.Drop:
                _show.Freeze(SimulatedShow.PathOf(Active));
                break;
            case Fault.SlowUplink:
                _uplinks[Active].BytesPerSecond = Recording.Of(_cell.EncodeOf(0)).BytesPerSecond / 2;
                break;
            case Fault.JumpForward10S or Fault.JumpBack10S or Fault.JumpForward1H or Fault.JumpBack1H:
                _uplinks[Active].Jump = _cell.JumpMs;
                break;
            case Fault.SoundLoss:
                _uplinks[Active].IsMute = true;
                break;
            case Fault.Operator:
                Assert.Equal(CommandResult.Done, _show.Stream.SwitchTo("b"));
                break;
            case Fault.Return:
                Kill("a");
                _show.Run(3000);
                Start("a", 777_777);
                break;
            case Fault.Cascade:
                for (var left = _cell.Sources; left > 1; left--, _show.Run(6000)) Kill(Active);
                break;
            case Fault.AllDead:
                for (var i = 0; i < _cell.Sources; i++) Kill(NameOf(i));
                _show.Run(5000);
                Start("b", 777_777);
                break;
            default:
                break;   // the wrap comes by itself
        }
    }

    private void Start(string source, long origin)
    {
        var i = source[0] - 'a';
        var uplink = new Uplink(Recording.Of(_cell.EncodeOf(i)), origin, Lags[i], seed: ++_sessions);
        _uplinks[source] = uplink;
        _show.Start(SimulatedShow.PathOf(source), uplink.Frames(_show.Now));
    }

    private void Kill(string source) => _show.Kill(SimulatedShow.PathOf(source));
}
