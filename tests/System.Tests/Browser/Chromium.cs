using System.Net.Http.Json;
using System.Tests.Parts;
using System.Text.Json;
using Sluice.Demo;

namespace System.Tests.Browser;

/// <summary>A headless Chromium with a profile of its own, and one page in it that plays streams. It decodes in software.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private const string Program = "chromium";

    private readonly Pages _pages;
    private readonly Tool _process;
    private readonly string _profile;
    private readonly DevTools _page;
    private int _lastViewing;

    private Chromium(Pages pages, Tool process, string profile, DevTools page) => (_pages, _process, _profile, _page) = (pages, process, profile, page);

    /// <summary>Why there is no browser to test in; null: there is.</summary>
    public static string? WhyNot { get; } =
        Requirements.Find(Program) is null ? "There is no Chromium on this machine."
        : !Directory.Exists(Pages.Packages) ? "The npm packages of tests/Browser are not installed: ./test does that, where node, npm and a registry are."
        : null;

    /// <summary>Skips the test, with the reason, where there is no browser.</summary>
    public static void Require() => Assert.SkipUnless(WhyNot is null, WhyNot ?? "");

    /// <param name="page">One of <c>tests/Browser</c>.</param>
    public static async Task<Chromium> StartAsync(string page = "watch.html")
    {
        Require();
        var profile = Directory.CreateTempSubdirectory("sluice-chromium-").FullName;
        var pages = await Pages.StartAsync();
        var process = Tool.Start(Program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--autoplay-policy=no-user-gesture-required", "--disable-background-timer-throttling",
            "--disable-renderer-backgrounding", $"--user-data-dir={profile}", "--remote-debugging-port=0", pages.Url(page));
        try
        {
            return new Chromium(pages, process, profile, await ConnectAsync(process, profile, pages.Url(page)));
        }
        catch
        {
            await EndAsync(process, profile, pages);
            throw;
        }
    }

    /// <summary>Plays a stream of a server until the viewing is disposed.</summary>
    public Task<Viewing> PlayAsync(TestServer server, string path, Player player) => PlayAsync($"{player.Scheme}://127.0.0.1:{server.HttpPort}/{path}{player.Extension}", player);

    /// <summary>Plays <paramref name="url"/> until the viewing is disposed.</summary>
    public async Task<Viewing> PlayAsync(string url, Player player)
    {
        var id = Interlocked.Increment(ref _lastViewing);
        var asked = DateTimeOffset.UtcNow;
        await _page.EvaluateAsync($"watch({id}, {JsonSerializer.Serialize(url)}, {player.Config})");
        return new Viewing(_page, id, player, asked);
    }

    /// <summary>Plays <paramref name="url"/> for some seconds.</summary>
    public async Task<Seen> WatchAsync(string url, Player player, double seconds)
    {
        await using var viewing = await PlayAsync(url, player);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        return await viewing.SeenAsync();
    }

    /// <summary>From now on each answer takes so much longer, as from a server that is far away. WebSockets are not concerned.</summary>
    public async Task MoveAwayAsync(TimeSpan latency)
    {
        await _page.CallAsync("Network.enable", new { });
        await _page.CallAsync("Network.emulateNetworkConditions", new { offline = false, latency = latency.TotalMilliseconds, downloadThroughput = -1, uploadThroughput = -1 });
    }

    /// <summary>Runs JavaScript in the page.</summary>
    public Task<JsonElement> EvaluateAsync(string expression) => _page.EvaluateAsync(expression);

    /// <summary>Where the page may post reports; they are kept in <see cref="Reports"/>.</summary>
    public string ReportUrl => _pages.Url(Pages.Reporting);

    public IReadOnlyCollection<string> Reports => _pages.Reports;

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await EndAsync(_process, _profile, _pages);
    }

    /// <summary>The browser writes the port it listens on into its profile; the page is there when its script is.</summary>
    private static async Task<DevTools> ConnectAsync(Tool process, string profile, string url)
    {
        var portFile = Path.Combine(profile, "DevToolsActivePort");
        using var http = new HttpClient();
        for (var end = DateTime.UtcNow.AddSeconds(30); DateTime.UtcNow < end && !process.HasExited; await Task.Delay(50))
        {
            if (!File.Exists(portFile) || await File.ReadAllLinesAsync(portFile) is not [var port, ..]) continue;
            var targets = await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{port}/json/list");
            var target = targets.EnumerateArray().FirstOrDefault(target => target.GetProperty("url").GetString() == url);
            if (target.ValueKind == JsonValueKind.Undefined) continue;
            var page = await DevTools.ConnectAsync(new Uri(target.GetProperty("webSocketDebuggerUrl").GetString()!));
            if ((await page.EvaluateAsync("document.readyState === 'complete' && window.ready === true")).GetBoolean()) return page;
            await page.DisposeAsync();
        }
        throw new InvalidOperationException($"Chromium does not show {url}: {process.Errors}");
    }

    private static async Task EndAsync(Tool process, string profile, Pages pages)
    {
        await process.DisposeAsync();
        await pages.DisposeAsync();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
                return;
            }
            catch (IOException) when (attempt < 20)
            {
                await Task.Delay(50);
            }
        }
    }
}
