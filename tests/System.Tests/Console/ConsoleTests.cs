using System.Diagnostics;
using System.Net;
using System.Tests.Parts;
using Sluice.Pipeline;

namespace System.Tests.Console;

/// <summary>The console in a real browser: what an operator clicks happens, and what happens is shown.</summary>
public sealed class ConsoleTests
{
    private const string SourceA = "[data-source=a]";
    private const string SourceB = "[data-source=b]";
    private const string FlvViewers = "[...document.querySelectorAll('[data-client=viewer]')].filter(row => row.innerText.startsWith('flv viewer'))";

    [Fact]
    public async Task A_show_is_run_from_the_page()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync(show.Url);
        await page.UntilTextAsync("table.streams", "live/show");
        await page.TypeAsync("input[type=search]", "nothing like it");
        await page.UntilTextAsync(".empty", "No stream's name");
        await page.EvaluateAsync("document.querySelector('input[type=search]').select()");
        await page.TypeAsync("input[type=search]", "SHOW");
        await page.ClickAsync("table.streams", "live/show");

        foreach (var path in (string[])["live/show", "live/show-a", "live/show-b"])
            await page.UntilAsync(Plays(path));
        await page.UntilTextAsync("[data-source=c] .says", "Nobody sends");

        await page.TypeAsync("textarea", "red packets");
        await page.ClickAsync(".cues", "Send");
        await page.UntilTextAsync("[aria-label=Cues]", "is sent");
        await page.UntilTextAsync(".journal", ": red packets.");
        await page.UntilTextAsync(".cue", ": red packets");   // raised by the player, over its picture

        await show.UntilActiveAsync("a");
        await page.UntilTextAsync(SourceA, "on air");
        await page.OrderAsync(SourceB, "Put on", "Put b on");
        await show.UntilActiveAsync("b");
        await page.UntilAsync($"{Focused} === 'Put on' && document.activeElement.ariaDisabled === 'true'");   // though it cannot be put on any more
        await page.UntilTextAsync(".story", "An operator left a for b; the output went on with b");
        await page.OrderAsync(".story", "Switch back to a", "Switch back to a");
        await show.UntilActiveAsync("a");

        await page.OrderAsync(SourceB, "Exclude", "Exclude b");
        await page.UntilTextAsync($"{SourceB} .tag", "excluded");
        await page.UntilAsync($"{Focused} === 'Include'");
        await page.ClickAsync(SourceB, "Include");
        await show.UntilAsync("sources", "b", "healthy");
        await page.UntilTextAsync(".journal", "b was included again by the operator; it is well.");
        await page.UntilAsync($"{Focused} === 'Exclude'");

        await show.UntilAsync("push", "cdn-a", "connected");
        await page.OrderAsync("[data-push=cdn-a]", "Stop", "Stop cdn-a");
        await show.UntilAsync("push", "cdn-a", "stopped");
        await page.ClickAsync("[data-push=cdn-a]", "Start");
        await show.UntilAsync("push", "cdn-a", "connected");
        await page.UntilTextAsync(".journal", "Push cdn-a was stopped by the operator.");
        await page.UntilTextAsync(".journal", "Push cdn-a was started by the operator.");

