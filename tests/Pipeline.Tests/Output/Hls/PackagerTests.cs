using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output.Hls;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Output.Hls;

public class PackagerTests
{
    private static readonly long FirstNumber = HlsRig.Origin.ToUnixTimeSeconds() / 2;

    private static List<HlsSegment> Complete(Packager packager) => [.. packager.Version.All.Where(segment => segment.IsComplete)];

    [Fact]
    public void Segments_begin_with_keyframes_and_are_numbered_by_absolute_time()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 10_080);
        var segments = Complete(packager);
        Assert.Equal([.. Enumerable.Range(0, 5).Select(i => FirstNumber + i)], segments.Select(segment => segment.Number));
        Assert.All(segments, segment => Assert.Equal(2000, segment.Duration));
        Assert.All(segments, segment => Assert.True(segment.Parts[0].IsIndependent));
        Assert.Equal(HlsRig.Origin.AddMilliseconds(2040), segments[1].Utc);
    }

    [Theory]
    [InlineData(12)]
    [InlineData(25)]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(47)]
    [InlineData(50)]
    [InlineData(60)]
    public void Parts_fill_their_target_and_the_last_of_a_segment_is_no_crumb(int gop)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 24_080, gop);
        Assert.InRange(Complete(packager).Count, 8, 15);
        Assert.All(Complete(packager), segment =>
        {
            Assert.All(segment.Parts, part => Assert.True(part.Duration <= packager.Version.PartTarget));
            Assert.All(segment.Parts[..^1], part => Assert.True(part.Duration >= 0.85 * packager.Version.PartTarget));
            Assert.True(segment.Parts[^1].Duration > 200);
            Assert.Equal(segment.Duration, segment.Parts.Sum(part => part.Duration));
        });
    }

    [Fact]
    public void A_part_is_there_one_picture_after_its_last()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 2_320);
        Assert.Equal((FirstNumber + 1, 0), (packager.Version.NextNumber, packager.Version.NextPart));
        rig.Play(2_320, 2_360);
        Assert.Equal((FirstNumber + 1, 1), (packager.Version.NextNumber, packager.Version.NextPart));
    }

    [Theory]
    [InlineData(20)]
    [InlineData(25)]
    [InlineData(41)]
    [InlineData(50)]
    public void Who_begins_later_makes_the_same_files(int gop)
    {
        var rig = new HlsRig(TimeSpan.FromSeconds(5));
        rig.Headers();
        var early = rig.Attach();
        rig.Play(0, 9_000, gop);
        var late = rig.Attach();
        rig.Play(9_000, 25_000, gop);
        AssertSame(early.Version, late.Version, atLeast: 7);
    }

    /// <summary>Another node that has the same frames, and was never told of this one.</summary>
    [Theory]
    [InlineData(20)]
    [InlineData(25)]
    [InlineData(41)]
    [InlineData(50)]
    public void Another_log_of_the_same_frames_makes_the_same_files(int gop)
    {
        var (here, there) = (new HlsRig(), new HlsRig());
        foreach (var rig in (HlsRig[])[here, there]) rig.Headers();
        var early = here.Attach();
        here.Play(0, 31_000, gop);
        there.Play(0, 14_000, gop);
        var late = there.Attach();
        there.Play(14_000, 31_000, gop);
        AssertSame(early.Version, late.Version, atLeast: 8);
    }

    /// <summary>Cuts that could not wait, and encodes whose keyframes lie anywhere: the second packager begins when all that has happened.</summary>
    [Fact]
    public void After_any_history_of_cuts_who_begins_later_makes_the_same_files()
    {
        var random = new Random(11);
        var rig = new HlsRig();
        rig.Headers();
        var early = rig.Attach();
        var at = 0;
        for (var n = 0; n < 40; n++)
        {
            var (gop, end) = (random.Next(10, 56), at + 40 * random.Next(12, 300));
            rig.Play(at, end, gop, firstKey: at / 40);
            at = end;
            if (random.Next(4) == 0) rig.Log.BeginEpoch(at, HlsRig.Origin.AddMilliseconds(at + 700 * n));
            else rig.Headers(n % 2 == 0 ? HlsRig.Avc360 : HlsRig.Avc720);
            if (n % 5 != 4) continue;
            var late = rig.Attach();
            rig.Play(at, at + 20_000, gop: 50, firstKey: at / 40);
            at += 20_000;
            AssertSame(early.Version, late.Version, atLeast: 9);
        }
    }

    /// <summary>All but the first, of which the later one may have seen only the end.</summary>
    private static void AssertSame(HlsVersion early, HlsVersion late, int atLeast)
    {
        Assert.Equal((early.Show, early.TargetDuration, early.NextNumber, early.NextPart), (late.Show, late.TargetDuration, late.NextNumber, late.NextPart));
        var same = late.All.Where(segment => segment.IsComplete && early.Find(segment.Number) is not null).ToList();
        Assert.True(same.Count >= atLeast, $"{same.Count} segments to compare");
        foreach (var segment in same)
        {
            var other = early.Find(segment.Number)!;
            Assert.Equal((other.Start, other.Init.Name, other.Utc, other.Duration), (segment.Start, segment.Init.Name, segment.Utc, segment.Duration));
            Assert.Equal(other.Parts.Select(HlsRig.BytesOf), segment.Parts.Select(HlsRig.BytesOf));
        }
        if (early.Segments[0].Number == late.Segments[0].Number) Assert.Equal(MediaPlaylist.Write(early, "", isDelta: false), MediaPlaylist.Write(late, "", isDelta: false));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(45)]
    [InlineData(47)]
    public void Whatever_the_distance_of_keyframes_no_number_is_left_out_and_no_segment_is_over_the_target(int gop)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        for (var second = 0; second < 60; second++)
        {
            rig.Play(second * 1000, (second + 1) * 1000, gop);
            var numbers = packager.Version.All.Select(segment => segment.Number).ToList();
            if (numbers.Count > 0) Assert.Equal([.. Enumerable.Range(0, numbers.Count).Select(i => numbers[0] + i)], numbers);
            Assert.All(Complete(packager), segment => Assert.InRange(segment.Duration, 1, 2499));
            Assert.All(Complete(packager), segment => Assert.True(segment.Parts[0].IsIndependent));
        }
        var slot = SegmentClock.SlotFor(gop * 40);
        Assert.InRange(packager.Version.NextNumber - (HlsRig.Origin.ToUnixTimeMilliseconds() + 60_000) / slot, -1, 1);
    }

    [Theory]
    [InlineData(25, 300)]
    [InlineData(25, 1_999)]
    [InlineData(50, 1)]
    [InlineData(50, 1_000)]
    [InlineData(50, 1_700)]
    [InlineData(50, 1_999)]
    public void Wherever_keyframes_stand_in_a_slot_segments_begin_with_them(int gop, int phase)
    {
        var rig = new HlsRig(phase: phase);
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 20_080, gop);
        var segments = Complete(packager);
        Assert.InRange(segments.Count, 9, 11);
        Assert.All(segments.Skip(1), segment => Assert.Equal((2000, true), (segment.Duration, segment.Parts[0].IsIndependent)));
        Assert.All(segments.Skip(1), segment => Assert.Equal((segment.Utc.ToUnixTimeMilliseconds() - 40) / 2000, segment.Number));
    }

    [Fact]
    public void Keyframes_that_do_not_come_let_nobody_wait()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 20_080, gop: 100_000);
        var segments = Complete(packager);
        Assert.Equal(6000, packager.Version.TargetDuration);
        Assert.Equal(3, segments.Count);
        Assert.All(segments, segment => Assert.InRange(segment.Duration, 5_000, 6_450));
        Assert.All(segments.Skip(1), segment => Assert.DoesNotContain(segment.Parts, part => part.IsIndependent));
    }

    [Fact]
    public void Keyframes_far_apart_make_longer_segments()
    {
        var rig = new HlsRig();
        rig.Headers();
        rig.Play(0, 8_040, gop: 100);
        var packager = rig.Attach();
        rig.Play(8_040, 16_080, gop: 100);
        Assert.Equal(4000, packager.Version.TargetDuration);
        Assert.All(Complete(packager), segment => Assert.True(segment.Duration == 4000 && segment.Parts[0].IsIndependent));
    }

    [Fact]
    public void Other_parameters_begin_a_discontinuous_segment_with_another_init()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 5_000);
        rig.Headers(HlsRig.Avc360);
        rig.Play(5_000, 10_080, firstKey: 125);
        var segments = Complete(packager);
        var change = segments.Single(segment => segment.IsDiscontinuity);
        Assert.Equal(FirstNumber + 3, change.Number);
        Assert.Equal("avc1.42c01e,mp4a.40.2", change.Init.Codecs);
        Assert.NotEqual(segments[0].Init.Name, change.Init.Name);
        Assert.Equal(5_000, segments.TakeWhile(segment => segment != change).Sum(segment => segment.Duration));
        Assert.Equal([.. Enumerable.Range(0, segments.Count).Select(i => FirstNumber + i)], segments.Select(segment => segment.Number));
    }

    /// <summary>While the part before it is being appended hls.js must not hear of it: see <see cref="PartPlan"/>.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(300, true)]
    public void A_crumb_before_a_cut_is_named_with_what_follows_unless_the_part_before_it_is_old(int silence, bool isNamedAtOnce)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 4_800);                         // the newest part ends at 4.68: the crumb is 120 ms
        var before = packager.Version;
        rig.Time.Advance(TimeSpan.FromMilliseconds(silence));
        rig.Headers(HlsRig.Avc360);
        rig.Play(4_800, 4_960, firstKey: 120);
        var segment = packager.Version.Find(before.NextNumber)!;
        Assert.Equal((isNamedAtOnce, isNamedAtOnce ? 3 : 2), (segment.IsComplete, segment.Parts.Length));
        rig.Play(4_960, 5_240, firstKey: 120);
        segment = packager.Version.Find(before.NextNumber)!;
        Assert.Equal((true, 3, 120), (segment.IsComplete, segment.Parts.Length, segment.Parts[^1].Duration));
        Assert.Equal((before.NextNumber + 1, 1), (packager.Version.NextNumber, packager.Version.NextPart));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(50)]
    public void After_cuts_that_could_not_wait_no_segment_is_over_the_target_and_numbers_go_on(int gop)
    {
        var rig = new HlsRig();
        rig.Headers();
        var early = rig.Attach();
        var at = 0;
        for (var n = 0; n < 12; n++)
        {
            var next = at + 2_200 + 520 * n;
            rig.Play(at, next, gop, firstKey: at / 40);
            rig.Headers(n % 2 == 0 ? HlsRig.Avc360 : HlsRig.Avc720);
            at = next;
            Assert.All(Complete(early), segment => Assert.InRange(segment.Duration, 1, 2499));
            Assert.All(Complete(early), segment => Assert.True(segment.Parts[0].IsIndependent));
            var numbers = early.Version.All.Select(segment => segment.Number).ToList();
            Assert.Equal([.. Enumerable.Range(0, numbers.Count).Select(i => numbers[0] + i)], numbers);
        }
        var late = rig.Attach();
        rig.Play(at, at + 10_000, gop, firstKey: at / 40);
        Assert.All(Complete(late), segment => Assert.Equal(early.Version.Find(segment.Number)!.Parts.Select(HlsRig.BytesOf), segment.Parts.Select(HlsRig.BytesOf)));
        Assert.InRange(Complete(late).Count, 5, 15);
    }

    /// <summary>hls.js places what follows a discontinuity by its decoding times: where they or the sound began earlier than the picture is shown, it left a hole.</summary>
    [Fact]
    public void Both_tracks_of_a_changed_stream_begin_when_its_first_picture_is_shown()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 5_000);
        rig.Headers(HlsRig.Avc360);
        rig.Play(5_000, 10_080, firstKey: 125);
        var change = Complete(packager).Single(segment => segment.IsDiscontinuity);
        var (pictures, sounds) = PartTimes.Of(change.Parts[0]);
        Assert.Equal(5_040, pictures[0].Decoded);
        Assert.InRange(sounds[0].Decoded, 5_040, 5_040 + 21.4);
        Assert.All(Complete(packager), segment => Assert.Equal(PartTimes.Of(segment.Parts[0]).Pictures[0].Decoded, PartTimes.Of(segment.Parts[0]).Pictures[0].Shown));
    }

    /// <summary>Sound is cut where pictures are shown, not where they are decoded: hls.js moved its time line by what the sound was early, and in the end left out parts.</summary>
    [Theory]
    [InlineData(25)]
    [InlineData(47)]
    [InlineData(50)]
    public void Both_tracks_of_every_segment_begin_at_one_time(int gop)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 20_080, gop);
        var segments = Complete(packager);
        Assert.True(segments.Count > 7);
        var end = default(double?);
        foreach (var segment in segments)
        {
            var parts = segment.Parts.Select(PartTimes.Of).ToList();
            FileSample[] pictures = [.. parts.SelectMany(part => part.Pictures)], sounds = [.. parts.SelectMany(part => part.Sounds)];
            if (end is { } before)
            {
                Assert.InRange(sounds[0].Decoded - pictures[0].Decoded, 0, 21.4);
                Assert.Equal(before, sounds[0].Decoded, 0.03);
            }
            end = sounds[^1].Decoded + sounds[^1].Duration;
        }
    }

    /// <summary>A track of sound that brings nothing lets no picture wait.</summary>
    [Fact]
    public void Sound_that_stops_is_not_waited_for_again_and_again()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 4_040);
        for (long time = 4_040; time < 10_080; time += 40) rig.Picture(time, isKey: time % 2000 == 0);
        Assert.Equal((FirstNumber + 5, 0), (packager.Version.NextNumber, packager.Version.NextPart));
        Assert.All(Complete(packager), segment => Assert.Equal(2000, segment.Duration));
    }

    [Fact]
    public void A_header_sent_again_changes_nothing()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 5_000);
        rig.Headers();
        rig.Play(5_000, 8_080);
        Assert.DoesNotContain(Complete(packager), segment => segment.IsDiscontinuity);
        Assert.All(Complete(packager), segment => Assert.Equal(2000, segment.Duration));
    }

    [Fact]
    public void An_epoch_begins_a_discontinuous_segment_with_its_own_wall_time()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 5_000);
        rig.Log.BeginEpoch(5_000, HlsRig.Origin.AddSeconds(60));
        rig.Play(5_000, 10_080, firstKey: 125);
        var segments = Complete(packager);
        var resumed = segments.Single(segment => segment.IsDiscontinuity);
        Assert.Equal(HlsRig.Origin.AddSeconds(60).AddMilliseconds(40), resumed.Utc);
        Assert.Equal(segments[0].Init.Name, resumed.Init.Name);
        Assert.Equal(FirstNumber + 3, resumed.Number);
    }

    [Fact]
    public void Sound_alone_is_packaged()
    {
        var rig = new HlsRig();
        rig.Append(new Frame(TrackKind.Audio, FrameFlags.Header, Codec.Aac, 0, 0, SharedBuffer.CopyOf([0xAF, 0, 0x11, 0x90]), 2));
        var packager = rig.Attach();
        rig.Play(0, 6_200, pictures: false);
        var segments = Complete(packager);
        Assert.Equal(3, segments.Count);
        Assert.All(segments, segment => Assert.InRange(segment.Duration, 1970, 2030));
        Assert.All(segments.SelectMany(segment => segment.Parts), part => Assert.True(part.IsIndependent && part.Duration <= packager.Version.PartTarget));
        Assert.Equal("mp4a.40.2", segments[0].Init.Codecs);
    }

    [Fact]
    public void Behind_what_could_not_be_packaged_the_playlist_begins_anew()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 6_000);
        rig.Append(new Frame(TrackKind.Video, FrameFlags.Header, Codec.Vp9, 6_000, 0, SharedBuffer.CopyOf([0x90, .. "vp09"u8, 1, 2]), 5));
        rig.Play(6_000, 12_000);
        Assert.NotNull(packager.Refusal);
        rig.Headers();
        for (var time = 12_000; time < 18_080; time += 40)
        {
            rig.Play(time, time + 40);
            var numbers = packager.Version.All.Select(segment => segment.Number).ToList();
            Assert.Equal([.. Enumerable.Range(0, numbers.Count).Select(i => numbers[0] + i)], numbers);
        }
        Assert.Equal((FirstNumber + 6, 3), (Complete(packager)[0].Number, Complete(packager).Count));
    }

    [Fact]
    public void What_cannot_be_packaged_says_why_until_it_can()
    {
        var rig = new HlsRig();
        rig.Append(new Frame(TrackKind.Video, FrameFlags.Header, Codec.Vp9, 0, 0, SharedBuffer.CopyOf([0x90, .. "vp09"u8, 1, 2]), 5));
        var packager = rig.Attach();
        rig.Play(0, 2_000);
        Assert.Contains("Vp9 is not packaged", packager.Refusal);
        rig.Headers();
        rig.Play(2_000, 6_080);
        Assert.Null(packager.Refusal);
        Assert.NotEmpty(Complete(packager));
    }
}
