using System.Globalization;
using System.Text.Json;

namespace System.Tests.Browser;

/// <summary>A stream that plays in the browser; disposing it takes the player away.</summary>
public sealed class Viewing(DevTools page, int id, Player player, DateTimeOffset asked) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public Player Player => player;

    /// <summary>When the player was told to play, in milliseconds since 1970.</summary>
    public double Asked => asked.ToUnixTimeMilliseconds();

    /// <summary>What was seen so far.</summary>
    public async Task<Seen> SeenAsync()
    {
        var note = (await page.EvaluateAsync($"note({id})")).Deserialize<Note>(Json)!;
        return new Seen(
            [.. note.Pictures.Select(picture => new Picture(picture[0], picture[1], (int)picture[2], (int)picture[3]))],
            [.. note.Buffers.Select(sample => new BufferSample(sample.Time, sample.Position, [.. sample.Holes.Select(hole => new Hole(hole[0], hole[1]))], sample.Ahead))],
            note.Events,
            note.Dropped);
    }

    /// <summary>What the player wrote into its own log in a stretch of time, in milliseconds since 1970: a line each.</summary>
    public async Task<IReadOnlyList<string>> LogAsync(double begin, double end) =>
        [.. (await page.EvaluateAsync(string.Create(CultureInfo.InvariantCulture, $"told({id}, {begin}, {end})"))).Deserialize<LogLine[]>(Json)!.Select(said => string.Create(CultureInfo.InvariantCulture, $"{said.Time - begin:0} {said.Line}"))];

    public async ValueTask DisposeAsync() => await page.EvaluateAsync($"leave({id})");

    private sealed record LogLine(double Time, string Line);

    private sealed record Note(double[][] Pictures, NotedBuffer[] Buffers, PlayerEvent[] Events, int Dropped);

    private sealed record NotedBuffer(double Time, double Position, double[][] Holes, double Ahead);
}
