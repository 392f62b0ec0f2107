using System.CommandLine;
using System.Net.Sockets;
using Sluice.Configuration;

namespace Sluice.Commands;

/// <summary><c>serve</c>: runs the server until SIGTERM or SIGINT; a second signal ends it at once.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var config = new ConfigArguments();
        var command = new Command("serve", "Runs the server.");
        config.AddTo(command);
        return command.Does(async (parsed, output, error) =>
            config.Load(parsed, error) is { } options ? await RunAsync(options, output, error) : ExitCode.NotTried);
    }

    /// <summary>Starts, prints the bound addresses on one line, and stops at a signal.</summary>
    private static async Task<ExitCode> RunAsync(SluiceOptions options, TextWriter output, TextWriter error)
    {
        using var logs = Logging.Create(options.Log);
        using var signals = new StopSignals();
        try
        {
            await using var host = await Host.StartAsync(options, logs, signals.Token);
            var bound = string.Join(' ', host.Bound.Select(listener => $"{listener.Name}={listener.Address}"));
            await output.WriteLineAsync($"sluice {CommandLine.Version} listening {bound}");
            await output.FlushAsync();
            await signals.Received;
            await host.StopAsync();
            return ExitCode.Done;
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            await error.WriteLineAsync($"sluice: {e.Message}");
            return ExitCode.Failed;
        }
    }
}
