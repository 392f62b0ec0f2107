using System.Net.Http.Json;
using System.Tests.Parts;
using System.Text.Json;
using Sluice.Configuration;
using Sluice.Pipeline;

namespace System.Tests.Browser;

/// <summary>A stream on a server whose four sources are the four encodes, published by ffmpeg; publishers can be killed and come back.</summary>
public sealed class Show : IAsyncDisposable
{
    private readonly TestServer _server;
    private readonly Encodes.Programme _programme;
    private readonly string _path;
    private readonly Dictionary<string, Tool> _publishers = [];

    private Show(TestServer server, Encodes.Programme programme, string path) => (_server, _programme, _path) = (server, programme, path);

    /// <param name="options">Viewers join 2 s behind, so that they have a buffer; sources that come back may be used soon.</param>
    public static StreamEntry Entry(string path, SwitchOptions options) => new(path, new StreamOptions
    {
        Sources = [.. Encodes.Names.Select(name => new SourceOptions { Name = name, Publish = $"{path}-{name}" })],
        Switch = options with { Hold = TimeSpan.Zero, Clear = TimeSpan.FromSeconds(1) },
        Play = new PlayOptions { Join = new JoinPolicy(TimeSpan.FromSeconds(2)) },
    });

    /// <summary>All four publish, and the first is on.</summary>
    public static async Task<Show> BeginAsync(TestServer server, Encodes.Programme programme, string path)
    {
        var show = new Show(server, programme, path);
        foreach (var name in Encodes.Names)
        {
            await show.PublishAsync(name);
            if (name == Encodes.Names[0]) await show.WaitForActiveAsync(name);
        }
        foreach (var name in Encodes.Names) await show.WaitForReadyAsync(name);
        return show;
    }

    /// <summary>The operator switches.</summary>
    public async Task SwitchAsync(string to)
    {
        await WaitForReadyAsync(to);
        using var answer = await _server.Http.PostAsync($"api/v1/streams/{_path}/switch", JsonContent.Create(new { source = to }));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        await WaitForActiveAsync(to);
    }

    /// <summary>The active source's encoder is killed, and the operator has left just <paramref name="to"/> to go to. It is brought back at once.</summary>
    public async Task KillAsync(string active, string to)
    {
        var others = Encodes.Names.Where(name => name != active && name != to).ToList();
        await WaitForReadyAsync(to);
        foreach (var other in others) await _server.PostAsync($"api/v1/streams/{_path}/sources/{other}/exclude");
        _publishers[active].Signal("KILL");
        await WaitForActiveAsync(to);
        foreach (var other in others) await _server.PostAsync($"api/v1/streams/{_path}/sources/{other}/include");
        await _publishers[active].DisposeAsync();
        await PublishAsync(active);
    }

    /// <summary>The switches that the journal tells of, oldest first: from, to and method.</summary>
    public async Task<IReadOnlyList<(string From, string To, string Method)>> SwitchesAsync()
    {
        var journal = await _server.GetAsync($"api/v1/journal?stream={_path}&limit=1000");
        return [.. journal.GetProperty("entries").EnumerateArray().Reverse().Where(entry => Text(entry, "kind") == "switch").Select(entry => (Text(entry, "from"), Text(entry, "to"), Text(entry, "method")))];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var publisher in _publishers.Values) await publisher.DisposeAsync();
    }

    private static string Text(JsonElement entry, string name) => entry.GetProperty(name).GetString() ?? "";

    private async Task PublishAsync(string name) => _publishers[name] = await _programme.PublishAsync(name, _server.Rtmp($"{_path}-{name}"));

    private Task WaitForActiveAsync(string name) => _server.WaitForAsync(_path, stream => Text(stream, "active") == name);

    /// <summary>It is well, and it is known how it lies to the others.</summary>
    private Task WaitForReadyAsync(string name) =>
        _server.WaitForAsync(_path, stream => stream.GetProperty("sources").EnumerateArray().Any(source =>
            Text(source, "name") == name && Text(source, "state") == "healthy" &&
            source.GetProperty("alignment") is { ValueKind: JsonValueKind.Object } alignment && Text(alignment, "method") != "arrival"));
}
