using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Switching;

/// <summary>Pictures go on, and the sound does not.</summary>
public sealed class MissingSoundTests
{
    private const long Gone = 5_000, Back = 9_000;

    private static readonly SimulatedEncoder Encoder = new() { Gop = 25 };

    private static SimulatedShow Plain() => new(new StreamOptions(), "live/plain");

    private static bool IsSilence(Frame sound) => sound.Body.Span[^1] != Encoder.Mark;

    [Fact]
    public async Task Silence_takes_the_place_of_sound_that_stops_and_the_sound_comes_back_in_its_own()
    {
        await using var show = Plain();
        show.Start("live/plain", Encoder with { Fault = (at, frame) => frame.Kind == TrackKind.Audio && at is >= Gone and < Back ? null : (at, frame) });
        show.Run(12_000);

        Continuity.AssertUnbroken(show);
        Assert.InRange(show.Sounds.Count(IsSilence), (Back - Gone) / 22 - 1, (Back - Gone) / 21 + 1);
        var (first, last) = (show.Sounds.First(), show.Sounds.Last());
        Assert.Equal(SimulatedEncoder.SoundOf(last) - SimulatedEncoder.SoundOf(first), show.Sounds.Count() - 1);
    }

    [Fact]
    public async Task Nobody_waits_for_the_sound_longer_than_players_can()
    {
        await using var show = Plain();
        show.Start("live/plain", Encoder with { Fault = (at, frame) => frame.Kind == TrackKind.Audio && at >= Gone ? null : (at, frame) });
        show.Run(9_000);

        Assert.InRange(show.Pictures.Last().Dts - show.Sounds.Last().Dts, 0, 700);
        Assert.True(IsSilence(show.Sounds.Last()));
    }

    [Fact]
    public async Task Sound_that_is_only_late_is_waited_for_once_that_is_known()
    {
        await using var show = Plain();
        show.Start("live/plain", Frames(late: 900));
        show.Run(12_000);

        Continuity.AssertSoundOnGrid(show);
        Assert.InRange(show.Sounds.Count(IsSilence), 1, 30);
        Assert.DoesNotContain(show.Sounds.TakeLast(400), IsSilence);
    }

    [Fact]
    public async Task A_source_without_sound_is_heard_as_silence_after_one_with_sound()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions { Mode = SwitchMode.Keyframe }));
        show.Start("live/show-a", Encoder);
        show.Start("live/show-b", Encoder with { HasSound = false, Phase = 7 });
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(5_000);

        Continuity.AssertSoundOnGrid(show);
        Assert.InRange(show.Pictures.Last().Dts - show.Sounds.Last().Dts, 0, 700);
    }

    [Theory]
    [InlineData(SwitchMode.Merge)]
    [InlineData(SwitchMode.Auto)]
    public async Task Where_the_sound_of_one_link_stops_the_other_goes_on_though_it_is_late_just_then(SwitchMode mode)
    {
        const long lost = 15_000, late = 15_400;
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions { Mode = mode, Delay = TimeSpan.Zero }));
        show.Start("live/show-a", Encoder with { BFrames = 2, Fault = (at, frame) => frame.Kind == TrackKind.Audio && at >= lost ? null : (at, frame) });
        show.Start("live/show-b", Encoder with { BFrames = 2, Origin = 5_000, Fault = (at, frame) => (at is >= lost and < late ? late : at, frame) });
        show.Run(20_000);

        Continuity.AssertUnbroken(show);
        Assert.DoesNotContain(show.Sounds, IsSilence);
        Assert.Equal(show.Pictures.Count(), show.Pictures.Select(SimulatedEncoder.ContentOf).Distinct().Count());
    }

    /// <summary>In order of arrival.</summary>
    private static IEnumerable<(long At, Frame Frame)> Frames(long late)
    {
        var pictures = (Encoder with { HasSound = false }).Frames(0, long.MaxValue).GetEnumerator();
        var sounds = (Encoder with { HasVideo = false }).Frames(0, long.MaxValue).GetEnumerator();
        pictures.MoveNext();
        sounds.MoveNext();
        while (true)
        {
            var (picture, sound) = (pictures.Current, sounds.Current);
            if (!sound.Frame.IsMedia || sound.At + late <= picture.At)
            {
                yield return (sound.Frame.IsMedia ? sound.At + late : 0, sound.Frame);
                sounds.MoveNext();
            }
            else
            {
                yield return picture;
                pictures.MoveNext();
            }
        }
    }
}
