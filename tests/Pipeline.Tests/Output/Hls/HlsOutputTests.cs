using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.Hls;

namespace Pipeline.Tests.Output.Hls;

public class HlsOutputTests
{
    private static readonly CancellationToken Never = CancellationToken.None;

    private static async Task<(HlsRig Rig, HlsVersion Version)> PlayingAsync()
    {
        var rig = new HlsRig();
        rig.Headers();
        rig.Play(0, 5_000);
        return (rig, (await rig.Output.PlayableAsync(Never)).Version!);
    }

    [Fact]
    public async Task All_who_wait_for_the_part_to_come_get_it_when_it_is_there()
    {
        var (rig, version) = await PlayingAsync();
        var list = rig.Output.ReloadAsync(version.NextNumber, version.NextPart, Never);
        var second = rig.Output.ReloadAsync(version.NextNumber, version.NextPart, Never);
        var media = rig.Output.PartAsync(version.NextNumber, version.NextPart, Never);
        Assert.False(list.IsCompleted || second.IsCompleted || media.IsCompleted);
        rig.Play(5_000, 5_400);
        foreach (var answer in await Task.WhenAll(list, second, media))
        {
            Assert.Equal(HlsWait.Ready, answer.Outcome);
            Assert.True(answer.Version!.Find(version.NextNumber)!.Parts.Length > version.NextPart);
        }
    }

    /// <summary>A player that reloads as each part comes, for a minute and a half, through other parameters and another epoch, and as they leave the playlist.</summary>
    [Theory]
    [InlineData(50)]
    [InlineData(30)]
    [InlineData(12)]
    public async Task A_minute_of_blocking_reloads_sees_each_part_once_in_time_and_by_the_rules(int gop)
    {
        var rig = new HlsRig();
        rig.Headers();
        rig.Play(0, 5_000, gop);
        var version = (await rig.Output.PlayableAsync(Never)).Version!;
        var list = PlaylistReader.Read(MediaPlaylist.Write(version, "", isDelta: false));
        PlaylistRules.Check(list);
        var (firstKey, seen) = (0, new HashSet<string>());
        for (long now = 5_000; now < 95_000; now += 40)
        {
            if (now is 20_000 or 41_280)
            {
                if (now == 20_000) rig.Headers(HlsRig.Avc360);
                else rig.Log.BeginEpoch(now, HlsRig.Origin.AddMilliseconds(now + 5_000));
                firstKey = (int)(now / 40);
            }
            var reload = rig.Output.ReloadAsync(version.NextNumber, version.NextPart, Never);
            rig.Time.Advance(TimeSpan.FromMilliseconds(40));
            rig.Play(now, now + 40, gop, firstKey: firstKey);
            var due = (await rig.Output.PlayableAsync(Never)).Version!;
            if (!due.Has(version.NextNumber, version.NextPart)) continue;
            var answer = await reload;
            Assert.Equal(HlsWait.Ready, answer.Outcome);
            Assert.True(answer.Version!.NextNumber > version.NextNumber || answer.Version.NextPart > version.NextPart);
            version = answer.Version;
            var next = PlaylistReader.Read(MediaPlaylist.Write(version, "", isDelta: false));
            PlaylistRules.Check(next);
            PlaylistRules.CheckFollows(list, next);
            PlaylistRules.CheckDelta(list, MediaPlaylist.Write(version, "", isDelta: true), next);
            list = next;
            seen.UnionWith(list.Segments.SelectMany(segment => segment.Parts).Select(part => part.Uri));
        }
        Assert.InRange(seen.Count, 90 * 3, 90 * 4);
        Assert.Equal(2, list.DiscontinuitySequence);
    }

    [Fact]
    public async Task A_segment_is_waited_for_until_it_is_complete()
    {
        var (rig, version) = await PlayingAsync();
        var whole = rig.Output.ReloadAsync(version.NextNumber, null, Never);
        rig.Play(5_000, 5_960);
        Assert.False(whole.IsCompleted);
        rig.Play(5_960, 6_080);
        Assert.True((await whole).Version!.Find(version.NextNumber)!.IsComplete);
    }

