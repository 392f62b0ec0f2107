using Sluice.Pipeline;

namespace System.Tests.Browser;

/// <summary>Viewers in a real browser watch while sources are switched and killed: no cut may show.</summary>
[Collection(nameof(Screen))]
public sealed class SpliceTests(Screen screen)
{
    private static readonly SwitchOptions Lookahead = new() { Mode = SwitchMode.Lookahead, Delay = TimeSpan.FromSeconds(3) };

    private static readonly SwitchOptions Replay = new() { Mode = SwitchMode.Replay, Delay = TimeSpan.Zero };

    [Fact]
    public async Task Cuts_of_both_lossless_modes_show_nowhere()
    {
        Chromium.Require();
        await using var trial = await Trial.BeginAsync(screen.Encodes, [new("live/look", Lookahead, Limits.Lookahead, Player.Default), new("live/replay", Replay, Limits.Replay, Player.Unstashed)]);
        await trial.GoAsync("abc", killsEvery: 2);
        await trial.GoAsync("cda", killsEvery: 2);
        var verdict = await trial.VerdictAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(verdict.ToString());
        Assert.Empty(verdict.Faults);
        Assert.True(verdict.Judged >= 4, $"The machine was too busy for a verdict: {verdict}");
    }

    /// <summary>All pairs of the four encodes, both ways, six times in two streams for each mode: 24 cuts of a pair, of which 20 must be judged.</summary>
    [Fact]
    [Trait("Category", "Matrix")]
    public async Task Twenty_cuts_of_each_pair_of_encodes_show_nowhere()
    {
        const string allPairs = "abacadbcbdcda";
        Chromium.Require();
        using var encodes = await Encodes.MakeAsync(TimeSpan.FromSeconds(500));
        await using var trial = await Trial.BeginAsync(encodes,
        [
            new("live/look1", Lookahead, Limits.Lookahead, Player.Default), new("live/look2", Lookahead, Limits.Lookahead, Player.Unstashed),
            new("live/replay1", Replay, Limits.Replay, Player.Default), new("live/replay2", Replay, Limits.Replay, Player.Unstashed),
        ]);
        for (var round = 0; round < 6; round++) await trial.GoAsync(allPairs, killsEvery: 5);
        var verdict = await trial.VerdictAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(verdict.ToString());
        Assert.Empty(verdict.Faults);
        Assert.All(verdict.Pairs, pair => Assert.True(pair.Judged >= 20, $"{pair} were judged; the machine was too busy for the rest"));
    }
}
