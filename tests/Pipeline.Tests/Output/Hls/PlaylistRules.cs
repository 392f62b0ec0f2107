using System.Globalization;

namespace Pipeline.Tests.Output.Hls;

/// <summary>What RFC 8216bis demands of a live media playlist, alone and as the successor of one that a player has.</summary>
internal static class PlaylistRules
{
    /// <summary>How far durations may lie from the difference of times, in seconds: both are rounded to milliseconds.</summary>
    private const double Rounding = 0.0021;

    public static void Check(PlaylistReader list)
    {
        Assert.True(list.TargetDuration > 0);
        Assert.Equal("YES", list.ServerControl["CAN-BLOCK-RELOAD"]);
        Assert.True(Control("HOLD-BACK") >= 3 * list.TargetDuration, "§4.4.3.8: HOLD-BACK");
        Assert.True(Control("PART-HOLD-BACK") >= 2 * list.PartTarget, "§4.4.3.8: PART-HOLD-BACK");
        Assert.True(Control("CAN-SKIP-UNTIL") >= 6 * list.TargetDuration, "§4.4.3.8: CAN-SKIP-UNTIL");
        Assert.True(list.IsEnded != list.Hint is not null, "§4.4.5.3: what is to come is hinted at, and nothing else");
        Assert.DoesNotContain(list.Segments.SkipLast(1), segment => segment.Uri is null);
        foreach (var segment in list.Segments)
        {
            Assert.NotNull(segment.Map);
            Assert.True(segment.Duration is null || Math.Round(segment.Duration.Value, MidpointRounding.AwayFromZero) <= list.TargetDuration, $"§4.4.3.1: {segment}");
            Assert.All(segment.Parts, part => Assert.True(part.Duration <= list.PartTarget, $"§4.4.4.9: {part}"));
            Assert.All(segment.Uri is null ? segment.Parts : segment.Parts.SkipLast(1), part => Assert.True(part.Duration >= 0.85 * list.PartTarget, $"§4.4.3.7: {part} in {segment}"));
            if (segment.Uri is not null && segment.Parts.Count > 0) Assert.Equal(segment.Duration!.Value, segment.Parts.Sum(part => part.Duration), Rounding);
        }
        foreach (var (segment, next) in list.Segments.Zip(list.Segments.Skip(1)))
        {
            if (segment.Map != next.Map) Assert.True(next.IsDiscontinuity, $"§4.4.4.3: {next} has another map");
            // A date and time at each segment: they tell the same as the durations do.
            if (!next.IsDiscontinuity) Assert.Equal(segment.Duration!.Value, (next.Utc!.Value - segment.Utc!.Value).TotalSeconds, Rounding);
        }
        Assert.Distinct(list.Segments.SelectMany(segment => segment.Parts).Select(part => part.Uri));
        Assert.True(list.Version >= (list.Skipped > 0 ? 9 : 6), "§8: VERSION");
        var behind = 0.0;
        foreach (var segment in list.Segments.AsEnumerable().Reverse().TakeWhile(_ => !list.IsEnded))
        {
            Assert.True(segment.Parts.Count > 0 || segment.Uri is null || behind > 3 * list.TargetDuration, $"§6.2.2: {segment} has no parts {behind} s behind the edge");
            behind += segment.Duration ?? segment.Parts.Sum(part => part.Duration);
        }

        double Control(string name) => double.Parse(list.ServerControl[name], CultureInfo.InvariantCulture);
    }

    public static void CheckFollows(PlaylistReader before, PlaylistReader after)
    {
        Assert.Equal((before.TargetDuration, before.PartTarget), (after.TargetDuration, after.PartTarget));
        var removed = after.MediaSequence - before.MediaSequence;
        Assert.InRange(removed, 0, before.Segments.Count);
        Assert.Equal(before.DiscontinuitySequence + before.Segments.Take((int)removed).Count(segment => segment.IsDiscontinuity), after.DiscontinuitySequence);
        foreach (var segment in before.Segments.Skip((int)removed))
        {
            var now = after.Segments[(int)(segment.Number - after.MediaSequence)];
            Assert.Equal((segment.IsDiscontinuity, segment.Map, segment.Utc), (now.IsDiscontinuity, now.Map, now.Utc));
            if (segment.Uri is not null) Assert.Equal((segment.Uri, segment.Duration), (now.Uri, now.Duration));
            if (now.Parts.Count > 0) Assert.Equal(segment.Parts, now.Parts.Take(segment.Parts.Count));
        }
        // What was hinted at has come under that name, unless its segment ended before it.
        var hinted = after.Segments.SelectMany(segment => segment.Parts).Any(part => part.Uri == before.Hint);
        var growing = before.Segments[^1] is { Uri: null } open ? open : null;
        var ended = growing is not null && after.Segments.Single(segment => segment.Number == growing.Number) is { Uri: not null } whole && whole.Parts.Count == growing.Parts.Count;
        Assert.True(hinted || ended || before.IsEnded, $"§4.4.5.3: {before.Hint} was hinted at");
    }

    /// <summary>A delta update, put together with what the player had, is the playlist.</summary>
    public static void CheckDelta(PlaylistReader before, string delta, PlaylistReader full)
    {
        var merged = PlaylistReader.Read(delta, before);
        Assert.Equal(full.Segments.Select(segment => (segment.Number, segment.Uri, segment.Duration, segment.IsDiscontinuity, segment.Map, segment.Utc)),
            merged.Segments.Select(segment => (segment.Number, segment.Uri, segment.Duration, segment.IsDiscontinuity, segment.Map, segment.Utc)));
        Assert.Equal((full.MediaSequence, full.DiscontinuitySequence, full.Hint), (merged.MediaSequence, merged.DiscontinuitySequence, merged.Hint));
        // §6.2.5.1: what is younger than the skip boundary is not left out.
        var boundary = double.Parse(full.ServerControl["CAN-SKIP-UNTIL"], CultureInfo.InvariantCulture);
        var behind = full.Segments.Skip(merged.Skipped).Sum(segment => segment.Duration ?? segment.Parts.Sum(part => part.Duration));
        Assert.True(merged.Skipped == 0 || behind >= boundary, $"{merged.Skipped} skipped, {behind} s left");
    }
}
