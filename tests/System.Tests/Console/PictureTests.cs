using System.Tests.Browser;
using System.Tests.Parts;
using System.Text.RegularExpressions;
using Sluice.Pipeline;

namespace System.Tests.Console;

/// <summary>Pictures of every page, on a laptop and a phone, light and dark: under artifacts/console to be looked at. With SLUICE_UPDATE_PICTURES=1 they replace those that the guide has (docs/console).</summary>
[Trait("Category", "Matrix")]
public sealed partial class PictureTests
{
    private static readonly (int Width, string Scheme)[] Screens = [(1440, "light"), (1440, "dark"), (390, "light"), (390, "dark")];

    private static readonly bool IsUpdating = Environment.GetEnvironmentVariable("SLUICE_UPDATE_PICTURES") == "1";

    private static string Folder => Path.Combine(Pages.Root, "artifacts/console");

    private static string Guide => Path.Combine(Pages.Root, "docs/console");

    /// <summary>Of the demo, once a fault has been.</summary>
    [Fact]
    public async Task Streams_and_a_stream()
    {
        await using var demo = Tool.Start("dotnet", Path.Combine(AppContext.BaseDirectory, "sluice.dll"), "demo", "--seconds", "300");
        for (var end = DateTime.UtcNow.AddSeconds(60); !Page().IsMatch(demo.Output) && DateTime.UtcNow < end && !demo.HasExited;) await Task.Delay(200);
        await using var page = await ConsoleBrowser.OpenAsync(Page().Match(demo.Output).Value);
        await page.UntilTextAsync("table.streams", "live/show");
        await TakeAsync(page, "streams");
        await page.ClickAsync("table.streams", "live/show");
        await page.UntilAsync("/went on with [abcd]/.test(document.querySelector('.story')?.innerText ?? '')", seconds: 40);
        await page.UntilAsync("(document.querySelector('video[data-path=\"live/show\"]')?.currentTime ?? 0) > 5");
        await page.UntilAsync("document.querySelector('.plots h2')?.innerText === 'The last 2 minutes'", seconds: 75);
        // All is well again, and there is a way back.
        await TakeAsync(page, "stream", "document.querySelector('.story .back button:not([aria-disabled=true])') !== null && document.querySelector('.source .tag:not(.good)') === null && (innerWidth > 640 || document.querySelectorAll('canvas[data-taken=true]').length === 4)");
    }

    [Fact]
    public async Task What_it_asks_and_what_it_says_when_something_is_wrong()
    {
        await using var show = await ConsoleShow.BeginAsync(new AccessOptions { Api = AccessRule.Key, ApiKey = "api" });
        using var relay = new TcpRelay(System.Net.IPAddress.Loopback, show.Server.HttpPort);
        await using var page = await ConsoleBrowser.OpenAsync($"http://127.0.0.1:{relay.Port}/console/#/{ConsoleShow.Path}");
        await page.UntilTextAsync("form", "no key was given");
        await TakeAsync(page, "key");
        await page.TypeAsync("form input", "api");
        await page.ClickAsync("form", "Open the console");
        await page.ClickAsync("[data-source=a]", "Exclude");
        await page.UntilTextAsync("dialog[open]", "Exclude a");
        await TakeAsync(page, "question");
        await page.ClickAsync("dialog[open]", "Cancel");
        await show.StopEncoderAsync("b");
        await show.StopEncoderAsync("a");
        await page.UntilTextAsync(".title .tag", "dark");
        await TakeAsync(page, "dark");
        relay.Dispose();
        relay.Cut();
        await page.UntilTextAsync(".pill", "Stale");
        await TakeAsync(page, "stale");
    }

    private static async Task TakeAsync(ConsoleBrowser page, string name, string until = "true")
    {
        Directory.CreateDirectory(Folder);
        foreach (var (width, scheme) in Screens)
        {
            await page.ShowOnAsync(width, scheme);
            await page.UntilAsync(until, seconds: 60);
            var file = $"{name}-{width}-{scheme}.png";
            await page.TakeAsync(Path.Combine(Folder, file), width, scheme);
            if (IsUpdating && File.Exists(Path.Combine(Guide, file))) File.Copy(Path.Combine(Folder, file), Path.Combine(Guide, file), overwrite: true);
        }
        await page.ShowOnAsync(Screens[0].Width, Screens[0].Scheme);
    }

    [GeneratedRegex("http://[^ ]+/console/")]
    private static partial Regex Page();
}
