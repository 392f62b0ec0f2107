using System.Tests.Parts;

namespace System.Tests.Console;

/// <summary>The console is for everybody: by eye, by ear, by keyboard, on any screen; and nothing moves under the hand.</summary>
public sealed class UsabilityTests
{
    [Fact]
    public async Task The_page_is_usable_by_all()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync(show.Url);
        foreach (var (width, scheme) in ((int, string)[])[(1440, "light"), (390, "dark"), (390, "light"), (1440, "dark")])
        {
            await page.ShowOnAsync(width, scheme);
            foreach (var (hash, sign) in ((string, string)[])[("#/", "table.streams"), ($"#/{ConsoleShow.Path}", "[data-source=c]")])
            {
                await page.EvaluateAsync($"location.hash = '{hash}'");
                await page.UntilAsync($"document.querySelector('{sign}') !== null");
                await page.UntilAsync("document.querySelectorAll('.plot').length === document.querySelectorAll('.plot canvas').length");
                var faults = await page.FaultsAsync();
                Assert.True(faults.Count == 0, $"{hash} at {width}, {scheme}: {string.Join('\n', faults)}");
                Assert.Equal(0, (await page.EvaluateAsync("Math.max(0, document.documentElement.scrollWidth - innerWidth)")).GetInt32());
                // On a small screen sources are pictures taken from time to time; one plays when it is tapped.
                if (width < 640 && hash != "#/") await page.UntilAsync("document.querySelector('canvas[data-path=\"live/show-b\"][data-taken=true]') !== null");
                // Whatever scrolls sideways hides its last column, which is where the buttons are.
                Assert.Equal(0, (await page.EvaluateAsync("Math.max(0, ...[...document.querySelectorAll('.scroll')].map(box => box.scrollWidth - box.clientWidth))")).GetInt32());
            }
        }
    }

    /// <summary>A switch, what it says in the story and the journal, a source that goes and comes, a push that is lost, the dark: all that happens while somebody reads.</summary>
    [Theory]
    [InlineData(1440)]
    [InlineData(390)]
    public async Task Nothing_moves_while_somebody_reads(int width)
    {
        await using var show = await ConsoleShow.BeginAsync();
        await show.UntilAsync("sources", "b", "healthy");
        await show.UntilAsync("push", "cdn-a", "connected");
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        // So high that all of the page is seen: what moves outside the window is not told.
        await page.ShowOnAsync(width, "light", height: 5000);
        await page.UntilTextAsync("[data-source=a] .tag", "healthy");
        await page.UntilTextAsync("[data-push=cdn-a] .tag", "connected");
        await page.UntilTextAsync("[data-source=d] .says", "Could not be pulled");
        await page.UntilAsync(width < 640 ? "document.querySelectorAll('canvas[data-taken=true]').length === 2" : "(document.querySelector('video[data-path=\"live/show-b\"]')?.currentTime ?? 0) > 1", seconds: 45);
        await page.UntilAsync("document.querySelectorAll('.plot canvas').length === 5");
        await page.WatchAsync();

        await show.SwitchAsync("b");
        await page.UntilTextAsync(".story", "An operator left a for b");
        await page.UntilTextAsync(".story .back button:not([aria-disabled=true])", "Switch back to a");
        await show.Server.PostAsync($"api/v1/streams/{ConsoleShow.Path}/sources/a/exclude");
        await page.UntilTextAsync("[data-source=a] .tag", "excluded");
        await show.Server.PostAsync($"api/v1/streams/{ConsoleShow.Path}/sources/a/include");
        await page.UntilTextAsync("[data-source=a] .tag", "healthy");
        await show.StopCdnAsync();
        await page.UntilTextAsync("[data-push=cdn-a]", "Last error:");
        await show.StopEncoderAsync("a");
        await page.UntilTextAsync(".story .back", "it is absent");
        await show.StopEncoderAsync("b");
        await page.UntilTextAsync(".headline", "No source has been on since");
        show.StartEncoder("a");
        await page.UntilTextAsync("[data-source=a]", "on air");
        Assert.Empty(await page.MovesAsync());
        // It is watched indeed.
        await page.EvaluateAsync("document.querySelector('.story').style.paddingTop = '60px'");
        Assert.NotEmpty(await page.MovesAsync());
    }

    [Fact]
    public async Task A_screen_that_becomes_small_while_the_page_is_drawn_first_shows_stills()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync(show.Url);
        // Nobody hears the change yet: listening begins once the browser has painted.
        await page.RunFirstAsync("""
            const real = matchMedia, small = Object.assign(new EventTarget(), { matches: false })
            matchMedia = query => query.includes('640px') ? small : real(query)
            new MutationObserver((_, drawing) => {
              if (!document.querySelector('[data-source]')) return
              drawing.disconnect()
              small.matches = true
              small.dispatchEvent(new Event('change'))
            }).observe(document, { childList: true, subtree: true })
            """);
        await page.GoAsync($"{show.Url}?anew#/{ConsoleShow.Path}");
        await page.UntilAsync("document.querySelector('canvas[data-path=\"live/show-a\"]') !== null");
    }

    [Fact]
    public async Task What_is_heard_is_what_happens_and_a_new_page_begins_at_its_heading()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        await page.UntilTextAsync(".story .sentence", "The show starts with a.");
        // The sentence is read out when it changes; how long ago it was changes each second.
        Assert.Equal("polite", (await page.EvaluateAsync("document.querySelector('.story .sentence').ariaLive")).GetString());
        Assert.True((await page.EvaluateAsync("document.querySelector('.story time').closest('[aria-live], [role=status]') === null")).GetBoolean());
        // A region that is not shown while it is empty is not listened to when it is filled.
        Assert.Equal("", (await page.EvaluateAsync("document.querySelector('.cue').innerText")).GetString());
        Assert.NotEqual("none", (await page.EvaluateAsync("getComputedStyle(document.querySelector('.cue')).display")).GetString());

        await page.EvaluateAsync("""
            window.mixed = false
            new MutationObserver(() => { if (document.querySelector('h1')?.innerText !== 'live/show' && document.querySelector('[data-source]')) window.mixed = true }).observe(document.body, { childList: true, subtree: true, characterData: true })
            """);
        await page.EvaluateAsync("location.hash = '#/live/other'");
        await page.UntilAsync("document.activeElement.matches('h1') && document.activeElement.innerText === 'live/other'");
        await page.UntilTextAsync("main", "There is no stream of this name");
        await page.EvaluateAsync("location.hash = '#/'");
        await page.UntilAsync("document.activeElement.matches('h1') && document.activeElement.innerText === 'Streams'");
        Assert.False((await page.EvaluateAsync("window.mixed")).GetBoolean());
    }

    [Fact]
    public async Task An_address_that_is_no_encoding_is_a_stream_that_is_not_there()
    {
        await using var server = await TestServer.StartAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"http://127.0.0.1:{server.HttpPort}/console/#/50%");
        await page.UntilTextAsync("main", "There is no stream of this name");
    }

    [Fact]
    public async Task Plots_draw_a_line_or_say_why_there_is_none()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        foreach (var title in (string[])["Score", "Pictures", "Bitrate", "Lag"])
            await page.UntilAsync($"{LineWidth(title)} > 20");
        await show.UntilAsync("sources", "b", "healthy");
        await page.UntilAsync($"{LineWidth("Alignment")} > 20 || {PlotOf("Alignment")}.innerText.includes('measures no drift')");
        await show.StopEncoderAsync("b");
        await page.UntilAsync($"{LineWidth("Alignment")} > 20 || {PlotOf("Alignment")}.innerText.includes('nothing to be aligned with')");
        Assert.Contains("The last minute", (await page.EvaluateAsync("document.querySelector('.plots h2').innerText")).GetString());
    }

    private static string PlotOf(string title) => $"[...document.querySelectorAll('.plots figure')].find(figure => figure.innerText.startsWith('{title}'))";

    /// <summary>How many columns of a plot have a pixel in the colour of a source, below the band on top.</summary>
    private static string LineWidth(string title) => $$"""
        (() => {
          const canvas = {{PlotOf(title)}}?.querySelector('canvas')
          if (!canvas) return 0
          const below = 12 * devicePixelRatio
          const { data, width, height } = canvas.getContext('2d').getImageData(0, below, canvas.width, canvas.height - below)
          const style = getComputedStyle(document.documentElement)
          const colours = [0, 1, 2, 3].map(n => style.getPropertyValue('--s' + n).trim()).map(hex => [1, 3, 5].map(at => parseInt(hex.slice(at, at + 2), 16)))
          const isDrawn = at => data[at + 3] > 100 && colours.some(colour => colour.every((part, n) => Math.abs(part - data[at + n]) < 24))
          return Array.from({ length: width }, (_, x) => x).filter(x => Array.from({ length: height }, (_, y) => y).some(y => isDrawn((y * width + x) * 4))).length
        })()
        """;
}
