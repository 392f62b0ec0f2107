using System.Net;
using System.Tests.Parts;

namespace System.Tests.Console;

/// <summary>The console when the way to the server fails, and when the show goes on while an operator thinks.</summary>
public sealed class TroubleTests
{
    [Fact]
    public async Task A_page_that_is_cut_off_says_so_and_goes_on_by_itself()
    {
        await using var show = await ConsoleShow.BeginAsync();
        var relay = new TcpRelay(IPAddress.Loopback, show.Server.HttpPort);
        await using var page = await ConsoleBrowser.OpenAsync($"http://127.0.0.1:{relay.Port}/console/#/{ConsoleShow.Path}");
        await page.UntilTextAsync(".pill", "Connected");
        var port = relay.Port;
        relay.Dispose();
        relay.Cut();
        await page.UntilTextAsync(".pill", "Stale: nothing heard for");
        foreach (var scheme in (string[])["light", "dark"])
        {
            await page.ShowOnAsync(1440, scheme);
            Assert.Empty(await page.FaultsAsync());
        }
        await page.ClickAsync("[data-source=a]", "Exclude");
        await page.ClickAsync("dialog[open]", "Exclude a");
        await page.UntilTextAsync("dialog[open] .error", "The server cannot be reached.");
        await page.ClickAsync("dialog[open]", "Cancel");
        await show.Server.PostAsync($"api/v1/streams/{ConsoleShow.Path}/sources/c/exclude");
        using var again = new TcpRelay(IPAddress.Loopback, show.Server.HttpPort, port);
        await page.UntilTextAsync(".pill", "Connected");
        await page.UntilTextAsync(".journal", "c was taken out of choice by the operator");
    }

    /// <summary>A laptop that slept, a router that forgot: nobody closes the connections, and nothing comes.</summary>
    [Fact]
    public async Task A_page_whose_connections_are_frozen_makes_new_ones()
    {
        await using var show = await ConsoleShow.BeginAsync();
        using var relay = new TcpRelay(IPAddress.Loopback, show.Server.HttpPort);
        await using var page = await ConsoleBrowser.OpenAsync($"http://127.0.0.1:{relay.Port}/console/#/{ConsoleShow.Path}");
        await page.UntilTextAsync(".journal", "The show starts with a.");
        relay.FreezeCarried();
        await page.UntilTextAsync(".pill", "Stale: nothing heard for");
        await show.Server.PostAsync($"api/v1/streams/{ConsoleShow.Path}/sources/c/exclude");
        await page.UntilAsync("document.querySelector('.pill').innerText === 'Connected'", seconds: 60);
        await page.UntilTextAsync(".journal", "c was taken out of choice by the operator");
        // It went on where it was: what had been told was neither forgotten nor told again.
        Assert.Equal(1, (await page.EvaluateAsync("[...document.querySelectorAll('.journal li')].filter(entry => entry.innerText.includes('The show starts with a.')).length")).GetInt32());
    }

    [Fact]
    public async Task An_order_that_nobody_answers_ends_and_says_so()
    {
        await using var show = await ConsoleShow.BeginAsync();
        using var relay = new TcpRelay(IPAddress.Loopback, show.Server.HttpPort);
        await using var page = await ConsoleBrowser.OpenAsync($"http://127.0.0.1:{relay.Port}/console/#/{ConsoleShow.Path}");
        await page.ClickAsync("[data-source=c]", "Exclude");
        relay.Freeze();
        await page.ClickAsync("dialog[open]", "Exclude c");
        await page.UntilTextAsync("dialog[open] .error", "The server has not answered for 8 s. It may still obey");
        await page.UntilAsync("document.querySelector('dialog[open] .primary').disabled === false");
    }

    [Fact]
    public async Task A_question_stays_what_it_was_when_it_was_put()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        await show.UntilAsync("sources", "b", "healthy");
        await show.SwitchAsync("b");
        await page.ClickAsync(".story", "Switch back to a");
        await page.UntilTextAsync("dialog[open]", "Switch back to a?");

        // Somebody else switches while the operator reads: the way back is another one now.
        await show.SwitchAsync("a");
        await page.UntilTextAsync(".story .back button:not([aria-disabled=true])", "Switch back to b");
        Assert.Contains("Switch back to a?", (await page.EvaluateAsync("document.querySelector('dialog[open]').innerText")).GetString());
        // Even when there is no way back any more.
        await show.StopEncoderAsync("b");
        await page.UntilTextAsync(".story .back", "it is absent");
        await page.UntilTextAsync("dialog[open] .changed", "This has changed since you were asked: it can't be done, or need not be, any more.");
        await page.ClickAsync("dialog[open]", "Switch back to a");
        await page.UntilAsync("document.querySelector('dialog[open]') === null || document.querySelector('dialog[open] .error').innerText !== ''");
        await show.UntilActiveAsync("a");
    }

    [Fact]
    public async Task A_question_says_what_has_changed_since_it_was_put()
    {
        await using var show = await ConsoleShow.BeginAsync();
        await using var page = await ConsoleBrowser.OpenAsync($"{show.Url}#/{ConsoleShow.Path}");
        await show.UntilAsync("sources", "b", "healthy");
        await show.UntilActiveAsync("a");
        await page.ClickAsync("[data-source=b]", "Exclude");
        await page.UntilTextAsync("dialog[open]", "It is not chosen until it is included again.");
        Assert.Equal("", (await page.EvaluateAsync("document.querySelector('dialog[open] .changed').innerText")).GetString());
        await show.SwitchAsync("b");
        await page.UntilTextAsync("dialog[open] .changed", "This has changed since you were asked: b is on: the output leaves it at once");
        Assert.Contains("It is not chosen until", (await page.EvaluateAsync("document.querySelector('dialog[open]').innerText")).GetString());
    }
}
