using Sluice.Pipeline;
using Sluice.Pipeline.Output.Hls;

namespace Pipeline.Tests.Output.Hls;

/// <summary>Shows that end too early, stand still, or change their sound: the packager goes on, and its files stay by the rules.</summary>
public sealed class OddShowTests
{
    private const string Stereo = "1190", Mono = "1188";

    private static List<HlsSegment> Complete(Packager packager) => [.. packager.Version.All.Where(segment => segment.IsComplete)];

    private static PlaylistReader ByTheRules(Packager packager)
    {
        var list = PlaylistReader.Read(MediaPlaylist.Write(packager.Version, "", isDelta: false));
        PlaylistRules.Check(list);
        return list;
    }

    private static (List<FileSample> Pictures, List<FileSample> Sounds) Times(IEnumerable<HlsSegment> segments)
    {
        var parts = segments.SelectMany(segment => segment.Parts).Select(PartTimes.Of).ToList();
        return ([.. parts.SelectMany(part => part.Pictures)], [.. parts.SelectMany(part => part.Sounds)]);
    }

    [Theory]
    [InlineData(80, 1)]
    [InlineData(800, 1)]
    [InlineData(3_000, 3)]
    [InlineData(5_600, 6)]
    public void A_show_that_ends_before_its_second_keyframe_is_one_segment(int end, int target)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, end, gop: 10_000);
        rig.End();
        var list = ByTheRules(packager);
        Assert.True(list.IsEnded);
        Assert.InRange(Assert.Single(list.Segments).Duration!.Value, end / 1000.0 - 0.001, end / 1000.0 + 0.03);
        Assert.Equal(Math.Max(2, target), list.TargetDuration);
    }

    [Theory]
    [InlineData(false, 20)]
    [InlineData(false, 600)]
    [InlineData(true, 0)]
    [InlineData(true, 600)]
    public void A_show_without_a_keyframe_or_pictures_ends_too(bool hasPictures, int end)
    {
        var rig = new HlsRig();
        if (hasPictures) rig.Headers();
        else rig.SoundHeader();
        var packager = rig.Attach();
        rig.Play(0, end, gop: 10_000, pictures: hasPictures, firstKey: 1_000);
        rig.End();
        Assert.True(packager.Version.IsEnded);
        Assert.Equal(hasPictures ? 0 : 1, packager.Version.All.Length);
    }

    [Fact]
    public void A_show_whose_pictures_begin_late_begins_with_them()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 3_000, pictures: false);
        rig.Play(3_000, 12_080);
        var (pictures, sounds) = Times(Complete(packager));
        ByTheRules(packager);
        Assert.InRange(sounds[0].Decoded - pictures[0].Decoded, 0, 21.4);
    }

    /// <summary>OBS leaves out pictures up to the next keyframe where the way is too narrow; its sound goes on.</summary>
    [Theory]
    [InlineData(6_000, 9_000)]
    [InlineData(5_000, 8_000)]
    [InlineData(7_960, 11_000)]
    [InlineData(6_040, 30_000)]
    [InlineData(6_000, 8_040)]
    public void Behind_pictures_that_were_left_out_a_segment_begins_anew(int from, int to)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, from);
        rig.Play(from, to, pictures: false);
        rig.Play(to, to + 9_080, firstKey: to / 40);
        var list = ByTheRules(packager);
        Assert.Equal([.. Enumerable.Range(0, list.Segments.Count).Select(i => list.MediaSequence + i)], list.Segments.Select(segment => segment.Number));
        var anew = Assert.Single(list.Segments, segment => segment.IsDiscontinuity);
        Assert.Equal(HlsRig.Origin.AddMilliseconds(to + 40), anew.Utc);
        var (pictures, sounds) = Times(Complete(packager).TakeWhile(segment => !segment.IsDiscontinuity));
        Assert.Equal(from + 40, pictures[^1].Shown + pictures[^1].Duration, 0.001);
        Assert.InRange(sounds[^1].Decoded + sounds[^1].Duration - pictures[^1].Shown - pictures[^1].Duration, 0, 21.4);
        (pictures, sounds) = Times(Complete(packager).SkipWhile(segment => !segment.IsDiscontinuity));
        Assert.InRange(sounds[0].Decoded - pictures[0].Decoded, 0, 21.4);
    }

    [Fact]
    public void Sound_alone_that_stands_still_begins_anew()
    {
        var rig = new HlsRig();
        rig.SoundHeader();
        var packager = rig.Attach();
        rig.Play(0, 7_000, pictures: false);
        rig.SkipSound(12_000);
        rig.Play(12_000, 20_000, pictures: false);
        Assert.Single(ByTheRules(packager).Segments, segment => segment.IsDiscontinuity);
    }

    [Theory]
    [InlineData(Stereo, HlsRig.Avc720)]
    [InlineData(Stereo, HlsRig.Avc360)]
    [InlineData(Mono, HlsRig.Avc360)]
    [InlineData(Mono, HlsRig.Avc720)]
    public void At_a_cut_to_other_sound_both_tracks_end_and_begin_at_one_time(string asc, string avcC)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 5_000);
        rig.SoundHeader(asc);           // the order in which a switch has them
        rig.Headers(avcC, asc);
        rig.Play(5_000, 12_080, firstKey: 125);
        var list = ByTheRules(packager);
        if (asc == Stereo && avcC == HlsRig.Avc720)
        {
            Assert.DoesNotContain(list.Segments, segment => segment.IsDiscontinuity);
            return;
        }
        var cut = Assert.Single(list.Segments, segment => segment.IsDiscontinuity);
        Assert.NotEqual(list.Segments[0].Map, cut.Map);
        var before = Times(Complete(packager).TakeWhile(segment => !segment.IsDiscontinuity));
        var after = Times(Complete(packager).SkipWhile(segment => !segment.IsDiscontinuity));
        Assert.Equal(5_040, after.Pictures[0].Decoded);
        Assert.Equal(5_040, before.Pictures[^1].Shown + before.Pictures[^1].Duration, 0.001);
        Assert.InRange(after.Sounds[0].Decoded, 5_040, 5_040 + 21.4);
        Assert.InRange(before.Sounds[^1].Decoded + before.Sounds[^1].Duration, 5_039.9, 5_040 + 21.4);
        Assert.Equal(Complete(packager).Sum(segment => segment.Duration) / 40, before.Pictures.Count + after.Pictures.Count);
    }

    /// <summary>Nothing but the next keyframe can begin what names it, and no picture is left out until then.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sound_that_comes_late_or_changes_within_a_GOP_costs_no_picture(bool hasSoundBefore)
    {
        var rig = new HlsRig();
        if (hasSoundBefore) rig.Headers();
        else rig.PictureHeader();
        var packager = rig.Attach();
        if (hasSoundBefore) rig.Play(0, 7_000);
        else for (var time = 0; time < 7_000; time += 40) rig.Picture(time, isKey: time % 2000 == 0);
        rig.SoundHeader(Mono);
        rig.SkipSound(7_000);
        rig.Play(7_000, 14_080);
        ByTheRules(packager);
        var segments = Complete(packager);
        Assert.Equal(8_040, (int)(segments.Single(segment => segment.IsDiscontinuity).Utc - HlsRig.Origin).TotalMilliseconds);
        Assert.Equal(14_000, segments.Sum(segment => segment.Duration));
        var (pictures, _) = Times(segments);
        Assert.Equal(14_000 / 40, pictures.Count);
        var (_, sounds) = Times(segments.SkipWhile(segment => !segment.IsDiscontinuity));
        Assert.InRange(sounds[0].Decoded, 8_040, 8_040 + 21.4);
    }

    /// <summary>The log's other readers, and its writer, a publisher, hear nothing of it.</summary>
    [Fact]
    public void A_fault_in_packaging_ends_the_packaging_alone()
    {
        var faults = new List<Exception>();
        var rig = new HlsRig();
        rig.Headers();
        var packager = new Packager(rig.Log, new PlayOptions(), rig.Time, faults.Add);
        rig.Log.Attach(packager);
        rig.Play(0, 6_000);
        var (tail, changed) = (rig.Log.Tail, packager.Changed);
        rig.BrokenPicture(6_000);
        rig.Play(6_040, 9_000);
        rig.End();
        Assert.Single(faults);
        Assert.StartsWith("Its packaging failed", packager.Refusal);
        Assert.True(changed.IsCompleted);
        Assert.True(rig.Log.Tail > tail + 100);
        packager.Release();
    }
}
