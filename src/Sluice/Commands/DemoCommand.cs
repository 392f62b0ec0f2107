using System.CommandLine;
using System.Net.Sockets;
using Sluice.Demo;

namespace Sluice.Commands;

/// <summary><c>demo</c>: the main job on this machine, with real encoders and CDNs, and faults.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var seconds = new Option<int?>("--seconds") { Description = "End after so long with a summary; exit code 0 only if nobody was cut and no DTS went back." };
        var command = new Command("demo", "Shows four encoders become one stream on three CDNs, while the encoders die.") { seconds };
        return command.Does((parsed, output, error) => RunAsync(parsed.GetValue(seconds), output, error));
    }

    private static async Task<ExitCode> RunAsync(int? seconds, TextWriter output, TextWriter error)
    {
        if (Requirements.Missing() is { Count: > 0 } missing)
        {
            await error.WriteLineAsync($"sluice: the demo needs what is not here. On Debian or Ubuntu: sudo apt-get install {string.Join(' ', missing)}");
            return ExitCode.NotTried;
        }
        using var signals = new StopSignals();
        await using var show = new DemoShow(output);
        try
        {
            return await show.RunAsync(seconds is { } length ? TimeSpan.FromSeconds(length) : null, signals.Token) ? ExitCode.Done : ExitCode.Failed;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException or SocketException or HttpRequestException)
        {
            await error.WriteLineAsync($"sluice: {e.Message}");
            return ExitCode.Failed;
        }
    }
}
