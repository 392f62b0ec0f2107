using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sluice.Commands;

/// <summary><c>status</c>: the streams of a running server as a table that is drawn anew every second; once where the output is no terminal.</summary>
internal static class StatusCommand
{
    private const string KeyVariable = "SLUICE_API_KEY";

    private const string DefaultUrl = "http://127.0.0.1:8080";

    public static Command Create()
    {
        var url = new Option<Uri>("--url") { Description = "The server's HTTP address.", DefaultValueFactory = _ => new Uri(DefaultUrl), CustomParser = ReadUrl };
        var key = new Option<string?>("--key") { Description = $"The API key, where access.api is key; the variable {KeyVariable} does too." };
        var once = new Option<bool>("--once") { Description = "Print one table and end." };
        var json = new Option<bool>("--json") { Description = "Print the API's answer as it is, once." };
        var command = new Command("status", "Shows the streams of a running server.") { url, key, once, json };
        return command.Does(async (parsed, output, error) =>
        {
            using var http = new HttpClient { BaseAddress = parsed.GetValue(url), Timeout = TimeSpan.FromSeconds(5) };
            if ((parsed.GetValue(key) ?? Environment.GetEnvironmentVariable(KeyVariable)) is { Length: > 0 } secret)
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
            }

            try
            {
                var live = !parsed.GetValue(once) && !parsed.GetValue(json) && ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
                do
                {
                    var answer = await ReadAsync(http);
                    var text = parsed.GetValue(json) ? answer : Render(answer);
                    await output.WriteLineAsync(live ? $"\u001b[H\u001b[J{http.BaseAddress}  {DateTime.Now:HH:mm:ss}\n\n{text}" : text);
                    if (live) await Task.Delay(TimeSpan.FromSeconds(1));
                }
                while (live);
                return ExitCode.Done;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
            {
                await error.WriteLineAsync($"sluice: {http.BaseAddress}: {e.Message}");
                return ExitCode.Failed;
            }
        });
    }

    /// <exception cref="HttpRequestException">The server does not answer, or answers no; the message says what to do about it.</exception>
    private static async Task<string> ReadAsync(HttpClient http)
    {
        using var answer = await http.GetAsync("/api/v1/streams");
        var body = await answer.Content.ReadAsStringAsync();
        if (answer.IsSuccessStatusCode) return body;
        var detail = answer.Content.Headers.ContentType?.MediaType == "application/problem+json" && JsonNode.Parse(body)?["detail"] is { } said ? $"{said}" : $"the server answered {(int)answer.StatusCode}";
        throw new HttpRequestException(answer.StatusCode == HttpStatusCode.Unauthorized ? $"{detail}: give the server's access.apiKey by --key KEY or in the variable {KeyVariable}" : detail);
    }

    private static Uri? ReadUrl(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https")) return url;
        argument.AddError($"--url must be an address such as {DefaultUrl}, not '{text}'");
        return null;
    }

    private static string Render(string answer)
    {
        using var document = JsonDocument.Parse(answer);
        return StatusTable.Render(document.RootElement);
    }
}
