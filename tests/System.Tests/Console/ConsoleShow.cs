using System.Net.Http.Json;
using System.Tests.Parts;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests.Console;

/// <summary>A show to be run from the page: sources a to d of <c>live/show</c>, of which nobody sends c and nobody serves d, and a push to another server.</summary>
public sealed class ConsoleShow : IAsyncDisposable
{
    public const string Path = "live/show";

    private readonly Dictionary<string, Tool> _encoders = [];

    private TestServer? _cdn;

    private ConsoleShow(TestServer server, TestServer cdn) => (Server, _cdn) = (server, cdn);

    public TestServer Server { get; }

    public string Url => $"http://127.0.0.1:{Server.HttpPort}/console/";

    public static async Task<ConsoleShow> BeginAsync(AccessOptions? access = null)
    {
        var cdn = await TestServer.StartAsync();
        var server = await TestServer.StartAsync(new SluiceOptions { Access = access ?? new AccessOptions() }, new StreamEntry(Path, new StreamOptions
        {
            Sources = [.. "abc".Select(letter => new SourceOptions { Name = letter.ToString(), Publish = $"{Path}-{letter}" }), new SourceOptions { Name = "d", Pull = "rtmp://127.0.0.1:1/live/x" }],
            Switch = new SwitchOptions { Delay = TimeSpan.FromSeconds(1), Hold = TimeSpan.Zero, Clear = TimeSpan.FromSeconds(1) },
            Push = [new PushOptions("cdn-a", cdn.Rtmp(Path))],
        }));
        if (access?.ApiKey is { } key) server.Http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var show = new ConsoleShow(server, cdn);
        show.StartEncoder("a");
        await show.UntilActiveAsync("a");
        show.StartEncoder("b");
        return show;
    }

    public void StartEncoder(string letter) => _encoders[letter] = Ffmpeg.Publish(Server.Rtmp($"{Path}-{letter}"));

    public async Task StopEncoderAsync(string letter)
    {
        _encoders.Remove(letter, out var encoder);
        await encoder!.DisposeAsync();
    }

    /// <summary>The server that the show is pushed to dies.</summary>
    public async Task StopCdnAsync()
    {
        await _cdn!.DisposeAsync();
        _cdn = null;
    }

    /// <summary>The operator switches.</summary>
    public async Task SwitchAsync(string to)
    {
        using var answer = await Server.Http.PostAsJsonAsync($"api/v1/streams/{Path}/switch", new { source = to });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Waits until the API says that a source or push is in that state.</summary>
    public Task UntilAsync(string list, string name, string state) => Server.WaitForAsync(Path, stream =>
        stream.GetProperty(list).EnumerateArray().Any(one => one.GetProperty("name").GetString() == name && one.GetProperty("state").GetString() == state));

    public Task UntilActiveAsync(string name) => Server.WaitForAsync(Path, stream => stream.GetProperty("active").GetString() == name);

    public async ValueTask DisposeAsync()
    {
        foreach (var encoder in _encoders.Values) await encoder.DisposeAsync();
        await Server.DisposeAsync();
        if (_cdn is not null) await StopCdnAsync();
    }
}
