using Sluice.Pipeline.StreamLogs;

namespace Pipeline.Tests.StreamLogs;

public sealed class PartPlanTests
{
    /// <summary>hls.js takes a segment for loaded whose last fifth of a second is missing.</summary>
    private const double Padding = 200;

    public static TheoryData<double, double> Segments
    {
        get
        {
            var segments = new TheoryData<double, double>();
            foreach (var rate in (double[])[24, 25, 30, 50, 60, 24_000 / 1001.0, 30_000 / 1001.0, 60_000 / 1001.0])
                foreach (var seconds in (double[])[1, 2, 4])
                    segments.Add(Math.Round(rate * seconds) / rate * 1000, 1000 / rate);
            foreach (var pictures in (int[])[30, 40, 47, 48, 50, 60]) segments.Add(pictures * 40, 40);   // distances of keyframes of encoders that know no seconds
            segments.Add(2000, 1024 / 48.0);                                                             // sound alone
            segments.Add(2000, 100);                                                                     // a slide show
            segments.Add(2000, 400);
            return segments;
        }
    }

    [Theory]
    [MemberData(nameof(Segments))]
    public void Parts_are_alike_and_the_last_is_none_that_players_stumble_over(double segment, double picture)
    {
        var target = PartPlan.TargetFor(picture);
        var parts = Divide(segment, picture, PartPlan.StepFor(segment, picture, target));
        Assert.All(parts, part => Assert.InRange(part, 0, target + 0.5));
        Assert.All(parts.SkipLast(1), part => Assert.True(part >= 0.85 * target - 0.5, string.Join(' ', parts)));
        Assert.True(parts[^1] > Padding - 0.5 || picture > Padding, string.Join(' ', parts));
        Assert.InRange(target, 360, 400);
    }

    [Fact]
    public void What_makes_no_sense_is_divided_all_the_same()
    {
        Assert.Equal(360, PartPlan.StepFor(segment: 0, picture: 40, 360));
        Assert.Equal(360, PartPlan.StepFor(segment: 2000, picture: 5000, 360));
        Assert.InRange(PartPlan.StepFor(segment: 100, picture: 40, 360), 100, 360);
    }

    /// <summary>As the packager does it.</summary>
    private static List<double> Divide(double segment, double picture, double step)
    {
        var (parts, begin) = (new List<double>(), 0.0);
        for (var n = 1; n * picture < segment - 1; n++)
        {
            if (n * picture < (parts.Count + 1) * step - picture / 2) continue;
            parts.Add(n * picture - begin);
            begin = n * picture;
        }
        return [.. parts, segment - begin];
    }
}
