using Pipeline.Tests.Simulation;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Pipeline.Tests.Sources;

public sealed class RepeatFilterTests
{
    private static readonly SimulatedEncoder Encoder = new() { Origin = 1_000_000 };

    private static List<Frame> Take(RepeatFilter filter, long from, long to)
    {
        filter.Begin();
        return [.. Encoder.Frames(from, to, headers: false).Select(sent => sent.Frame).Where(frame => !filter.IsRepeat(frame))];
    }

    [Fact]
    public void What_was_sent_before_the_connection_broke_is_taken_once()
    {
        var filter = new RepeatFilter();
        var first = Take(filter, 0, 10_000);
        var second = Take(filter, 7_000, 12_000);
        Assert.Equal(first.Select(frame => (frame.Kind, frame.Dts)).Concat(second.Select(frame => (frame.Kind, frame.Dts))),
            Encoder.Frames(0, 12_000, headers: false).Select(sent => (sent.Frame.Kind, sent.Frame.Dts)));
        Assert.True(filter.Found > 200);
    }

    [Fact]
    public void A_show_that_is_started_again_is_no_repeat()
    {
        var filter = new RepeatFilter();
        var first = Take(filter, 0, 3_000);
        Assert.Equal(first.Count, Take(filter, 0, 3_000).Count);
        Assert.Equal(0, filter.Found);
    }

    [Fact]
    public void Behind_the_first_new_frame_nothing_is_looked_at()
    {
        var filter = new RepeatFilter();
        Take(filter, 0, 10_000);
        filter.Begin();
        Assert.False(filter.IsRepeat(Encoder.Frames(20_000, 20_040, headers: false).First().Frame));
        Assert.False(filter.IsRepeat(Encoder.Frames(9_000, 9_040, headers: false).First().Frame));
    }
}
