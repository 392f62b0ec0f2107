using Sluice.Pipeline.Alignment;

namespace Pipeline.Tests.Alignment;

public sealed class IdenticalTests
{
    private static readonly ContentEncoder Encoder = new() { Programme = new Programme(2), Id = 1, Origin = 70_000, BFrames = 2 };

    [Fact]
    public void Two_links_of_one_encoder_are_identical_within_three_seconds_and_to_the_millisecond()
    {
        var rig = AlignmentRig.Of(Encoder, Encoder with { Delay = 175 });
        rig.Run(4000);

        Assert.True(rig.Aligner.AreIdentical(rig.Sources[0], rig.Sources[1]));
        Assert.Equal(EqualTracks.Video | EqualTracks.Audio, rig.Aligner.EqualTracksOf(rig.Sources[1], rig.Sources[0]));
        Assert.Equal((AlignmentMethod.Identical, 0.0, 1.0), (rig.Of(1).Method, rig.Of(1).OffsetMs, rig.Of(1).Confidence));
    }

    [Fact]
    public void Another_origin_of_the_time_stamps_does_not_matter()
    {
        var rig = AlignmentRig.Of(Encoder, Encoder with { Origin = 2_000_000_123 });
        rig.Run(4000);

        Assert.Equal((AlignmentMethod.Identical, 70_000.0 - 2_000_000_123), (rig.Of(1).Method, rig.Of(1).OffsetMs));
        Assert.Equal(AlignmentMethod.Identical, rig.Of(0).Method);
    }

    [Fact]
    public void Frames_lost_on_one_link_leave_the_links_identical()
    {
        var rig = AlignmentRig.Of(Encoder, Encoder with { Delay = 60 });
        rig.IsLost = (source, count) => source == 1 && count % 150 < 2;
        for (var second = 0; second < 30; second++)
        {
            rig.Run(1000);
            if (second >= 4) Assert.True(rig.Aligner.AreIdentical(rig.Sources[0], rig.Sources[1]));
        }
    }

    [Fact]
    public void Equal_pictures_with_other_sound_are_identical_and_the_tracks_say_so()
    {
        var rig = AlignmentRig.Of(Encoder, Encoder with { PaddedSound = true });
        rig.Run(4000);

        Assert.True(rig.Aligner.AreIdentical(rig.Sources[0], rig.Sources[1]));
        Assert.Equal(EqualTracks.Video, rig.Aligner.EqualTracksOf(rig.Sources[0], rig.Sources[1]));
    }

    [Fact]
    public void Payloads_that_part_are_identical_no_longer_within_a_second_and_the_offset_stays()
    {
        var rig = AlignmentRig.Of(Encoder, Encoder with { Origin = 9_000 });
        rig.Run(5000);
        rig.Replace(1, Encoder with { Origin = 9_000, Id = 2 });
        rig.Run(1000);

        Assert.False(rig.Aligner.AreIdentical(rig.Sources[0], rig.Sources[1]));
        for (var second = 0; second < 40; second++)
        {
            rig.Run(1000);
            Assert.InRange(rig.Error(0, 1), -2, 2);
        }
        Assert.Equal(AlignmentMethod.Correlation, rig.Of(1).Method);
    }

    [Fact]
    public void Silence_that_is_the_same_everywhere_is_no_identity()
    {
        var padded = Encoder with { PaddedSound = true, HasVideo = false };
        var rig = AlignmentRig.Of(padded, padded with { Origin = 1 });
        rig.Run(6000);

        Assert.False(rig.Aligner.AreIdentical(rig.Sources[0], rig.Sources[1]));
        Assert.Equal(AlignmentMethod.Arrival, rig.Of(1).Method);
    }

    [Fact]
    public void A_single_frame_of_one_link_is_found_on_the_other()
    {
        var rig = AlignmentRig.Of(Encoder, Encoder with { Delay = 400 });
        rig.Run(3000);
        using var frames = Encoder.Frames(2000).GetEnumerator();
        Assert.True(frames.MoveNext());
        var frame = frames.Current.Frame;
        var hash = Aligner.HashOf(frame);

        Assert.True(rig.Aligner.HasSent(rig.Sources[0], hash, frame.Dts));
        Assert.False(rig.Aligner.HasSent(rig.Sources[0], hash, frame.Dts + 40));
        Assert.False(rig.Aligner.HasSent(rig.Sources[0], hash + 1, frame.Dts));
        frame.Body.Release();
    }
}
