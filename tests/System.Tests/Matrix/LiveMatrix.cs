using System.Collections.Concurrent;
using System.Tests.Parts;
using Fixtures;

namespace System.Tests.Matrix;

/// <summary>
/// Runs cells in real time, several at once, for they mostly wait. A cell in which this machine itself stood still is run again, and counts as failed the third time only.
/// </summary>
public class LiveMatrix : IAsyncLifetime
{
    private const int AtOnce = 5;

    private const int MostRuns = 3;

    private const long Stall = 100;

    private static readonly ConcurrentBag<Result> Results = [];

    private readonly SemaphoreSlim _room = new(AtOnce);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sluice-live-matrix-");
    private readonly Dictionary<Cell, Task<Result>> _runs = [];
    private readonly IEnumerable<Cell> _cells;
    private Nginx? _cdn;

    protected LiveMatrix(IEnumerable<Cell> cells) => _cells = cells;

    public async ValueTask InitializeAsync()
    {
        if (!EncodeFiles.CanBeMade) return;
        Assert.NotEqual(0, Recording.Contents.Count);   // read, or made, before any clock runs
        _cdn = await Nginx.StartAsync($"record all; record_path {_folder.FullName}; record_unique off;");
        foreach (var cell in _cells)
            if (LiveCell.WhyNot(cell) is null) _runs[cell] = Task.Run(() => RunAsync(cell));
    }

    /// <summary>The outcome of one cell, once it is there.</summary>
    public async Task AssertAsync(Cell cell)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "ffmpeg is not installed");
        Assert.SkipWhen(LiveCell.WhyNot(cell) is not null, LiveCell.WhyNot(cell) ?? "");
        var result = await _runs[cell];
        Assert.True(result.Faults.Count == 0, $"{string.Join("; ", result.Faults)}\n{result.Verdict}");
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_runs.Values).ContinueWith(_ => { }, TaskScheduler.Default);
        if (_cdn is not null) await _cdn.DisposeAsync();
        _folder.Delete(recursive: true);
        _room.Dispose();
        ResultTable.Write("live", Results);
        GC.SuppressFinalize(this);
    }

    private async Task<Result> RunAsync(Cell cell)
    {
        await _room.WaitAsync();
        try
        {
            for (var run = 1; ; run++)
            {
                using var watch = new StallWatch();
                await using var live = new LiveCell(cell, _cdn!, _folder.FullName);
                var result = await live.RunAsync(watch);
                if (result.Faults.Count > 0 && watch.WorstMs > Stall && run < MostRuns) continue;
                if (run > 1) result = result with { Method = $"{result.Method} (run {run}, this machine stood still in those before)" };
                Results.Add(result);
                return result;
            }
        }
        finally
        {
            _room.Release();
        }
    }
}

/// <summary>What is run in real time always.</summary>
public sealed class SomeCells() : LiveMatrix(All)
{
    internal static IReadOnlyList<Cell> All { get; } =
    [
        new(Fault.Cascade, Sluice.Pipeline.SwitchMode.Lookahead, 4),
        new(Fault.Return, Sluice.Pipeline.SwitchMode.Lookahead, 2),
        new(Fault.Stop, Sluice.Pipeline.SwitchMode.Lookahead, 2),
        new(Fault.SlowUplink, Sluice.Pipeline.SwitchMode.Lookahead, 2),
        new(Fault.Stop, Sluice.Pipeline.SwitchMode.Replay, 2),
        new(Fault.Kill, Sluice.Pipeline.SwitchMode.Lookahead, 2),
        new(Fault.Drop, Sluice.Pipeline.SwitchMode.Lookahead, 2),
        new(Fault.Operator, Sluice.Pipeline.SwitchMode.Lookahead, 2),
        new(Fault.Kill, Sluice.Pipeline.SwitchMode.Replay, 2),
        new(Fault.Kill, Sluice.Pipeline.SwitchMode.Merge, 2),
    ];
}

/// <summary>All others.</summary>
public sealed class OtherCells() : LiveMatrix(All)
{
    internal static IReadOnlyList<Cell> All { get; } = [.. Cell.All.Concat(Cell.Mixed).Except(SomeCells.All)];
}

/// <summary>What is measured here must not wait for other tests.</summary>
[CollectionDefinition(nameof(Measured), DisableParallelization = true)]
public sealed class Measured;
