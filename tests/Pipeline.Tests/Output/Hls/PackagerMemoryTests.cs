using Sluice.Pipeline.Output.Hls;

namespace Pipeline.Tests.Output.Hls;

[Collection(nameof(Alone))]
public class PackagerMemoryTests
{
    [Fact]
    public void Memory_is_bounded_and_given_back()
    {
        var rig = new HlsRig(TimeSpan.FromSeconds(2));
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 60_000);
        Assert.Equal(HlsVersion.Kept, packager.Version.All.Count(segment => segment.IsComplete));
        var part = packager.Version.All[0].Parts[0];
        rig.End();
        Assert.True(packager.Version.IsEnded);
        packager.Release();
        Assert.Null(part.TryRetain());
        Assert.All(rig.Bodies, body => Assert.Equal(0, body.References));
    }

    [Fact]
    public void What_waits_for_pictures_that_do_not_come_is_bounded()
    {
        var rig = new HlsRig(TimeSpan.FromSeconds(2));
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 6_000);
        rig.Headers(HlsRig.Avc360);
        rig.Play(6_000, 300_000, pictures: false);
        // The log holds what came behind its newest keyframe, too: the packager's references come on top.
        Assert.InRange(rig.Bodies.Count(body => body.References > 1), 1, 2_100);
        rig.Play(300_000, 310_080);
        rig.End();
        packager.Release();
        Assert.All(rig.Bodies, body => Assert.Equal(0, body.References));
    }

    [Fact]
    public void One_that_failed_gives_all_back()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 6_100);
        rig.BrokenPicture(6_120);
        rig.Play(6_160, 9_000);
        Assert.NotNull(packager.Refusal);
        rig.End();
        packager.Release();
        Assert.All(rig.Bodies, body => Assert.Equal(0, body.References));
    }
}
