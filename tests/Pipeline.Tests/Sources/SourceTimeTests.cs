using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Pipeline.Tests.Sources;

public sealed class SourceTimeTests
{
    private const uint HourMs = 3_600_000;

    /// <summary>Alternating pictures (40 ms) and sounds (20 ms) whose wire times a function of show time makes.</summary>
    private static (List<long> Pictures, List<long> Sounds, SourceTime Time) Run(Func<TrackKind, long, long> wire, long until = 10_000)
    {
        var time = new SourceTime();
        List<long> pictures = [], sounds = [];
        for (long at = 0; at < until; at += 20)
        {
            if (at % 40 == 0) pictures.Add(time.Map(TrackKind.Video, (uint)wire(TrackKind.Video, at), 40));
            sounds.Add(time.Map(TrackKind.Audio, (uint)wire(TrackKind.Audio, at), 20));
        }
        return (pictures, sounds, time);
    }

    private static void AssertSteps(List<long> times, long step) =>
        Assert.All(times.Zip(times.Skip(1), (a, b) => b - a), actual => Assert.Equal(step, actual));

    [Theory]
    [InlineData(0)]
    [InlineData(4_294_967_296 - 5000)]
    [InlineData(2_147_483_648 - 5000)]
    public void Times_go_on_through_a_wrap_of_32_bits(long origin)
    {
        var (pictures, sounds, time) = Run((_, at) => origin + at);
        AssertSteps(pictures, 40);
        AssertSteps(sounds, 20);
        Assert.Equal(0, time.Repairs);
        Assert.Equal(pictures[0], sounds[0]);
    }

    [Theory]
    [InlineData(HourMs)]
    [InlineData(-(long)HourMs)]
    [InlineData(10_000)]
    [InlineData(-10_000)]
    [InlineData(-500)]
    public void A_jump_of_both_tracks_is_taken_out_and_lip_sync_stays(long jump)
    {
        var (pictures, sounds, time) = Run((_, at) => 1_000_000_000 + at + (at >= 5000 ? jump : 0));
        AssertSteps(pictures, 40);
        AssertSteps(sounds, 20);
        Assert.Equal(2, time.Repairs);
        Assert.Equal(pictures[^1] - pictures[0], sounds[^2] - sounds[0]);
    }

    [Fact]
    public void The_second_track_may_jump_later_than_the_first()
    {
        var (pictures, sounds, _) = Run((kind, at) => 1_000_000 + at + (at >= (kind == TrackKind.Video ? 5000 : 5200) ? HourMs : 0));
        AssertSteps(pictures, 40);
        AssertSteps(sounds, 20);
    }

    [Fact]
    public void A_gap_in_one_track_only_stays_a_gap()
    {
        var time = new SourceTime();
        time.Map(TrackKind.Video, 0, 40);
        for (uint at = 0; at <= 3000; at += 20) time.Map(TrackKind.Audio, at, 20);
        Assert.Equal(3000, time.Map(TrackKind.Video, 3000, 40));
        Assert.Equal(0, time.Repairs);
    }

    [Fact]
    public void A_pause_of_both_tracks_is_closed_up()
    {
        var (pictures, sounds, _) = Run((_, at) => at + (at >= 5000 ? 3000 : 0));
        AssertSteps(pictures, 40);
        AssertSteps(sounds, 20);
    }

    [Fact]
    public void An_equal_or_slightly_earlier_time_still_moves_forward()
    {
        var time = new SourceTime();
        Assert.Equal(100, time.Map(TrackKind.Audio, 100, 21));
        Assert.Equal(101, time.Map(TrackKind.Audio, 100, 21));
        Assert.Equal(102, time.Map(TrackKind.Audio, 95, 21));
        Assert.Equal(142, time.Map(TrackKind.Audio, 142, 21));
    }
}
