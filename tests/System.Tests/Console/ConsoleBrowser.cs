using System.Net.Http.Json;
using System.Tests.Browser;
using System.Tests.Parts;
using System.Text.Json;

namespace System.Tests.Console;

/// <summary>A headless Chromium that shows the console of a server, and what an operator does there: looks, clicks, types.</summary>
public sealed class ConsoleBrowser : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Writes down what moves up or down. Lists that grow by what happens move within themselves, and what is written over a picture moves nothing.</summary>
    private const string Watch = """
        window.moved = []
        new PerformanceObserver(list => {
          for (const entry of list.getEntries())
            for (const { node, previousRect: was, currentRect: is } of entry.sources) {
              const element = node?.nodeType === Node.TEXT_NODE ? node.parentElement : node
              if (was.height > 0 && is.height > 0 && was.y !== is.y && element && !element.closest('.journal ol, .scroll, .screen'))
                window.moved.push(`${element.nodeName} .${element.className} (${element.textContent.slice(0, 60)}): ${was.y} to ${is.y}`)
            }
        }).observe({ type: 'layout-shift' })
        """;

    /// <summary>Writes down when a picture stands, what its player says meanwhile, and for how many milliseconds; -1 as long as it stands.</summary>
    private const string Follow = """
        window.pauses = []
        const open = new Map()
        new MutationObserver(changes => {
          for (const { target: { dataset: { path, state } } } of changes) {
            const pause = open.get(path)
            if (state === 'playing') {
              if (pause) pause.milliseconds = performance.now() - pause.began
              open.delete(path)
            } else if (pause) pause.states.push(state)
            else {
              open.set(path, { path, states: [state], at: new Date().toISOString(), began: performance.now(), milliseconds: -1 })
              window.pauses.push(open.get(path))
            }
          }
        }).observe(document, { subtree: true, attributeFilter: ['data-state'] })
        """;

    private readonly Tool _process;
    private readonly string _profile;
    private readonly DevTools _page;

    private ConsoleBrowser(Tool process, string profile, DevTools page) => (_process, _profile, _page) = (process, profile, page);

    /// <summary>Why no page can be opened; null: one can.</summary>
    public static string? WhyNot => Chromium.WhyNot ?? (Directory.Exists(Path.Combine(AppContext.BaseDirectory, "console")) ? null : "The console is not built: there was no node with npm.");

    public static async Task<ConsoleBrowser> OpenAsync(string url)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        var profile = Directory.CreateTempSubdirectory("sluice-console-").FullName;
        var process = Tool.Start("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--disable-component-update", "--autoplay-policy=no-user-gesture-required", "--window-size=1440,900", $"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank");
        try
        {
            var page = await ConnectAsync(process, profile);
            var browser = new ConsoleBrowser(process, profile, page);
            await browser.GoAsync(url);
            return browser;
        }
        catch
        {
            await EndAsync(process, profile);
            throw;
        }
    }

    public async Task GoAsync(string url)
    {
        await _page.CallAsync("Page.navigate", new { url });
        await UntilAsync("document.querySelector('main') !== null");
    }

    /// <summary>Runs a script in each page that is opened from here on, before its own.</summary>
    public async Task RunFirstAsync(string script)
    {
        await _page.CallAsync("Page.enable", new { });
        await _page.CallAsync("Page.addScriptToEvaluateOnNewDocument", new { source = script });
    }

    public Task<JsonElement> EvaluateAsync(string expression) => _page.EvaluateAsync(expression);

    /// <summary>Waits until a JavaScript expression is true.</summary>
    public async Task UntilAsync(string expression, int seconds = 20)
    {
        var last = default(JsonElement);
        for (var end = DateTime.UtcNow.AddSeconds(seconds); DateTime.UtcNow < end; await Task.Delay(100))
        {
            last = await _page.EvaluateAsync(expression);
            if (last.ValueKind == JsonValueKind.True) return;
        }
        throw new TimeoutException($"Not in {seconds} s: {expression} (it is {last}). The page says: {await _page.EvaluateAsync("document.body.innerText.slice(0, 1500)")}");
    }

    public Task UntilTextAsync(string selector, string text) =>
        UntilAsync($"[...document.querySelectorAll({Quoted(selector)})].some(element => element.innerText.includes({Quoted(text)}))");

    /// <summary>Clicks, with the mouse, the button that says <paramref name="text"/> within what the selector finds.</summary>
    public async Task ClickAsync(string within, string text)
    {
        var find = $"[...document.querySelectorAll({Quoted(within)})].flatMap(part => [...part.querySelectorAll('button, a')]).find(one => one.innerText.trim().startsWith({Quoted(text)}) && !one.disabled && one.ariaDisabled !== 'true')";
        await UntilAsync($"{find} !== undefined");
        var place = await EvaluateAsync($"(() => {{ const one = {find}; one.scrollIntoView({{ block: 'center' }}); const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2] }})()");
        var (x, y) = (place[0].GetDouble(), place[1].GetDouble());
        foreach (var type in (string[])["mousePressed", "mouseReleased"])
            await _page.CallAsync("Input.dispatchMouseEvent", new { type, x, y, button = "left", clickCount = 1 });
    }

    /// <summary>Clicks a button that asks once, and answers yes.</summary>
    public async Task OrderAsync(string within, string text, string yes)
    {
        await ClickAsync(within, text);
        await ClickAsync("dialog[open]", yes);
        await UntilAsync("document.querySelector('dialog[open]') === null");
    }

    public async Task TypeAsync(string selector, string text)
    {
        await UntilAsync($"document.querySelector({Quoted(selector)}) !== null");
        await EvaluateAsync($"document.querySelector({Quoted(selector)}).focus()");
        await _page.CallAsync("Input.insertText", new { text });
    }

    public Task PressAsync(string key) => Task.WhenAll(_page.CallAsync("Input.dispatchKeyEvent", new { type = "keyDown", key, code = key, windowsVirtualKeyCode = key == "Enter" ? 13 : 9, text = key == "Enter" ? "\r" : "" }),
        _page.CallAsync("Input.dispatchKeyEvent", new { type = "keyUp", key, code = key }));

    /// <summary>From here on what moves is written down.</summary>
    public Task WatchAsync() => EvaluateAsync(Watch);

    /// <summary>What has moved up or down since it is watched.</summary>
    public async Task<IReadOnlyList<string>> MovesAsync()
    {
        await DrawnAsync();
        return [.. (await EvaluateAsync("window.moved")).EnumerateArray().Select(move => move.GetString()!)];
    }

    /// <summary>From here on it is written down when a picture stands.</summary>
    public Task FollowPicturesAsync() => EvaluateAsync(Follow);

    /// <summary>When pictures stood since they are followed.</summary>
    public async Task<IReadOnlyList<PicturePause>> PausesAsync() => (await EvaluateAsync("window.pauses")).Deserialize<PicturePause[]>(JsonSerializerOptions.Web)!;

    /// <summary>A screen of that size, a taste in colours, and none for what moves by itself.</summary>
    public async Task ShowOnAsync(int width, string scheme, int height = 900)
    {
        await _page.CallAsync("Emulation.setDeviceMetricsOverride", new { width, height, deviceScaleFactor = 1, mobile = width < 640 });
        await _page.CallAsync("Emulation.setEmulatedMedia", new { features = new[] { new { name = "prefers-color-scheme", value = scheme }, new { name = "prefers-reduced-motion", value = "reduce" } } });
        await Task.Delay(400);
    }

    /// <summary>Two frames: what was changed has been drawn.</summary>
    public Task DrawnAsync() => EvaluateAsync("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(() => resolve(true))))");

    /// <summary>The whole page as a PNG, on a screen as high as it is: one that is scrolled has its top bar anywhere.</summary>
    public async Task TakeAsync(string file, int width, string scheme)
    {
        await _page.CallAsync("Emulation.setScrollbarsHidden", new { hidden = true });
        await EvaluateAsync("document.documentElement.style.scrollbarGutter = 'auto'");
        await DrawnAsync();
        await ShowOnAsync(width, scheme, (await EvaluateAsync("document.documentElement.scrollHeight")).GetInt32());
        await DrawnAsync();
        var shot = await _page.CallAsync("Page.captureScreenshot", new { format = "png" });
        await File.WriteAllBytesAsync(file, shot.GetProperty("data").GetBytesFromBase64());
    }

    /// <summary>What axe-core finds that is serious or worse.</summary>
    public async Task<IReadOnlyList<string>> FaultsAsync()
    {
        await EvaluateAsync($"window.axe === undefined && (0, eval)({Quoted(await File.ReadAllTextAsync(Path.Combine(Pages.Packages, "node_modules/axe-core/axe.min.js")))}), true");
        var found = await EvaluateAsync("axe.run().then(result => result.violations.filter(one => ['serious', 'critical'].includes(one.impact)).map(one => one.id + ': ' + one.nodes.map(node => node.html.slice(0, 160) + ' ' + node.failureSummary).join(' | ')))");
        return [.. found.EnumerateArray().Select(fault => fault.GetString()!)];
    }

    /// <summary>What the page holds after a garbage collection.</summary>
    public async Task<PageSize> SizeAsync()
    {
        await _page.CallAsync("HeapProfiler.enable", new { });
        await _page.CallAsync("HeapProfiler.collectGarbage", new { });
        var counts = await _page.CallAsync("Memory.getDOMCounters", new { });
        return new PageSize((await _page.CallAsync("Runtime.getHeapUsage", new { })).GetProperty("usedSize").GetInt64(), counts.GetProperty("nodes").GetInt32(), counts.GetProperty("jsEventListeners").GetInt32());
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await EndAsync(_process, _profile);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text);

    private static async Task<DevTools> ConnectAsync(Tool process, string profile)
    {
        var portFile = Path.Combine(profile, "DevToolsActivePort");
        using var http = new HttpClient();
        for (var end = DateTime.UtcNow + Patience; DateTime.UtcNow < end && !process.HasExited; await Task.Delay(50))
        {
            if (!File.Exists(portFile) || await File.ReadAllLinesAsync(portFile) is not [var port, ..]) continue;
            var targets = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{port}/json/list");
            var target = targets.EnumerateArray().FirstOrDefault(target => target.GetProperty("type").GetString() == "page");
            if (target.ValueKind != JsonValueKind.Undefined) return await DevTools.ConnectAsync(new Uri(target.GetProperty("webSocketDebuggerUrl").GetString()!));
        }
        throw new InvalidOperationException($"Chromium does not start: {process.Errors}");
    }

    private static async Task EndAsync(Tool process, string profile)
    {
        await process.DisposeAsync();
        for (var attempt = 1; Directory.Exists(profile); attempt++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException) when (attempt < 20)
            {
                await Task.Delay(50);
            }
        }
    }
}

/// <summary>What a page holds.</summary>
/// <param name="HeapBytes">Of JavaScript.</param>
/// <param name="Nodes">Of the document, and those that scripts still hold.</param>
public sealed record PageSize(long HeapBytes, int Nodes, int Listeners);

/// <summary>A picture stood.</summary>
/// <param name="States">What its player said meanwhile.</param>
/// <param name="Milliseconds">For how long; -1: it still stands.</param>
public sealed record PicturePause(string Path, string[] States, DateTimeOffset At, double Milliseconds);
