using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Sources;

namespace Pipeline.Tests.Switching;

public sealed class PreferenceTests
{
    private static readonly SimulatedEncoder A = new() { Gop = 25, Mark = 0xA };
    private static readonly SimulatedEncoder B = new() { Gop = 25, Phase = 9, Origin = 90_000, Mark = 0xB };

    private static SimulatedShow Make(SwitchPreference prefer) =>
        new(SimulatedShow.WithSources(2, new SwitchOptions { Mode = SwitchMode.Keyframe, Prefer = prefer }, 10, 20));

    [Fact]
    public async Task Better_priority_is_returned_to_after_it_was_well_for_the_clear_time()
    {
        await using var show = Make(SwitchPreference.Priority);
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(2_000);
        show.Start("live/show-a", A);
        show.Run(10_500);
        Assert.Equal("b", show.Stream.ActiveName);
        show.Run(3_000);
        Assert.Equal("a", show.Stream.ActiveName);
        Assert.Equal("return", show.Cuts.Last().Reason);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task Stay_does_not_return()
    {
        await using var show = Make(SwitchPreference.Stay);
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(2_000);
        show.Start("live/show-a", A);
        show.Run(30_000);
        Assert.Equal("b", show.Stream.ActiveName);
    }

    [Fact]
    public async Task A_source_that_just_came_back_is_used_when_nothing_else_is_left()
    {
        await using var show = Make(SwitchPreference.Priority);
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(2_000);
        show.Start("live/show-a", A);
        show.Run(3_000);
        show.Kill("live/show-b");
        show.Run(1_200);
        Assert.Equal("a", show.Stream.ActiveName);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task The_operator_switches_at_once_and_is_not_overruled_by_the_preference()
    {
        await using var show = Make(SwitchPreference.Priority);
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(3_000);
        Assert.Equal(CommandResult.Done, show.Stream.SwitchTo("b"));
        show.Run(1_100);
        Assert.Equal("b", show.Stream.ActiveName);
        Assert.Equal("operator", show.Cuts.Single().Reason);
        show.Run(30_000);
        Assert.Equal("b", show.Stream.ActiveName);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task An_unknown_source_and_one_that_is_away_are_refused()
    {
        await using var show = Make(SwitchPreference.Stay);
        show.Start("live/show-a", A);
        show.Run(2_000);
        Assert.Equal(CommandResult.NoSuchSource, show.Stream.SwitchTo("x"));
        Assert.Equal(CommandResult.NotUsable, show.Stream.SwitchTo("b"));
        Assert.Equal("a", show.Stream.ActiveName);
    }

    [Fact]
    public async Task Excluding_the_active_source_moves_on_and_including_brings_it_back_into_choice()
    {
        await using var show = Make(SwitchPreference.Stay);
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(3_000);
        Assert.Equal(CommandResult.Done, show.Stream.Exclude("a"));
        show.Run(1_500);
        Assert.Equal("b", show.Stream.ActiveName);
        Assert.Equal(SourceState.Excluded, show.Stream.Sources[0].State);
        Assert.Equal(CommandResult.NotUsable, show.Stream.SwitchTo("a"));
        Assert.Equal(CommandResult.Done, show.Stream.Include("a"));
        Assert.Equal(("a excluded", "a healthy", "operator"), show.Journal.Where(entry => entry.Kind == JournalKinds.Source).Select(entry => (entry.From, entry.To, entry.Reason)).Last());
        Assert.Equal(CommandResult.Done, show.Stream.SwitchTo("a"));
        show.Run(1_500);
        Assert.Equal("a", show.Stream.ActiveName);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task An_excluded_source_goes_on_only_until_the_cut_to_another()
    {
        await using var show = Make(SwitchPreference.Stay);
        show.Start("live/show-a", A);
        show.Run(3_000);
        show.Stream.Exclude("a");
        show.Output.Clear();
        show.Run(1_000);
        Assert.Empty(show.Output);

        show.Start("live/show-b", B);
        show.Run(3_000);
        Assert.Equal("b", show.Stream.ActiveName);
        Continuity.AssertUnbroken(show);
    }

    [Fact]
    public async Task Two_automatic_returns_are_a_hold_time_apart()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2, new SwitchOptions { Mode = SwitchMode.Keyframe, Prefer = SwitchPreference.Priority, Clear = TimeSpan.Zero }, 10, 20));
        show.Start("live/show-b", B);
        show.Run(1_500);
        show.Start("live/show-a", A);
        show.Run(8_000);
        Assert.Equal("b", show.Stream.ActiveName);
        show.Run(3_500);
        Assert.Equal("a", show.Stream.ActiveName);
    }

    [Fact]
    public async Task A_source_that_fails_again_and_again_waits_longer_each_time()
    {
        await using var show = Make(SwitchPreference.Priority);
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Run(5_000);
        List<long> waited = [];
        for (var failure = 0; failure < 3; failure++)
        {
            show.Kill("live/show-a");
            show.Run(2_000);
            show.Start("live/show-a", A);
            show.Run(1_500);
            waited.Add(show.Stream.Snapshot().Sources[0].ClearMs);
            show.Run(waited[^1] - 1_000);
            Assert.Equal("b", show.Stream.ActiveName);
            show.Run(15_000);
            Assert.Equal("a", show.Stream.ActiveName);
        }
        Assert.InRange(waited[0], 8_500, 10_000);
        Assert.InRange(waited[1], 18_500, 20_000);
        Assert.InRange(waited[2], 28_500, 30_000);
    }

    [Fact]
    public async Task A_source_that_does_not_fit_is_used_only_when_nothing_else_is_left()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3, null, 10, 20, 30));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B with { HasSound = false });
        show.Start("live/show-c", B with { Phase = 17, Origin = 3_000_000 });
        show.Run(5_000);
        var sources = show.Stream.Snapshot().Sources;
        Assert.Equal((ParameterFit.Incompatible, "it has no sound"), (sources[1].Parameters!.Value, sources[1].ParametersDiffer));
        Assert.NotEqual(ParameterFit.Incompatible, sources[2].Parameters);

        show.Kill("live/show-a");
        show.Run(3_000);
        Assert.Equal("c", show.Stream.ActiveName);
        show.Kill("live/show-c");
        show.Run(3_000);
        Assert.Equal("b", show.Stream.ActiveName);
    }

    [Fact]
    public async Task Of_two_sources_of_one_priority_the_steadier_is_taken()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(3, new SwitchOptions { Clear = TimeSpan.Zero }));
        show.Start("live/show-a", A);
        show.Start("live/show-b", B);
        show.Start("live/show-c", B with { Phase = 17, Origin = 3_000_000 });
        show.Run(5_000);
        show.Kill("live/show-b");
        show.Run(1_000);
        show.Start("live/show-b", B);
        show.Run(5_000);
        show.Kill("live/show-a");
        show.Run(3_000);
        Assert.Equal("c", show.Stream.ActiveName);
    }
}