        await show.StopEncoderAsync("a");
        await show.UntilActiveAsync("b");
        await page.UntilTextAsync(".story", "The connection of a was closed; the output went on with b");
        await page.UntilTextAsync(".journal", "a is gone");
        await page.UntilTextAsync(".story .back", "it is absent");
    }

    [Fact]
    public async Task A_show_without_a_source_says_so_at_once_and_in_words()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        await page.UntilTextAsync("[data-source=d] .says", "Could not be pulled: 127.0.0.1:1: Connection refused. It is tried again.");
        await page.UntilTextAsync(".journal", "d could not be pulled");
        await page.UntilAsync(Plays("live/show"));
        await show.StopEncoderAsync("b");
        await page.UntilTextAsync($"{SourceB} .tag", "absent");
        await page.ClickAsync(SourceA, "Exclude");
        await page.UntilTextAsync("dialog[open]", "no other source could take over");
        Assert.Empty(await page.FaultsAsync());
        await page.ClickAsync("dialog[open]", "Cancel");
        await show.StopEncoderAsync("a");
        await page.UntilTextAsync(".title .tag", "dark");
        await page.UntilTextAsync(".headline", "No source has been on since");
        await page.UntilTextAsync(".headline", "the show ends in");
        await page.UntilTextAsync(".output .says", "Nothing comes in");
        await page.UntilTextAsync(".story", "no source could take over: nothing comes in.");
        await page.UntilAsync("document.querySelector('.onair') === null");
        await page.UntilTextAsync("[aria-label=Cues]", "nothing is on now");
        Assert.Empty(await page.FaultsAsync());

        await page.EvaluateAsync("location.hash = '#/'");
        await page.UntilTextAsync(".headline", "0 of 1 live, 1 dark: nothing comes in");
        await page.UntilTextAsync(".headline", "1 needs a look");
        await page.EvaluateAsync($"location.hash = '#/{ConsoleShow.Path}'");

        show.StartEncoder("a");
        await page.UntilTextAsync(".title .tag", "live");
        await page.UntilTextAsync(SourceA, "on air");
        await page.UntilAsync(Plays("live/show"));
    }

    [Fact]
    public async Task A_connection_is_kicked_by_keyboard()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await show.UntilActiveAsync("a");
        await using var viewer = await show.Server.Http.GetStreamAsync($"{ConsoleShow.Path}.flv").WaitAsync(TimeSpan.FromSeconds(20));
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        const string row = "[...document.querySelectorAll('[data-client=viewer]')].find(row => row.innerText.startsWith('flv viewer'))";
        await page.UntilAsync($"{row} !== undefined");
        await page.EvaluateAsync($"{row}.querySelector('button').focus()");
        await page.PressAsync("Enter");
        await page.UntilAsync("document.querySelector('dialog[open]') !== null && document.querySelector('dialog[open]').contains(document.activeElement)");
        await page.PressAsync("Tab");
        await page.PressAsync("Enter");
        await Assert.ThrowsAnyAsync<IOException>(() => viewer.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(20)));
        await page.UntilTextAsync(".journal", "The operator closed a connection (flv viewer)");
    }

    [Fact]
    public async Task Focus_stays_on_a_connection_while_others_come_and_go()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        var before = await show.Server.Http.GetStreamAsync($"{ConsoleShow.Path}.flv").WaitAsync(TimeSpan.FromSeconds(20));
        await using var viewer = await show.Server.Http.GetStreamAsync($"{ConsoleShow.Path}.flv").WaitAsync(TimeSpan.FromSeconds(20));
        await page.UntilAsync($"{FlvViewers}.length === 2");
        await page.EvaluateAsync($"(window.focused = {FlvViewers}[1].querySelector('button')).focus()");
        await before.DisposeAsync();
        await page.UntilAsync($"{FlvViewers}.length === 1");
        await using var after = await show.Server.Http.GetStreamAsync($"{ConsoleShow.Path}.flv").WaitAsync(TimeSpan.FromSeconds(20));
        await page.UntilAsync($"{FlvViewers}.length === 2");
        Assert.True((await page.EvaluateAsync("document.activeElement === window.focused && window.focused.isConnected")).GetBoolean());
    }

    [Fact]
    public async Task A_cue_goes_once_and_with_the_picture_that_was_chosen()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        await page.UntilAsync("document.querySelector('.cues button')?.disabled === false");
        await page.EvaluateAsync("(() => { const form = document.querySelector('.cues'); form.requestSubmit(); form.requestSubmit(); setTimeout(() => form.requestSubmit(), 300) })()");
        await page.UntilTextAsync("[aria-label=Cues] .said", "is sent; players raise it with the picture of");
        await Task.Delay(1200);
        await page.UntilTextAsync("[aria-label=Cues] .said", "is sent; players raise it with the picture of");
        Assert.Equal(1, (await page.EvaluateAsync("[...document.querySelectorAll('.journal li')].filter(entry => entry.innerText.includes('was sent')).length")).GetInt32());

        await page.EvaluateAsync(Choose("now"));
        await page.UntilTextAsync("[aria-label=Cues] .said", "the picture that comes in now");
        await page.TypeAsync("textarea", "first line\nsecond line");
        await page.ClickAsync(".cues", "Send");
        await page.UntilTextAsync(".journal", ": first line second line");
        await page.UntilTextAsync(".cue", ": first line");

        await page.EvaluateAsync(Choose("at"));
        await page.UntilTextAsync("[aria-label=Cues] .said", "when the picture of");
        await page.EvaluateAsync("(() => { const time = document.querySelector('.cues input[type=time]'); time.value = new Date(Date.now() - 60000).toTimeString().slice(0, 8); time.dispatchEvent(new Event('input', { bubbles: true })) })()");
        await page.UntilTextAsync("[aria-label=Cues] .said", "That time has passed.");
        Assert.True((await page.EvaluateAsync("document.querySelector('.cues button').disabled")).GetBoolean());
    }

    /// <summary>All that a page keeps is full after ten minutes: samples, journal, cues. Both of its players play, of which one is loaded only when it is needed.</summary>
    [Fact]
    [Trait("Category", "Matrix")]
    public async Task A_page_that_is_left_open_for_half_an_hour_does_not_grow_and_its_pictures_never_stand()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await show.UntilActiveAsync("a");
        await show.UntilAsync("sources", "b", "healthy");
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        foreach (var path in (string[])["live/show", "live/show-a", "live/show-b"]) await page.UntilAsync(Plays(path));
        await KickOutputAsync(show);
        await page.UntilTextAsync(".output .figures", "LL-HLS");
        await page.UntilAsync(Plays("live/show"));
        await page.FollowPicturesAsync();
        var minutes = new List<PageSize>();
        for (var clock = Stopwatch.StartNew(); minutes.Count < 30;)
        {
            await show.Server.PostAsync($"api/v1/streams/{ConsoleShow.Path}/sources/c/exclude");
            await show.Server.PostAsync($"api/v1/streams/{ConsoleShow.Path}/sources/c/include");
            await Task.Delay(1500);
            if (clock.Elapsed < TimeSpan.FromMinutes(minutes.Count + 1)) continue;
            minutes.Add(await page.SizeAsync());
            TestContext.Current.TestOutputHelper!.WriteLine($"{minutes.Count} min: {minutes[^1]}");
            await show.SwitchAsync(minutes.Count % 2 == 0 ? "a" : "b");
        }
        var pauses = await page.PausesAsync();
        foreach (var pause in pauses) TestContext.Current.TestOutputHelper!.WriteLine($"{pause.At:HH:mm:ss.fff} {pause.Path} stood for {pause.Milliseconds:0} ms: {string.Join(", ", pause.States)}");
        Assert.All(pauses, pause => Assert.InRange(pause.Milliseconds, 0, 1000));
        var (full, last) = (minutes[11..16], minutes[^5..]);
        Assert.InRange(last.Average(size => size.HeapBytes), 0, full.Average(size => size.HeapBytes) * 1.1);
        Assert.InRange(last.Average(size => size.Nodes), 0, full.Average(size => size.Nodes) * 1.05);
        Assert.InRange(last.Average(size => size.Listeners), 0, full.Average(size => size.Listeners) * 1.05);
    }

    [Fact]
    public async Task A_server_with_a_key_is_opened_with_it()
    {
        await using var show = await ConsoleShow.BeginAsync(new AccessOptions { Api = AccessRule.Key, ApiKey = "s3 cret" });
        await using var page = await ConsoleBrowser.OpenAsync(show.Url);
        await page.UntilTextAsync("form", "no key was given");
        Assert.Empty(await page.FaultsAsync());
        await page.TypeAsync("form input", "wrong");
        await page.ClickAsync("form", "Open the console");
        await page.UntilTextAsync("form", "the key is wrong");
        await page.EvaluateAsync("document.querySelector('form input').select()");
        await page.TypeAsync("form input", "s3 cret");
        await page.ClickAsync("form", "Open the console");
        await page.UntilTextAsync("table.streams", "live/show");
    }

    [Fact]
    public async Task Pictures_that_need_a_key_of_their_own_are_shown_with_it_only()
    {
        await using var show = await ConsoleShow.BeginAsync(new AccessOptions { Api = AccessRule.Key, ApiKey = "api", Play = AccessRule.Key, PlayKey = "play" });
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        await page.TypeAsync("form input", "api");
        await page.ClickAsync("form", "Open the console");
        await page.UntilTextAsync(".output .says", "It may not be watched without its play key.");
        await page.ClickAsync(".output .says", "Enter a key");
        await page.TypeAsync("form label + label input", "play");
        await page.ClickAsync("form", "Open the console");
        await page.UntilAsync(Plays("live/show"));
    }

    [Theory]
    [InlineData("", "/console/")]
    [InlineData("console?key=x", "/console/?key=x")]
    public async Task The_bare_address_leads_to_the_page(string path, string to)
    {
        await using var server = await TestServer.StartAsync();
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = server.Http.BaseAddress };
        using var answer = await http.GetAsync(path);
        Assert.Equal((HttpStatusCode.Found, to), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }

    [Fact]
    public async Task The_page_may_load_nothing_from_elsewhere_and_holds_nothing()
    {
        await using var show = await ConsoleShow.BeginAsync();
        using var answer = await show.Server.Http.GetAsync("console/");
        Assert.SkipWhen(answer.StatusCode == HttpStatusCode.NotFound, "The console is not built.");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy);
        Assert.DoesNotContain("unsafe", policy);
        Assert.DoesNotContain("<script>", await answer.Content.ReadAsStringAsync());
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        foreach (var path in (string[])["console/../sluice.dll", "console/%2e%2e/sluice.dll", "console/assets", "console/nothing.js"])
            Assert.Equal(HttpStatusCode.NotFound, (await show.Server.Http.GetAsync(path)).StatusCode);
    }

    private const string Focused = "document.activeElement.innerText";

    private static string Plays(string path) => $"(document.querySelector('video[data-path=\"{path}\"]')?.currentTime ?? 0) > 1";

    /// <summary>The server closes the connection that brings the output's picture: the page's player goes on by LL-HLS.</summary>
    private static async Task KickOutputAsync(ConsoleShow show)
    {
        var clients = (await show.Server.GetAsync("api/v1/clients")).GetProperty("clients").EnumerateArray();
        var viewer = clients.Single(client => client.GetProperty("protocol").GetString() == "ws-flv" && client.GetProperty("path").GetString() == ConsoleShow.Path);
        (await show.Server.Http.DeleteAsync($"api/v1/clients/{viewer.GetProperty("id").GetInt64()}")).EnsureSuccessStatusCode();
    }

    private static string Choose(string when) => $"(() => {{ const choice = document.querySelector('.cues select'); choice.value = '{when}'; choice.dispatchEvent(new Event('change', {{ bubbles: true }})) }})()";
}
