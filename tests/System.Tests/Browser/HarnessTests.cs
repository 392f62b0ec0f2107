using System.Tests.Parts;

namespace System.Tests.Browser;

/// <summary>What the verdicts on splices rest on: a browser that plays without a fault where there is none.</summary>
[Collection(nameof(Screen))]
public sealed class HarnessTests(Encodes encodes)
{
    [Fact]
    public async Task A_stream_without_a_switch_plays_without_a_fault_by_every_player()
    {
        await using var server = await TestServer.StartAsync();
        await using var chromium = await Chromium.StartAsync();
        var programme = encodes.Begin();
        await using var c = await programme.PublishAsync("c", server.Rtmp("live/c"));
        await server.WaitForLiveAsync("live/c");

        var watched = await Task.WhenAll(new[] { Player.Chasing, Player.Unstashed, Player.Default }.Select(player => chromium.WatchAsync(server.Flv("live/c"), player, 8)));

        foreach (var seen in watched)
        {
            TestContext.Current.TestOutputHelper!.WriteLine($"{seen.Pictures.Count} pictures {seen.During(seen.End - 5000, seen.End)}; {string.Join(" | ", seen.Events)}");
            Assert.Empty(seen.Errors);
        }
    }
}
