using System.Text.Json;

namespace Control.Tests.Api;

/// <summary>A page that follows a feed of Server-Sent Events.</summary>
internal sealed class FeedPage(HttpResponseMessage answer, StreamReader lines) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string? LastEventId { get; private set; }

    public HttpResponseMessage Answer => answer;

    public static async Task<FeedPage> OpenAsync(HttpClient http, string url, string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (lastEventId is not null) request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new FeedPage(answer, new StreamReader(await answer.Content.ReadAsStreamAsync()));
    }

    /// <summary>The data of the next event of that name; others are passed over.</summary>
    public async Task<JsonElement> NextAsync(string name)
    {
        while (true)
            if (await NextAsync() is var (found, data) && found == name) return data;
    }

    public async Task<(string Name, JsonElement Data)> NextAsync()
    {
        var (name, data) = ("", "");
        while (await lines.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal)) LastEventId = line[4..];
            else if (line.StartsWith("event: ", StringComparison.Ordinal)) name = line[7..];
            else if (line.StartsWith("data: ", StringComparison.Ordinal)) data = line[6..];
            else if (line.Length == 0 && name.Length > 0) return (name, JsonDocument.Parse(data).RootElement);
        }
        throw new EndOfStreamException("The feed ended before its next event.");
    }

    /// <summary>Waits for a comment.</summary>
    public async Task SignAsync()
    {
        while (await lines.ReadLineAsync().WaitAsync(Patience) is { } line)
            if (line == ":") return;
        throw new EndOfStreamException("The feed ended before a comment.");
    }

    /// <summary>Until the feed ends.</summary>
    public Task RestAsync() => lines.ReadToEndAsync().WaitAsync(Patience);

    public void Dispose()
    {
        lines.Dispose();
        answer.Dispose();
    }
}