    [Fact]
    public async Task A_part_that_its_segment_does_not_have_is_the_next_ones_first()
    {
        var (rig, version) = await PlayingAsync();
        var beyond = rig.Output.ReloadAsync(version.NextNumber, 8, Never);
        rig.Play(5_000, 6_080);
        Assert.False(beyond.IsCompleted);
        rig.Play(6_080, 6_400);
        Assert.Equal((version.NextNumber + 1, 1), ((await beyond).Version!.NextNumber, (await beyond).Version!.NextPart));
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(0, 20)]
    [InlineData(1000, 0)]
    public async Task Who_asks_far_ahead_is_told_so(int ahead, int? part)
    {
        var (rig, version) = await PlayingAsync();
        Assert.Equal(HlsWait.TooFar, (await rig.Output.ReloadAsync(version.NextNumber + ahead, part, Never)).Outcome);
    }

    [Fact]
    public async Task A_part_behind_the_next_one_is_not_waited_for()
    {
        var (rig, version) = await PlayingAsync();
        Assert.Equal(HlsWait.TooFar, (await rig.Output.PartAsync(version.NextNumber, version.NextPart + 1, Never)).Outcome);
        Assert.Equal(HlsWait.TooFar, (await rig.Output.PartAsync(version.NextNumber + 1, 0, Never)).Outcome);
    }

    [Fact]
    public async Task What_is_old_is_there_at_once()
    {
        var (rig, version) = await PlayingAsync();
        Assert.Equal(HlsWait.Ready, (await rig.Output.ReloadAsync(version.Segments[0].Number - 100, 3, Never)).Outcome);
    }

    [Fact]
    public async Task A_stream_that_stops_lets_nobody_wait_for_ever()
    {
        var (rig, version) = await PlayingAsync();
        var reload = rig.Output.ReloadAsync(version.NextNumber, version.NextPart, Never);
        rig.Time.Advance(TimeSpan.FromSeconds(5.9));
        Assert.False(reload.IsCompleted);
        rig.Time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.Equal(HlsWait.TimedOut, (await reload).Outcome);
    }

    [Fact]
    public async Task The_end_of_the_show_answers_all_who_wait()
    {
        var (rig, version) = await PlayingAsync();
        var reload = rig.Output.ReloadAsync(version.NextNumber + 1, 0, Never);
        rig.End();
        Assert.True((await reload).Version!.IsEnded);
    }

    [Fact]
    public async Task A_stream_that_has_no_whole_segment_yet_is_waited_for()
    {
        var rig = new HlsRig();
        rig.Headers();
        var playable = rig.Output.PlayableAsync(Never);
        rig.Play(0, 2_000);
        Assert.False(playable.IsCompleted);
        rig.Play(2_000, 2_080);
        Assert.True((await playable).Version!.IsPlayable);
    }

    [Fact]
    public async Task It_is_packaged_from_the_first_request_until_half_a_minute_after_the_last()
    {
        var (rig, version) = await PlayingAsync();
        rig.Time.Advance(TimeSpan.FromSeconds(20));
        await rig.Output.PlayableAsync(Never);
        rig.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.True(rig.Output.IsRunning);
        rig.Time.Advance(StreamOutput.IdleTime);
        Assert.False(rig.Output.IsRunning);
        Assert.Null(version.Segments[0].Parts[0].TryRetain());
        rig.Play(5_000, 6_000);
        Assert.True((await rig.Output.PlayableAsync(Never)).Version!.IsPlayable);
    }

    [Fact]
    public async Task Packaging_that_failed_begins_anew_though_players_go_on_asking()
    {
        var (rig, _) = await PlayingAsync();
        rig.BrokenPicture(5_000);
        rig.Play(5_040, 6_000);
        for (var asked = 0; asked < 3; asked++)
        {
            Assert.Equal(HlsWait.Refused, (await rig.Output.PlayableAsync(Never)).Outcome);
            rig.Time.Advance(StreamOutput.IdleTime / 3);
        }
        rig.Play(6_000, 60_000);
        Assert.True((await rig.Output.PlayableAsync(Never)).Version!.IsPlayable);
    }
}
