using System.Tests.Parts;

namespace System.Tests.Commands;

/// <summary>The main job, end to end, judged by itself from the bytes that viewers got.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task Demo_loses_three_encoders_and_cuts_nobody()
    {
        await using var demo = Tool.Start("dotnet", Path.Combine(AppContext.BaseDirectory, "sluice.dll"), "demo", "--seconds", "60");
        var exit = await demo.WaitAsync(TimeSpan.FromSeconds(150));
        Assert.True(exit == 0, demo.Output + demo.Errors);
        Assert.Equal(3, demo.Output.Split('\n').Count(line => line.Contains("KILL encoder") || line.Contains("FREEZE encoder")));   // none as it ends
        Assert.Equal(3, demo.Output.Split('\n').Count(line => line.Contains("switch ") && line.Contains(" → ") && line.Contains("because")));
        Assert.Contains("one unbroken stream", demo.Output);
    }
}
