using Sluice.Pipeline.StreamLogs;

namespace Pipeline.Tests.StreamLogs;

public sealed class SegmentClockTests
{
    private const long Origin = 1_795_348_800_000;

    /// <summary>A keyframe distance, the slot for it, and the target duration of the playlist.</summary>
    [Theory]
    [InlineData(0, 2000, 2000)]
    [InlineData(40, 2000, 2000)]
    [InlineData(480, 1920, 2000)]
    [InlineData(1000, 2000, 2000)]
    [InlineData(1001, 2002, 2000)]
    [InlineData(1200, 2400, 2000)]
    [InlineData(1600, 1600, 2000)]
    [InlineData(2000, 2000, 2000)]
    [InlineData(2002, 2002, 2000)]
    [InlineData(2400, 2400, 2000)]
    [InlineData(2500, 2500, 3000)]
    [InlineData(4000, 4000, 4000)]
    [InlineData(6000, 6000, 6000)]
    [InlineData(10_000, 6000, 6000)]
    public void A_slot_is_a_whole_number_of_GOPs(int gop, int slot, int target) =>
        Assert.Equal((slot, target), (SegmentClock.SlotFor(gop), new SegmentClock(Origin, SegmentClock.SlotFor(gop)).Target));

    /// <summary>Every distance of keyframes, in pictures, at rates that round to milliseconds and rates that do not.</summary>
    [Theory]
    [InlineData(25, 1)]
    [InlineData(50, 1)]
    [InlineData(30, 1)]
    [InlineData(60_000, 1001)]
    [InlineData(30_000, 1001)]
    public void While_keyframes_come_every_two_seconds_or_oftener_each_segment_begins_with_one_and_numbers_stay_with_the_clock(int rate, int per)
    {
        for (var gop = 1; gop <= 2002 * rate / per / 1000; gop++)
        {
            var slot = SegmentClock.SlotFor(Time(gop));
            var segments = Segments(new SegmentClock(Origin, slot), Enumerable.Range(0, 600 * rate / per).Select(n => (Time(n), n % gop == 0)));
            Assert.All(segments, segment => Assert.True(segment.IsKey, $"{gop} pictures: {segment}"));
            Assert.All(segments, segment => Assert.InRange(segment.Number - (Origin + segment.Begin) / slot, -1, 1));
        }

        long Time(int n) => (long)Math.Round(n * 1000.0 * per / rate);
    }

    /// <summary>Cuts that cannot wait, to keyframes that lie anywhere and are any distance apart.</summary>
    [Theory]
    [InlineData(2000)]
    [InlineData(1600)]
    [InlineData(2400)]
    public void After_cuts_that_could_not_wait_each_segment_begins_with_a_keyframe_too(int slot)
    {
        var random = new Random(7);
        for (var show = 0; show < 200; show++)
        {
            var clock = new SegmentClock(Origin, slot);
            var (at, last) = (0L, (Segment?)null);
            for (var cut = 0; cut < 12; cut++)
            {
                var (gop, length) = (random.Next(5, 60), random.Next(20, 400));
                var begin = at;
                var segments = Segments(clock, Enumerable.Range(0, length).Select(n => (begin + n * 40, n % gop == 0)));
                Assert.All(segments, segment => Assert.True(segment.IsKey, $"show {show}: {segment} with {gop} pictures a GOP"));
                if (last is { } before) Assert.Equal(before.Number + 1, segments[0].Number);
                last = segments[^1];
                at += length * 40;
            }
        }
    }

    [Fact]
    public void A_scene_that_begins_early_makes_no_later_segment_begin_without_a_keyframe()
    {
        var keys = new HashSet<long> { 0, 2000, 4000, 4920, 6920, 8920, 9400, 11_400 };
        var segments = Segments(new SegmentClock(Origin, 2000), Enumerable.Range(0, 325).Select(n => (n * 40L, keys.Contains(n * 40L))));
        Assert.All(segments, segment => Assert.True(segment.IsKey, $"{segment}"));
    }

    private readonly record struct Segment(long Number, long Begin, bool IsKey);

    /// <summary>Opens a segment with the first picture, as a cut that cannot wait does, and goes on by the clock; none may be longer than the target.</summary>
    private static List<Segment> Segments(SegmentClock clock, IEnumerable<(long Dts, bool IsKey)> pictures)
    {
        var segments = new List<Segment>();
        long? last = null;
        foreach (var (dts, isKey) in pictures)
        {
            if (segments.Count > 0 && !clock.IsCut(dts, isKey, dts - last!.Value, dts - last.Value)) { last = dts; continue; }
            if (segments.Count > 0) Assert.True(Math.Round((dts - segments[^1].Begin) / 1000.0) * 1000 <= clock.Target, $"{segments[^1]} ends at {dts}");
            clock.Open(dts, isKey, isAnew: segments.Count == 0 && clock.Number >= 0);
            segments.Add(new Segment(clock.Number, dts, isKey));
            last = dts;
        }
        return segments;
    }
}
