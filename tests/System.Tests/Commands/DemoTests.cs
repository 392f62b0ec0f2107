using System.Tests.Console;
using System.Tests.Parts;
using System.Text.RegularExpressions;

namespace System.Tests.Commands;

/// <summary>The main job, end to end, judged by itself from the bytes that viewers got.</summary>
public sealed partial class DemoTests
{
    [Fact]
    public async Task Demo_loses_three_encoders_and_cuts_nobody()
    {
        await using var demo = Tool.Start("dotnet", Path.Combine(AppContext.BaseDirectory, "sluice.dll"), "demo", "--seconds", "60");
        await WatchAsync(demo);
        var exit = await demo.WaitAsync(TimeSpan.FromSeconds(150));
        Assert.True(exit == 0, demo.Output + demo.Errors);
        Assert.Equal(3, demo.Output.Split('\n').Count(line => line.Contains("KILL encoder") || line.Contains("FREEZE encoder")));   // none as it ends
        // One for each fault, and one for each encoder that this machine lets starve beside them: that is as true a silence.
        var switches = demo.Output.Split('\n').Count(line => line.Contains("switch ") && line.Contains(" → ") && line.Contains("because"));
        Assert.True(switches >= 3, $"{switches} switches:\n{demo.Output}");
        Assert.Contains("one unbroken stream", demo.Output);
    }

    /// <summary>The page that the demo names shows its faults as they happen.</summary>
    private static async Task WatchAsync(Tool demo)
    {
        for (var end = DateTime.UtcNow.AddSeconds(60); !Page().IsMatch(demo.Output) && DateTime.UtcNow < end && !demo.HasExited;) await Task.Delay(200);
        var url = Page().Match(demo.Output);
        Assert.True(url.Success, demo.Output + demo.Errors);
        if (ConsoleBrowser.WhyNot is not null) return;
        await using var page = await ConsoleBrowser.OpenAsync(url.Value);
        await page.UntilTextAsync("table.streams", "live/show");
        await page.UntilAsync("document.querySelector('table.streams').innerText.includes('live')");
        await page.ShowOnAsync(390, "light");   // its sources are still pictures there, which leave the machine to the encoders
        await page.ClickAsync("table.streams", "live/show");
        await page.UntilAsync("/went on with [abcd]/.test(document.querySelector('.story')?.innerText ?? '')", seconds: 40);
    }

    [GeneratedRegex("http://[^ ]+/console/")]
    private static partial Regex Page();
}
