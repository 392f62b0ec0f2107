using Fixtures;
using Sluice.Pipeline;

namespace System.Tests.Matrix;

/// <summary>Ten cells of the matrix with real programs, in real time.</summary>
[Collection(nameof(Measured))]
public sealed class LiveMatrixTests(SomeCells cells) : IClassFixture<SomeCells>
{
    public static TheoryData<Fault, SwitchMode, int> Cells => [.. SomeCells.All.Select(cell => (cell.Fault, cell.Mode, cell.Sources))];

    [Theory]
    [MemberData(nameof(Cells))]
    public Task The_viewer_and_the_CDN_see_every_picture_once(Fault fault, SwitchMode mode, int sources) => cells.AssertAsync(new Cell(fault, mode, sources));
}

/// <summary>All the other cells, a quarter of an hour of them.</summary>
[Collection(nameof(Measured))]
[Trait("Category", "Matrix")]
public sealed class FullMatrixTests(OtherCells cells) : IClassFixture<OtherCells>
{
    public static TheoryData<Fault, SwitchMode, int> Cells => [.. OtherCells.All.Select(cell => (cell.Fault, cell.Mode, cell.Sources))];

    [Theory]
    [MemberData(nameof(Cells))]
    public Task The_viewer_and_the_CDN_see_every_picture_once(Fault fault, SwitchMode mode, int sources) => cells.AssertAsync(new Cell(fault, mode, sources));
}
