namespace System.Tests.Browser;

/// <summary>The verdict on what was seen, on records made by hand.</summary>
public sealed class VerdictTests
{
    private const int B = Picture.PerSource;

    private static readonly Stretch Quiet = new(50, 0, 0, 0, 0, 0, [], 1000, "");

    /// <summary>Pictures every 40 ms from time 0 on; a null is a time at which none came.</summary>
    private static Seen Seen(params IEnumerable<int?> counters)
    {
        var pictures = counters.Index().Where(pair => pair.Item is not null).Select((pair, n) => new Picture(pair.Index * 40, pair.Index * 40, pair.Item!.Value, n + 1)).ToList();
        var end = counters.Count() * 40;
        return new Seen(pictures, [.. Enumerable.Range(0, (end / 200) + 1).Select(n => new BufferSample(n * 200, n * 200, [], 1000))], [], 0);
    }

    private static IEnumerable<int?> Count(int from, int count) => Enumerable.Range(from, count).Select(n => (int?)n);

    private static IEnumerable<string> FaultsAfter(IEnumerable<int?> cut, Limits limits) =>
        limits.Faults(Assert.Single(Seen([.. Count(0, 50), .. cut]).Splices()).Around, Quiet);

    [Fact]
    public void A_cut_to_the_next_picture_is_found_and_has_no_fault()
    {
        var splice = Assert.Single(Seen([.. Count(0, 50), .. Count(B + 50, 50)]).Splices());
        Assert.Equal((0, 1, 2000), (splice.From, splice.To, splice.Time));
        Assert.Empty(Limits.Lookahead.Faults(splice.Around, Quiet));
    }

    [Fact]
    public void A_pause_over_the_limit_is_a_fault() =>
        Assert.Equal(["a pause of 360 ms"], FaultsAfter([null, null, null, null, null, null, null, null, .. Count(B + 50, 40)], Limits.Lookahead));

    [Fact]
    public void A_picture_that_freezes_after_the_cut_is_a_pause() =>
        Assert.Equal(["a pause of 1420 ms"], FaultsAfter([B + 50, B + 51, B + 52, .. Enumerable.Repeat<int?>(null, 50)], Limits.Lookahead));

    [Fact]
    public void Lost_pictures_are_a_fault_unless_the_browser_showed_them_unseen()
    {
        var seen = Seen([.. Count(0, 50), .. Count(B + 55, 40)]);
        Assert.Equal(["5 pictures lost"], Limits.Lookahead.Faults(seen.Splices()[0].Around, Quiet));

        var unnoted = seen with { Pictures = [.. seen.Pictures.Select(picture => picture.Source == 1 ? picture with { Presented = picture.Presented + 5 } : picture)] };
        Assert.Empty(Limits.Lookahead.Faults(unnoted.Splices()[0].Around, Quiet));
    }

    [Fact]
    public void What_a_stream_without_a_cut_lost_at_the_same_time_is_forgiven()
    {
        var around = Seen([.. Count(0, 50), .. Count(B + 53, 40)]).Splices()[0].Around;
        Assert.Equal(["3 pictures lost"], Limits.Lookahead.Faults(around, Quiet));
        Assert.Empty(Limits.Lookahead.Faults(around, Quiet with { Missing = 2 }));
    }

    [Fact]
    public void Pictures_of_the_past_are_a_fault_but_a_few_of_a_replay()
    {
        IEnumerable<int?> cut = [B + 47, B + 48, .. Count(B + 50, 40)];
        Assert.Equal(["2 pictures of the past"], FaultsAfter(cut, Limits.Lookahead));
        Assert.Empty(FaultsAfter(cut, Limits.Replay));
    }

    [Fact]
    public void One_picture_shown_before_its_time_is_no_fault_and_two_are()
    {
        Assert.Empty(FaultsAfter([51, .. Count(B + 50, 40)], Limits.Lookahead));
        Assert.Empty(FaultsAfter([51, 51, .. Count(B + 50, 40)], Limits.Lookahead));   // read twice, too
        Assert.Equal(["2 pictures of the past"], FaultsAfter([51, B + 50, B + 53, .. Count(B + 51, 40)], Limits.Lookahead));
    }

    [Fact]
    public void A_picture_that_is_read_twice_instead_of_the_one_before_it_is_no_fault() =>
        Assert.Empty(FaultsAfter([B + 51, B + 51, .. Count(B + 52, 40)], Limits.Lookahead));

    [Fact]
    public void A_hole_in_the_buffer_a_broken_picture_and_the_players_complaints_are_faults()
    {
        var seen = Seen([.. Count(0, 50), B + 50, -1, .. Count(B + 52, 40)]);
        var around = (seen with
        {
            Buffers = [.. seen.Buffers.Select(sample => sample.Time < 2200 ? sample : sample with { Holes = [new Hole(2400, 2500)] })],
            Events = [new PlayerEvent(2500, "waiting", "")],
        }).Splices()[0].Around;
        Assert.Equal(["a hole from 2400.0 to 2500.0 ms in the buffer", "broken pictures: 1", "waiting"], Limits.Lookahead.Faults(around, Quiet));
    }

    [Fact]
    public void A_machine_without_time_for_the_browser_gives_no_verdict()
    {
        Assert.True(Limits.CanJudge(Quiet));
        Assert.False(Limits.CanJudge(Quiet with { Pause = 200 }));
        Assert.False(Limits.CanJudge(Quiet with { Stale = 1 }));
        Assert.False(Limits.CanJudge(Quiet with { Events = "silence of 40 ms" }));
    }
}
