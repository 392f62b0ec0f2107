using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Simulation;

/// <summary>What must hold of every output, whatever its sources did.</summary>
public static class Continuity
{
    /// <summary>Video DTS one frame apart, no PTS twice or before its DTS, sound on its 21/22 ms grid.</summary>
    public static void AssertUnbroken(SimulatedShow show)
    {
        var pictures = show.Pictures.ToList();
        Assert.NotEmpty(pictures);
        Assert.All(Steps(pictures), step => Assert.Equal(SimulatedEncoder.PictureMs, step));
        Assert.All(pictures, frame => Assert.True(frame.Cts >= 0, $"PTS before DTS at {frame.Dts}"));
        Assert.Equal(pictures.Count, pictures.Select(frame => frame.Pts).Distinct().Count());
        AssertSoundOnGrid(show);
    }

    public static void AssertSoundOnGrid(SimulatedShow show) =>
        Assert.All(Steps([.. show.Sounds]), step => Assert.InRange(step, 21, 22));

    /// <summary>Never back, in either track.</summary>
    public static void AssertNeverBack(SimulatedShow show)
    {
        Assert.All(Steps([.. show.Pictures]), step => Assert.True(step > 0));
        Assert.All(Steps([.. show.Sounds]), step => Assert.True(step > 0));
    }

    /// <summary>Sound and pictures are as far apart as at the source: within <paramref name="tolerance"/> ms at the end of the output.</summary>
    public static void AssertLipSync(SimulatedShow show, long tolerance)
    {
        var picture = show.Pictures.Last().Dts;
        var sound = show.Sounds.Last().Dts;
        Assert.InRange(sound - picture, -tolerance, tolerance);
    }

    private static IEnumerable<long> Steps(IReadOnlyList<Frame> frames) => frames.Zip(frames.Skip(1), (a, b) => b.Dts - a.Dts);
}
