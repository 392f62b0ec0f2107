using Sluice.Pipeline.Media;
using Sluice.Pipeline.Switching;

namespace Pipeline.Tests.Switching;

public sealed class AudioGridTests
{
    private static AudioGrid Grid(int rate)
    {
        var grid = new AudioGrid();
        grid.SetFormat(new AudioFormat(1024, rate));
        return grid;
    }

    /// <summary>Vector <c>aac_grid_ms</c>.</summary>
    [Theory]
    [InlineData(48_000, new long[] { 0, 21, 42, 64, 85, 106, 128, 149, 170, 192, 213, 234, 256, 277, 298, 320 })]
    [InlineData(44_100, new long[] { 0, 23, 46, 69, 92, 116, 139, 162, 185, 208, 232, 255, 278, 301, 325, 348 })]
    public void Times_come_from_the_count_of_samples(int rate, long[] expected)
    {
        var grid = Grid(rate);
        Assert.Equal(expected, expected.Select((_, n) => grid.Stamp((long)Math.Round(n * 1024_000.0 / rate))!.Value));
    }

    [Fact]
    public void An_hour_of_rounded_source_times_does_not_drift()
    {
        var grid = Grid(48_000);
        long last = 0;
        for (long n = 0; n < 168_750; n++) last = grid.Stamp(n * 1024_000 / 48_000 + n % 3)!.Value;
        Assert.Equal(168_749L * 1024_000 / 48_000, last);
        Assert.Equal(0, grid.Reanchors);
    }

    [Fact]
    public void A_source_that_lost_sound_is_followed_after_a_second_and_counted()
    {
        var grid = Grid(48_000);
        for (var n = 0; n < 100; n++) grid.Stamp(n * 1024_000L / 48_000);
        long? last = null;
        for (var n = 103; n < 160; n++) last = grid.Stamp(n * 1024_000L / 48_000);
        Assert.Equal(1, grid.Reanchors);
        Assert.InRange(last!.Value, 159 * 1024_000L / 48_000 - 1, 159 * 1024_000L / 48_000 + 1);
    }

    [Fact]
    public void A_long_gap_is_followed_at_once()
    {
        var grid = Grid(48_000);
        grid.Stamp(0);
        Assert.Equal(5000, grid.Stamp(5000));
    }

    [Fact]
    public void Sound_that_is_ahead_is_dropped_never_put_back()
    {
        var grid = Grid(48_000);
        for (var n = 0; n < 100; n++) grid.Stamp(n * 1024_000L / 48_000);
        Assert.Null(grid.Stamp(100));
        Assert.Equal(2133, grid.Stamp(2130));
    }

    [Fact]
    public void Without_a_constant_frame_length_times_pass()
    {
        var grid = new AudioGrid();
        Assert.Equal([0L, 20, 45, 46, 80], new long[] { 0, 20, 45, 45, 80 }.Select(time => grid.Stamp(time)!.Value));
    }
}
