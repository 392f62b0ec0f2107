using System.Text.Json;

namespace Sluice.Demo;

/// <summary>Says a journal entry in words.</summary>
internal static class JournalSentence
{
    /// <summary>Null where there is nothing worth a line.</summary>
    public static string? Of(JsonElement entry)
    {
        var (from, to, reason) = (Text(entry, "from"), Text(entry, "to"), Text(entry, "reason"));
        return Text(entry, "kind") switch
        {
            "start" => $"the show starts with source {to}",
            "switch" => $"switch {from} → {to} because {from} is {reason}{Number(entry, "detectMs", ", seen after {0} ms")}{Number(entry, "gapMs", ", next picture {0} ms after the last")}",
            "resume" => $"source {to} goes on",
            "dark" => $"no source is on: {from} is {reason}, and none can take over",
            "end" => $"the show ends: {reason}",
            "source" => $"source {to}{(reason is null ? "" : $" ({reason})")}",
            "push" => $"push {to}{(reason is null ? "" : $": {reason}")}",
            _ => null,
        };
    }

    private static string? Text(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Number(JsonElement entry, string name, string format) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? string.Format(null, format, value.GetInt32()) : "";
}
