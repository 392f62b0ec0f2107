using System.Tests.Parts;
using Sluice.Wire.Flv;

namespace System.Tests.Browser;

/// <summary>What the verdicts on splices rest on: a browser that shows no fault where there is none, and a record that shows every one that there is.</summary>
[Collection(nameof(Screen))]
public sealed class HarnessTests(Screen screen)
{
    private const long Cut = 4000;

    private static void Write(string line) => TestContext.Current.TestOutputHelper!.WriteLine(line);

    /// <summary>What the trials rest on: a and b splice without new parameter sets, the others do not.</summary>
    [Fact]
    public async Task The_first_two_encodes_have_equal_parameter_sets_and_the_others_their_own()
    {
        Chromium.Require();
        var headers = new List<string>();
        foreach (var name in Encodes.Names)
            headers.Add(Convert.ToHexString((await screen.Encodes.TagsAsync(name, 1)).First(tag => tag.IsHeader && tag.Type == FlvTagType.Video).Body));
        Assert.Equal(headers[0], headers[1]);
        Assert.Equal(3, headers.Distinct().Count());
    }

    [Fact]
    public async Task A_stream_without_a_switch_plays_without_a_fault_by_every_player()
    {
        await using var server = await TestServer.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var programme = screen.Encodes.Begin();
        await using var c = await programme.PublishAsync("c", server.Rtmp("live/c"));
        await server.WaitForLiveAsync("live/c");

        var watched = await Task.WhenAll(new[] { Player.Chasing, Player.Unstashed, Player.Default }.Select(player => chromium.WatchAsync(server.Flv("live/c"), player, 5)));

        foreach (var seen in watched)
        {
            var steady = seen.During(seen.End - 3000, seen.End);
            Write($"{steady}");
            Assert.Empty(seen.Errors);
            Assert.Empty(seen.Splices());
            Assert.True(seen.IsPlaying);
            Assert.InRange(steady.Pause, 30, 300);
            Assert.InRange(steady.Missing, 0, steady.Unnoted + 2);
            Assert.Equal((0, 0, 0), (steady.Stale, steady.Unread, steady.Holes.Count));
            Assert.Equal("", steady.Events);
        }
    }

    /// <summary>Sent late; without some pictures; time stamps that jump; other parameter sets without a word of them; and with just a new header, which freezes some runs (then the buffer has a hole) and goes well in others.</summary>
    [Fact]
    public async Task Each_fault_of_a_naive_server_is_found()
    {
        Chromium.Require();
        var a = await screen.Encodes.TagsAsync("a", 9);
        var c = await screen.Encodes.TagsAsync("c", 9);
        await using var server = await NaiveServer.StartAsync(new Dictionary<string, IReadOnlyList<FlvFileTag>>
        {
            ["late"] = [.. a.Select(tag => tag.Time < Cut ? tag : tag with { Due = tag.Due + 2000 })],
            ["hole"] = [.. a.Where(tag => tag.IsHeader || tag.Type != FlvTagType.Video || tag.Time is < Cut or > Cut + 300)],
            ["jump"] = [.. a.Select(tag => tag.Time < Cut ? tag : tag with { Time = tag.Time + 5000 })],
            ["headless"] = Splice(a, c, withHeader: false),
            ["bare"] = Splice(a, c, withHeader: true),
        });
        await using var chromium = await Chromium.StartAsync();
        async Task<Seen> WatchAsync(string name) => await chromium.WatchAsync(server.Url(name), Player.Unstashed, 7.5);
        var names = new[] { "late", "hole", "jump", "headless", "bare" };
        var watched = await Task.WhenAll(names.Select(WatchAsync));
        var stretches = watched.Select(seen => seen.During(seen.End - 6000, seen.End)).ToList();
        foreach (var (name, stretch) in names.Zip(stretches)) Write($"{name}: {stretch}");

        Assert.True(stretches[0].Pause > 400, $"{stretches[0]}");
        Assert.Contains("silence of", stretches[0].Events);
        Assert.True(stretches[1].Missing - stretches[1].Unnoted > 4 || stretches[1].Unread > 0, $"{stretches[1]}");
        Assert.True(stretches[2].Pause > 1000, $"{stretches[2]}");
        Assert.NotEmpty(watched[3].Errors);
        Assert.False(watched[3].IsPlaying);
        Assert.True(stretches[4] is { Holes.Count: > 0, Pause: > 300 } || watched[4].Splices() is [{ From: 0, To: 2 }], $"{stretches[4]}");
    }

    /// <summary>One encode up to a keyframe of the other near <see cref="Cut"/>, and from there on the other, without or with its parameter sets.</summary>
    private static IReadOnlyList<FlvFileTag> Splice(IReadOnlyList<FlvFileTag> from, IReadOnlyList<FlvFileTag> to, bool withHeader)
    {
        var key = to.First(tag => tag.IsKey && tag.Time >= Cut).Time;
        var header = to.First(tag => tag.IsHeader && tag.Type == FlvTagType.Video) with { Due = key, Time = key };
        return [.. from.TakeWhile(tag => tag.Time < key), .. withHeader ? [header] : (FlvFileTag[])[], .. to.SkipWhile(tag => tag.Time < key || !tag.IsKey)];
    }
}
