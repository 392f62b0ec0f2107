using Fixtures;
using Sluice.Pipeline;

namespace Pipeline.Tests.Matrix;

/// <summary>The judge finds what it is there to find: a flawless recording, doctored.</summary>
public sealed class VerdictTests
{
    private const long Fault = 2000;

    private const long End = 4000;

    private static readonly Expectation Lookahead = Expectation.Of(new Cell(Fixtures.Fault.Kill, SwitchMode.Lookahead, 2), silenceBefore: 40);

    private static readonly Expectation Replay = Expectation.Of(new Cell(Fixtures.Fault.Kill, SwitchMode.Replay, 2), silenceBefore: 40);

    [Fact]
    public void A_flawless_recording_has_no_faults()
    {
        var verdict = On(Flawless());
        Assert.Empty(Lookahead.Faults(verdict));
        Assert.Equal((0, 0, 0), (verdict.Lost, verdict.Repeated, verdict.Clustered));
        Assert.Equal(40, verdict.SilenceBeforeMs);
        Assert.Equal(99, verdict.LastNumber);
    }

    [Fact]
    public void A_lost_picture_is_found()
    {
        var showing = Flawless();
        showing.Pictures.RemoveAt(60);
        AssertFault("1 pictures lost in 1 places", showing);
    }

    [Fact]
    public void A_repeated_picture_is_found()
    {
        var showing = Flawless();
        Change(showing, 60, picture => picture with { Content = showing.Pictures[59].Content });
        AssertFault("1 pictures repeated", showing);
    }

    [Fact]
    public void Two_pictures_in_the_wrong_order_are_found()
    {
        var showing = Flawless();
        Change(showing, 60, picture => picture with { Content = showing.Pictures[61].Content });
        Change(showing, 61, picture => picture with { Content = showing.Pictures[59].Content });
        Assert.NotEqual(0, On(showing).Repeated);
    }

    [Fact]
    public void A_picture_of_nothing_known_is_found()
    {
        var showing = Flawless();
        Change(showing, 60, picture => picture with { Content = null });
        AssertFault("1 pictures of no encode", showing);
    }

    [Fact]
    public void A_DTS_off_the_grid_is_found()
    {
        var showing = Flawless();
        Change(showing, 60, picture => picture with { Dts = picture.Dts + 3 });
        AssertFault("2 DTS off the grid", showing);
    }

    [Fact]
    public void A_DTS_that_does_not_rise_is_found()
    {
        var showing = Flawless();
        Change(showing, 60, picture => picture with { Dts = showing.Pictures[59].Dts });
        AssertFault("1 time stamps back", showing);
    }

    [Fact]
    public void A_sound_off_the_grid_is_found()
    {
        var showing = Flawless();
        showing.Sounds[90] = showing.Sounds[90] with { Dts = showing.Sounds[90].Dts + 2 };
        AssertFault("2 sounds off the grid", showing);
    }

    [Fact]
    public void Lost_sound_is_found_even_where_its_grid_goes_on()
    {
        var showing = Flawless();
        for (var i = 90; i < showing.Sounds.Count - 3; i++) showing.Sounds[i] = showing.Sounds[i] with { Content = showing.Sounds[i + 3].Content };
        showing.Sounds.RemoveRange(showing.Sounds.Count - 3, 3);
        Assert.InRange(On(showing).SoundBrokenMs, 63, 65);
        Assert.InRange(On(showing).LipSyncAfterMs, 63, 65);
        Assert.Contains(Lookahead.Faults(On(showing)), fault => fault.Contains("after the fault"));
    }

    [Fact]
    public void Inserted_silence_is_found()
    {
        var showing = Flawless();
        showing.Sounds[90] = showing.Sounds[90] with { Content = null };
        AssertFault("1 sounds are silence", showing);
    }

    [Fact]
    public void Sound_that_is_moved_is_found()
    {
        var showing = Flawless();
        for (var i = 0; i < showing.Sounds.Count; i++) showing.Sounds[i] = showing.Sounds[i] with { Dts = showing.Sounds[i].Dts + 20 };
        AssertFault("sound -20 ms ahead before the fault", showing);
    }

    [Fact]
    public void A_late_picture_is_found_and_so_is_an_output_that_ends_early()
    {
        var late = Flawless();
        for (var i = 60; i < 66; i++) Change(late, i, picture => picture with { At = 66 * Timeline.PictureMs });
        AssertFault("280 ms of silence, 190 allowed", late);

        var ended = Flawless();
        ended.Pictures.RemoveRange(80, 20);
        AssertFault("840 ms of silence, 190 allowed", ended);
    }

    [Fact]
    public void An_output_that_falls_behind_picture_by_picture_is_found()
    {
        var showing = Flawless();
        for (var i = 50; i < 100; i++) Change(showing, i, picture => picture with { At = picture.At + (i - 50) * 40 });
        Assert.Contains(Lookahead.Faults(On(showing)), fault => fault.Contains("further behind"));
    }

    [Fact]
    public void Pictures_that_flash_by_in_a_cluster_are_no_repeats_but_those_that_are_seen_are()
    {
        var showing = Flawless();
        var last = showing.Pictures[60];
        showing.Pictures.InsertRange(61, Enumerable.Range(1, 20).Select(i => last with { Dts = last.Dts + i, Pts = last.Pts + i, Content = showing.Pictures[40 + i].Content }));
        Assert.Empty(Replay.Faults(On(showing)));
        Assert.Equal((0, 20), (On(showing).Repeated, On(showing).Clustered));

        showing.Pictures[63] = showing.Pictures[63] with { Pts = last.Pts + 30 };
        Assert.Contains(Replay.Faults(On(showing)), fault => fault.Contains("repeated"));
    }

    private static Verdict On(Showing showing) => Verdict.On(showing, Fault, End);

    private static void AssertFault(string fault, Showing showing) => Assert.Contains(fault, Lookahead.Faults(On(showing)));

    private static void Change(Showing showing, int index, Func<ShownPicture, ShownPicture> change) => showing.Pictures[index] = change(showing.Pictures[index]);

    /// <summary>Four seconds of one encode, each frame as it is sent.</summary>
    private static Showing Flawless()
    {
        var showing = new Showing(_ => null);
        for (var i = 0; i < 100; i++) showing.Pictures.Add(new ShownPicture(i * 40, i * 40, i * 40, new Content("a", i, i * 40)));
        for (var i = 0; i * 64 / 3 < End; i++) showing.Sounds.Add(new HeardSound(i * 64 / 3, i * 64 / 3, new Content("a", -1, i * 64 / 3.0)));
        return showing;
    }
}
