using System.Text;
using Pipeline.Tests.Output.Hls;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

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

    [Theory]
    [InlineData(3_000)]   // b is not there yet: the dark
    [InlineData(0)]       // b waits for its next keyframe
    public async Task A_cue_with_a_wall_time_keeps_to_it_over_a_gap_and_one_without_to_its_picture(int dark)
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25, Mark = 0xA });
        var b = new SimulatedEncoder { Gop = 60, Phase = 31, Mark = 0xB };
        if (dark == 0) show.Start("live/show-b", b);
        show.Run(5_000);
        var at = show.Time.GetUtcNow().AddSeconds(15);
        Assert.Equal(CueResult.Done, show.Stream.AddCue("draw", "", at, out var cue));
        Assert.Equal(CueResult.Done, show.Stream.AddCue("now", "", null, out var now));
        var news = show.Stream.Log.News;
        show.Kill("live/show-a");
        var (goneAt, last) = (show.Now, show.Pictures.Last());
        if (dark > 0)
        {
            show.Run(dark);
            show.Start("live/show-b", b);
        }
        show.Run(20_000);

        var (back, first) = show.Output.First(output => output.At > goneAt && output.Frame is { Kind: TrackKind.Video, IsMedia: true });
        Assert.True(back - goneAt > 400);
        var moved = Told(news).Single(told => told.Cue?.Id == "draw").Cue!;
        Assert.Equal(back - goneAt, cue!.Pts - moved.Pts, 80.0);
        Assert.InRange((moved.Utc - at).TotalMilliseconds, -1, 1);
        Assert.DoesNotContain(Told(news), told => told.Cue?.Id == "now");
        Assert.Equal(moved, show.Stream.ToldCues().Single(told => told.Id == "draw"));

        Assert.True(Has(first, "draw"));   // the newest word, at once
        var (shown, due) = show.Output.Last(output => Has(output.Frame, "draw"));
        Assert.InRange(due.Pts - moved.Pts, 0, 39);
        Assert.InRange((Wall(shown + due.Cts) - at).TotalMilliseconds, -1, 60);
        Assert.InRange(show.Pictures.Last(picture => Has(picture, "now")).Pts - now!.Pts, 0, 100);

        DateTimeOffset Wall(long showTime) => show.Time.GetUtcNow().AddMilliseconds(showTime - show.Now);
    }

    [Fact]
    public async Task A_cue_whose_time_passed_in_the_dark_is_due_with_the_first_picture_behind_it()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(1));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25 });
        show.Run(5_000);
        Assert.Equal(CueResult.Done, show.Stream.AddCue("draw", "", show.Time.GetUtcNow().AddSeconds(2), out _));
        show.Run(200);
        show.Kill("live/show-a");
        show.Run(5_000);
        var dark = show.Pictures.Count();
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25 });
        show.Run(3_000);
        var first = show.Pictures.ElementAt(dark);
        Assert.Equal(first, Assert.Single(show.Pictures.Skip(dark), picture => Has(picture, "draw")));
        Assert.True(first.Body.Span.IndexOf("\"in\":0,"u8) > 0 || first.Body.Span.IndexOf("\"in\":-"u8) > 0);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3000)]
    public async Task Nothing_can_be_put_into_the_dark_and_pages_are_told_of_it(int delay)
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions { Delay = TimeSpan.FromMilliseconds(delay) }));
        show.Start("live/show-a", new SimulatedEncoder { Gop = 25 });
        show.Run(8_000);
        var news = show.Stream.Log.News;
        Assert.False(news.IsDark);
        show.Kill("live/show-a");
        show.Run(5_000);
        Assert.Equal([true], Told(news).Select(told => told.IsDark));
        Assert.Equal(CueResult.NotLive, show.Stream.AddCue("a", "", null, out _));
        Assert.Equal(CueResult.NotLive, show.Stream.AddCue("b", "", show.Time.GetUtcNow().AddSeconds(10), out _));

        var dark = show.Pictures.Count();
        show.Start("live/show-b", new SimulatedEncoder { Gop = 25, Phase = 9 });
        while (show.Pictures.Count() == dark)
        {
            Assert.True(show.Stream.Log.News.IsDark);
            Assert.Equal(CueResult.NotLive, show.Stream.AddCue("c", "", null, out _));
            show.Run(1);
        }
        Assert.Equal([true, false], Told(news).Select(told => told.IsDark));
        Assert.Equal(CueResult.Done, show.Stream.AddCue("c", "", null, out _));
    }

    [Fact]
    public async Task A_cue_far_ahead_stands_in_the_next_picture_and_then_in_the_keyframes_of_its_last_half_minute()
    {
        await using var show = new SimulatedShow(new StreamOptions());
        show.Start("live/show", new SimulatedEncoder { Gop = 25 });
        show.Run(4_000);
        var began = show.Pictures.Count();
        Assert.Equal(CueResult.Done, show.Stream.AddCue("draw", "", show.Time.GetUtcNow().AddMinutes(2), out var cue));
        show.Run(125_000);
        var carriers = show.Pictures.Skip(began).Where(picture => Has(picture, "draw")).ToList();
        Assert.Equal(show.Pictures.ElementAt(began), carriers[0]);
        Assert.InRange(cue!.Pts - carriers[1].Pts, 29_000, 30_000);
        Assert.InRange(carriers.Count, 31, 32);
    }

    [Theory]
    [InlineData("<b>\u00fc\u4e2d\u6587 & 'x'</b>", 1)]
    [InlineData("\"\"\"\"", 2)]
    [InlineData("\U0001F9E7", 3)]
    public void A_payload_is_on_the_wire_hardly_longer_than_it_is(string piece, int times)
    {
        var payload = string.Concat(Enumerable.Repeat(piece, Cue.MaxPayload / Encoding.UTF8.GetByteCount(piece)));
        Assert.InRange(new Cue("draw", 0, DateTimeOffset.UnixEpoch, payload).Json.Length, 0, times * Cue.MaxPayload + 100);
    }

    [Fact]
    public void Pictures_that_can_carry_no_message_stay_as_they_are_and_the_cue_is_an_event_with_them()
    {
        var line = new CueLine();
        var cue = new Cue("draw", 100, DateTimeOffset.UnixEpoch, "go");
        line.Add(cue, 0);
        for (var dts = 0L; dts < 200; dts += 40)
        {
            var body = SharedBuffer.CopyOf([0x91, .. "av01"u8, 0x12, 0, 0x32, 1, 0xAA]);
            Assert.Null(line.Mark(new Frame(TrackKind.Video, dts == 0 ? FrameFlags.Key : FrameFlags.None, Codec.Av1, dts, 0, body, 5)));
            body.Release();
        }
        Assert.True(line.IsEmpty);
        Assert.Equal([cue], line.WrittenIn(0, 40));
        Assert.Empty(line.WrittenIn(40, 120));
        Assert.Equal([cue], line.WrittenIn(120, 160));
    }

    [Fact]
    public void An_HEVC_picture_carries_the_cue_before_its_slice()
    {
        var line = new CueLine();
        line.Add(new Cue("draw", 0, DateTimeOffset.UnixEpoch, "go"), 0);
        var body = SharedBuffer.CopyOf([0x91, .. "hvc1"u8, 0, 0, 0, 0, 0, 0, 3, 0x46, 1, 0x50, 0, 0, 0, 3, 0x26, 1, 0xAA]);
        var marked = line.Mark(new Frame(TrackKind.Video, FrameFlags.Key, Codec.Hevc, 40, 0, body, 8, 5))!.Value;
        List<string> units = [];
        foreach (var nal in new NalUnits(marked.Body.Span[marked.PayloadOffset..], 4)) units.Add(Convert.ToHexString(nal));
        Assert.Equal(["460150", "2601AA"], [units[0], units[2]]);
        Assert.StartsWith("4E0105", units[1], StringComparison.Ordinal);
        Assert.Contains("SLUICECUE", Encoding.Latin1.GetString(Convert.FromHexString(units[1])), StringComparison.Ordinal);
        Assert.Equal(body.Span[..8].ToArray(), marked.Body.Span[..8].ToArray());
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

    private static bool Has(in Frame frame, string id) => frame.Kind == TrackKind.Video && frame.Body.Span.IndexOf(Encoding.UTF8.GetBytes($"\"id\":\"{id}\"")) > 0;

    private static List<News> Told(News news)
    {
        List<News> told = [];
        while (news.Next is { IsCompletedSuccessfully: true, Result: { } next }) told.Add(news = next);
        return told;
    }
}
