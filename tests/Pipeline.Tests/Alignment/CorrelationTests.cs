using Sluice.Pipeline.Alignment;

namespace Pipeline.Tests.Alignment;

public sealed class CorrelationTests(ITestOutputHelper output)
{
    private static readonly Programme Show = new(1);

    public static TheoryData<string> Variants => ["phase", "bframes", "gain", "start", "ntsc", "fifty", "late", "video", "sound"];

    [Theory]
    [MemberData(nameof(Variants))]
    public void Two_encoders_of_one_show_are_found_to_the_frame(string variant)
    {
        var a = new ContentEncoder { Programme = Show, Id = 1, Origin = 5_000 };
        var b = new ContentEncoder { Programme = Show, Id = 2, Origin = 1_234_567, Phase = 13, Gain = 0.8, Delay = 430 };
        (a, b) = variant switch
        {
            "bframes" => (a with { BFrames = 2 }, b with { BFrames = 3, Gop = 100 }),
            "gain" => (a, b with { Gain = 0.5, Noise = 0.5 }),
            "ntsc" => (a with { Fps = 30000 / 1001.0 }, b with { Fps = 30000 / 1001.0, BFrames = 2 }),
            "fifty" => (a with { Fps = 50 }, b with { Fps = 50, BFrames = 2 }),
            "late" => (a with { Delay = 9000 }, b),
            "video" => (a with { PaddedSound = true }, b),
            "sound" => (a with { HasVideo = false }, b with { HasVideo = false }),
            _ => (a, b),
        };
        var rig = new AlignmentRig(2);
        rig.Start(0, a);
        if (variant == "start") rig.Run(500);
        rig.Start(1, b);
        var locked = 0L;
        while (locked == 0 && rig.Now < 60_000)
        {
            rig.Run(1000);
            if (rig.Of(1).Method == AlignmentMethod.Correlation) locked = rig.Now;
        }
        rig.Run(10_000);
        output.WriteLine($"{variant}: locked after {locked} ms, {rig.Of(1)}, error {rig.Error(0, 1):F2}");

        Assert.Equal(AlignmentMethod.Correlation, rig.Of(1).Method);
        Assert.InRange(rig.Error(0, 1), variant == "sound" ? -8 : -2, variant == "sound" ? 8 : 2);
        Assert.InRange(locked, 1, 30_000);
        Assert.True(rig.Of(1).Confidence >= 0.6);
    }
}
