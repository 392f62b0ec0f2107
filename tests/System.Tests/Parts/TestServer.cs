using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Sluice;
using Sluice.Configuration;

namespace System.Tests.Parts;

/// <summary>The real server, in this process, on free ports of 127.0.0.1, with its data in a folder of its own.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly string _data;

    private TestServer(Host host, string data)
    {
        (Host, _data) = (host, data);
        RtmpPort = Port("rtmp");
        HttpPort = Port("http");
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{HttpPort}/"), Timeout = TimeSpan.FromSeconds(30) };
    }

    public Host Host { get; }

    public int RtmpPort { get; }

    public int HttpPort { get; }

    public HttpClient Http { get; }

    /// <summary>Bound where the options name a certificate.</summary>
    public int RtmpsPort => Port("rtmps");

    public int HttpsPort => Port("https");

    public string Rtmp(string path) => $"rtmp://127.0.0.1:{RtmpPort}/{path}";

    public string Flv(string path) => $"http://127.0.0.1:{HttpPort}/{path}.flv";

    /// <summary>By its name: the test certificates are for localhost.</summary>
    public string Rtmps(string path) => $"rtmps://localhost:{RtmpsPort}/{path}";

    public string FlvTls(string path) => $"https://localhost:{HttpsPort}/{path}.flv";

    public static async Task<TestServer> StartAsync(params StreamEntry[] streams) => await StartAsync(new SluiceOptions(), streams);

    public static Task<TestServer> StartAsync(SluiceOptions options, params StreamEntry[] streams) => StartAsync(options with { Streams = streams }, IPAddress.Loopback);

    /// <param name="rtmp">Where RTMP is listened for, on a free port.</param>
    /// <param name="logs">Null: nothing is logged.</param>
    public static async Task<TestServer> StartAsync(SluiceOptions options, IPAddress rtmp, Microsoft.Extensions.Logging.ILoggerFactory? logs = null)
    {
        var data = Directory.CreateTempSubdirectory("sluice-test-").FullName;
        var host = await Host.StartAsync(options with
        {
            Listen = new ListenOptions
            {
                Rtmp = new IPEndPoint(rtmp, 0), Http = new IPEndPoint(IPAddress.Loopback, 0),
                Rtmps = options.Tls.Cert is null ? null : new IPEndPoint(rtmp, 0), Https = options.Tls.Cert is null ? null : new IPEndPoint(IPAddress.Loopback, 0),
            },
            Data = data,
        }, logs);
        return new TestServer(host, data);
    }

    public async Task<JsonElement> GetAsync(string url) => await Http.GetFromJsonAsync<JsonElement>(url);

    public async Task PostAsync(string url)
    {
        using var answer = await Http.PostAsync(url, JsonContent.Create(new { }));
        answer.EnsureSuccessStatusCode();
    }

    public Task<JsonElement> StreamAsync(string path) => GetAsync($"api/v1/streams/{path}");

    /// <summary>Waits until the stream's state is as <paramref name="condition"/> wants it.</summary>
    public async Task<JsonElement> WaitForAsync(string path, Func<JsonElement, bool> condition, int seconds = 20)
    {
        var last = default(JsonElement);
        for (var end = DateTime.UtcNow.AddSeconds(seconds); DateTime.UtcNow < end; await Task.Delay(50))
        {
            using var answer = await Http.GetAsync($"api/v1/streams/{path}");
            if (!answer.IsSuccessStatusCode) continue;
            last = await answer.Content.ReadFromJsonAsync<JsonElement>();
            if (condition(last)) return last;
        }
        throw new TimeoutException($"{path} did not get there in {seconds} s: {last}");
    }

    public Task<JsonElement> WaitForLiveAsync(string path) => WaitForAsync(path, stream => stream.GetProperty("state").GetString() == "live");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    private int Port(string name) => ((IPEndPoint)Host.Bound.Single(bound => bound.Name == name).Address).Port;
}
