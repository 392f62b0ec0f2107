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

    [Theory]
    [InlineData(TrackKind.Video)]
    [InlineData(TrackKind.Audio)]
    public void Both_tracks_adopt_one_correction_whichever_jumps_first_and_however_many_frames_were_lost(TrackKind first)
    {
        var time = new SourceTime();
        for (uint at = 0; at <= 4000; at += 20)
        {
            if (at % 40 == 0) time.Map(TrackKind.Video, at, 40);
            time.Map(TrackKind.Audio, at, 20);
        }
        // Two pictures and four sounds are lost where the clock is set an hour ahead.
        var second = first == TrackKind.Video ? TrackKind.Audio : TrackKind.Video;
        var one = time.Map(first, HourMs + 4120, first == TrackKind.Video ? 40 : 20);
        var other = time.Map(second, HourMs + 4120, second == TrackKind.Video ? 40 : 20);
        Assert.Equal(one, other);
        Assert.Equal(1, time.Jumps);
        Assert.InRange(time.LastJump, HourMs - 120, HourMs + 120);
    }

    [Fact]
    public void A_track_that_jumps_alone_goes_on_in_its_place_and_comes_back_into_it()
    {
        var (pictures, sounds, time) = Run((kind, at) => 100_000 + at + (kind == TrackKind.Audio && at is >= 3000 and < 6000 ? 10_000 : 0));
        AssertSteps(pictures, 40);
        AssertSteps(sounds, 20);
        Assert.Equal(pictures[^1] - pictures[0], sounds[^2] - sounds[0]);
        Assert.Equal(1, time.Jumps);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(-1_000_000)]
    public void A_track_that_starts_late_with_a_clock_of_its_own_starts_beside_the_other(long clock)
    {
        var time = new SourceTime();
        for (uint at = 0; at <= 8000; at += 40) time.Map(TrackKind.Video, 2_000_000 + at, 40);
        Assert.InRange(time.Map(TrackKind.Audio, (uint)(2_008_000 + clock), 20), 2_007_000, 2_009_000);
    }

    [Fact]
    public void Any_run_of_jumps_wraps_and_losses_keeps_both_tracks_rising_and_lip_sync_within_15_ms()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var time = new SourceTime();
            long clock = random.NextInt64(1L << 32);
            long video = -1, audio = -1, shownAt = 0, heardAt = 0;
            var (nextPicture, nextSound) = (0.0, random.NextDouble() * 20);
            var (pictureStep, soundStep) = (random.Next(2) == 0 ? 1001 / 30.0 : 40.0, 1024 * 1000 / 48_000.0);
            var (nextJump, lastJump) = (2000.0, 0.0);
            while (nextPicture < 60_000)
            {
                var at = Math.Min(nextPicture, nextSound);
                if (at >= nextJump)
                {
                    clock += new long[] { 10_000, -10_000, HourMs, -(long)HourMs, 1L << 31 }[random.Next(5)] - random.Next(2000);
                    lastJump = at;
                    nextJump += 1500 + random.Next(5000);
                }
                var isPicture = nextPicture <= nextSound;
                if (isPicture) nextPicture += pictureStep;
                else nextSound += soundStep;
                if (random.Next(50) == 0) continue;   // lost on the way
                var mapped = time.Map(isPicture ? TrackKind.Video : TrackKind.Audio, (uint)(clock + (long)at), isPicture ? (long)Math.Round(pictureStep) : 21);
                ref var last = ref isPicture ? ref video : ref audio;
                Assert.True(mapped > last, $"seed {seed}: {mapped} after {last}");
                last = mapped;
                if (isPicture) shownAt = (long)at;
                else heardAt = (long)at;
                if (at > lastJump + 200) AssertLipSync(seed, video - audio, shownAt - heardAt);
            }
            Assert.True(time.Jumps >= 5, $"seed {seed}: only {time.Jumps} jumps were seen");
        }
    }

    private static void AssertLipSync(int seed, long mapped, long real) =>
        Assert.True(Math.Abs(mapped - real) <= 15, $"seed {seed}: lip sync is off by {mapped - real} ms");
}
