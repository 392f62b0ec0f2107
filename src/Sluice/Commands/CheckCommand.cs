using System.CommandLine;

namespace Sluice.Commands;

/// <summary><c>check</c>: reads the configuration as <c>serve</c> would and tells every problem as <c>FILE:LINE: key: message</c>.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var config = new ConfigArguments();
        var command = new Command("check", "Checks a configuration and tells everything that is wrong with it.");
        config.AddTo(command);
        return command.Does((parsed, output, error) =>
        {
            if (config.Load(parsed, error) is null) return Task.FromResult(ExitCode.NotTried);
            output.WriteLine($"{config.FileName(parsed)}: ok");
            return Task.FromResult(ExitCode.Done);
        });
    }
}
