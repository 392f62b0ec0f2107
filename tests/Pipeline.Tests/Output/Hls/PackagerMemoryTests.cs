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
}
