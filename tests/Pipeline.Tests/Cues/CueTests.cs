using System.Text;
using Pipeline.Tests.Output.Hls;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Cues;

/// <summary>Cues on the output's time line.</summary>
public sealed class CueTests
{
    private static readonly SwitchOptions Lookahead = new() { Mode = SwitchMode.Lookahead, Delay = TimeSpan.FromSeconds(3) };

    [Fact]
    public async Task A_cue_is_in_the_next_picture_in_each_keyframe_and_in_the_picture_of_its_time_across_a_switch()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, Lookahead));
        show.Start("live/show-a", new SimulatedEncoder { IsLive = true, Gop = 50, Mark = 0xA });
        show.Run(100);
        show.Start("live/show-b", new SimulatedEncoder { IsLive = true, Gop = 40, Phase = 13, Mark = 0xB });
        show.Run(6_000);
        var at = show.Time.GetUtcNow().AddSeconds(4);
        var began = show.Pictures.Count();
        Assert.Equal(CueResult.Done, show.Stream.AddCue("draw", "{\"rain\":1}", at, out var cue));
        show.Kill("live/show-a");
        show.Run(12_000);

        Assert.Single(show.Cuts);
        var later = show.Pictures.Skip(began).ToList();
        var carriers = later.Where(Carries).ToList();
        var due = later.First(picture => picture.Pts >= cue!.Pts);
        Assert.Equal(later[0], carriers[0]);
        Assert.Equal(due, carriers[^1]);
        Assert.Equal(later.Skip(1).TakeWhile(picture => picture != due).Where(picture => picture.IsKey), carriers.Skip(1).SkipLast(1));
        Assert.Contains(carriers, picture => picture.Body.Span[^1] == 0xA);
        Assert.Contains(carriers, picture => picture.Body.Span[^1] == 0xB);
        Assert.All(carriers, picture => Assert.True(picture.Body.Span.IndexOf(Encoding.UTF8.GetBytes($"\"in\":{cue!.Pts - picture.Pts},")) > 0));
        Assert.InRange(due.Pts - cue!.Pts, 0, 39);
        Assert.InRange((cue.Utc - at).TotalMilliseconds, -1, 1);
        Assert.Single(show.Journal, entry => entry.Kind == "cue" && entry.To == "draw");

        bool Carries(Frame picture) => picture.Body.Span.IndexOf("SLUICECUE\u0001"u8) > 0 && picture.Body.Span.IndexOf("\"id\":\"draw\""u8) > 0;
    }

    [Fact]
    public async Task A_cue_that_cannot_be_is_told_why()
    {
        await using var show = new SimulatedShow(new StreamOptions());
        show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        Assert.Equal(CueResult.NotLive, show.Stream.AddCue("early", "", null, out _));
        show.Run(4_000);
        Assert.Equal(CueResult.TooLate, show.Stream.AddCue("old", "", show.Time.GetUtcNow().AddSeconds(-3), out _));
        Assert.Equal(CueResult.Done, show.Stream.AddCue("0", "", null, out _));
        Assert.Equal(CueResult.Known, show.Stream.AddCue("0", "", null, out _));
        for (var i = 1; i < 10; i++) Assert.Equal(CueResult.Done, show.Stream.AddCue($"{i}", "", null, out _));
        Assert.Equal(CueResult.TooMany, show.Stream.AddCue("10", "", null, out _));
        show.Run(10_000);
        Assert.Equal(CueResult.Done, show.Stream.AddCue("10", "", null, out _));
    }

    [Fact]
    public void In_HLS_a_cue_is_an_event_of_the_part_with_its_picture()
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 1_000);
        rig.Log.Cues.Add(new Cue("draw", 3_000, HlsRig.Origin.AddSeconds(3), "go"), 0);
        rig.Play(1_000, 6_000);

        var parts = packager.Version.All.SelectMany(segment => segment.Parts).Select(part => Encoding.Latin1.GetString(HlsRig.BytesOf(part))).ToList();
        var carriers = parts.Where(part => part.Contains("emsg", StringComparison.Ordinal)).ToList();
        // The next picture, the keyframe at 2 s, and the picture of its time.
        Assert.Equal(3, carriers.Count);
        Assert.All(carriers, part =>
        {
            Assert.True(part.IndexOf("emsg", StringComparison.Ordinal) < part.IndexOf("moof", StringComparison.Ordinal));
            Assert.Contains("https://aomedia.org/emsg/ID3\0\0ID3", part);
            Assert.Contains("TXXX", part);
            Assert.Contains("sluice.cue\0{\"id\":\"draw\",\"pts\":3000,", part);
        });
    }

    [Fact]
    public void On_sound_alone_a_cue_is_an_event_of_the_part_with_its_sound_and_waits_no_longer()
    {
        var rig = new HlsRig();
        rig.SoundHeader();
        var packager = rig.Attach();
        rig.Play(0, 2_000, pictures: false);
        rig.Log.Cues.Add(new Cue("draw", 3_000, HlsRig.Origin.AddSeconds(3), "go"), 0);
        rig.Play(2_000, 6_000, pictures: false);

        Assert.True(rig.Log.Cues.IsEmpty);
        var parts = packager.Version.All.SelectMany(segment => segment.Parts).Select(part => Encoding.Latin1.GetString(HlsRig.BytesOf(part))).ToList();
        var carriers = parts.FindAll(part => part.Contains("sluice.cue\0{\"id\":\"draw\",\"pts\":3000,", StringComparison.Ordinal));
        // The next sound, and the sound of its time.
        Assert.Equal(2, carriers.Count);
    }

    [Fact]
    public async Task On_sound_alone_there_is_always_room_for_another()
    {
        await using var show = new SimulatedShow(new StreamOptions());
        show.Start("live/show", new SimulatedEncoder { HasVideo = false });
        show.Run(4_000);
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(CueResult.Done, show.Stream.AddCue($"{i}", "", null, out _));
            show.Run(1_100);
        }
        Assert.InRange(show.Stream.ToldCues().Count, 8, 11);
    }

    [Fact]
    public void Pictures_that_stay_away_while_sound_comes_are_not_waited_for()
    {
        var rig = new HlsRig();
        rig.Headers();
        rig.Play(0, 2_000);
        rig.Log.Cues.Add(new Cue("draw", 2_000, HlsRig.Origin.AddSeconds(2), "go"), 0);
        rig.Play(2_000, 3_900, pictures: false);
        Assert.False(rig.Log.Cues.IsEmpty);
        rig.Play(3_900, 4_200, pictures: false);
        Assert.True(rig.Log.Cues.IsEmpty);
    }
}
