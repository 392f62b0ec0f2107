using Fixtures;
using Sluice.Pipeline;

namespace Pipeline.Tests.Matrix;

/// <summary>Every fault, in every mode, with two and four sources: what the viewer sees, picture by picture. <c>./test --table</c> prints the outcome.</summary>
[Trait("Category", "Thorough")]
public sealed class MatrixTests(MatrixTests.Table table) : IClassFixture<MatrixTests.Table>
{
    public static TheoryData<Fault, SwitchMode, int> Cells => [.. Cell.All.Concat(Cell.Mixed).Select(cell => (cell.Fault, cell.Mode, cell.Sources))];

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task The_viewer_sees_every_picture_once(Fault fault, SwitchMode mode, int sources)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "ffmpeg is not installed");
        await using var show = new MatrixShow(new Cell(fault, mode, sources));
        var result = show.Play();
        table.Results.Add(result);
        Assert.True(result.Faults.Count == 0, $"{string.Join("; ", result.Faults)}\n{result.Verdict}\n{show.JournalLines}");
    }

    /// <summary>The judge is no better than what it can see: what waits for a keyframe loses the pictures up to it, and only those.</summary>
    [Fact]
    public async Task Waiting_for_a_keyframe_loses_the_pictures_up_to_it()
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "ffmpeg is not installed");
        await using var show = new MatrixShow(new Cell(Fault.Kill, SwitchMode.Keyframe, 2));
        var result = show.Play();
        Assert.Empty(result.Faults);
        Assert.Equal("keyframe", result.Method);
        Assert.Equal(1, result.Verdict.Holes);
        Assert.InRange(result.Verdict.Lost, 10, 45);
        Assert.Equal(-result.Verdict.Lost * Timeline.PictureMs, result.Verdict.DriftMs, tolerance: Timeline.PictureMs);
    }

    /// <summary>Collects the outcomes, and writes them down at the end.</summary>
    public sealed class Table : IDisposable
    {
        public List<Result> Results { get; } = [];

        public void Dispose() => ResultTable.Write("simulated", Results);
    }
}
