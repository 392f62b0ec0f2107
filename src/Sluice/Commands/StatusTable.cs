using System.Globalization;
using System.Text.Json;

namespace Sluice.Commands;

/// <summary>The answer of <c>GET /api/v1/streams</c> as text: a line for each stream, with its sources and pushes below it.</summary>
internal static class StatusTable
{
    public static string Render(JsonElement answer)
    {
        var rows = new List<string[]>();
        foreach (var stream in Items(answer, "streams"))
        {
            var viewers = string.Join(' ', Members(stream, "viewers").Where(count => count.Value.GetInt64() > 0).Select(count => $"{count.Name} {count.Value}"));
            rows.Add([Text(stream, "name"), Text(stream, "state"), $"on {Text(stream, "active")}", $"delay {Text(stream, "delayMs")} ms", $"viewers {(viewers.Length > 0 ? viewers : "0")}", Dark(stream)]);
            foreach (var source in Items(stream, "sources"))
            {
                var mark = source.TryGetProperty("active", out var active) && active.ValueKind == JsonValueKind.True ? "▶" : " ";
                rows.Add([$" {mark} {Text(source, "name")}", Text(source, "state"), $"score {Text(source, "score")}", $"{Number(source, "fps")} fps", $"{Number(source, "kbps")} kbit/s", Complaint(source)]);
            }

            foreach (var push in Items(stream, "push"))
            {
                rows.Add([$" → {Text(push, "name")}", Text(push, "state"), $"reconnects {Text(push, "reconnects")}", $"dropped {Text(push, "droppedGops")}", $"{Number(push, "kbps")} kbit/s", Error(push)]);
            }
        }

        return rows.Count == 0 ? "no streams" : Align(rows);
    }

    private static string Align(List<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        return string.Join('\n', rows.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    /// <summary>Nothing comes in, since when, and how long the show is held open all the same.</summary>
    private static string Dark(JsonElement stream)
    {
        if (Clock(stream, "darkSince") is not { } since) return "";
        return Clock(stream, "endsAt") is { } end ? $"DARK since {since}: nothing comes in; the show ends at {end}" : $"DARK since {since}: no source has been on";
    }

    private static string? Clock(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetDateTimeOffset().ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture) : null;

    private static string Complaint(JsonElement source) => Text(source, "complaint") is var complaint && complaint != "-" ? complaint : $"lag {Text(source, "lagMs")} ms";

    private static string Error(JsonElement push) => Text(push, "lastError") is var error && error != "-" ? error : $"lag {Text(push, "lagMs")} ms";

    private static string Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value.ToString() : "-";

    private static string Number(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString("0.#", CultureInfo.InvariantCulture) : "-";

    private static IEnumerable<JsonElement> Items(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    private static IEnumerable<JsonProperty> Members(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];
}
