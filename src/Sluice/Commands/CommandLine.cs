using System.CommandLine;
using System.CommandLine.Invocation;

namespace Sluice.Commands;

/// <summary>What the program answers to the shell.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>It was tried and failed.</summary>
    Failed = 1,

    /// <summary>It was not tried: wrong arguments, a wrong configuration, something missing on the machine.</summary>
    NotTried = 2,
}

/// <summary>The commands and what they have in common. <see cref="Program"/> only calls this.</summary>
internal static class CommandLine
{
    /// <summary>Runs one command to its end.</summary>
    /// <param name="output">Takes results, for people and pipes; the log goes to standard error.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Parse(args);

        // Commands that run on handle signals themselves; the others may simply be ended by one.
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null });
        return parsed.Errors.Count > 0 ? (int)ExitCode.NotTried : exit;
    }

    /// <summary>What a command line asks for, or what is wrong with it.</summary>
    public static ParseResult Parse(string[] args)
    {
        var root = new RootCommand("A live-streaming server whose shows do not stop: several inputs in, one unbroken stream out.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            CheckCommand.Create(),
            StatusCommand.Create(),
            BenchCommand.Create(),
        };

        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();

        // A value such as @all is a value here, not the name of a file with more arguments.
        return root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
    }

    /// <summary>Major, minor and patch.</summary>
    public static string Version => typeof(CommandLine).Assembly.GetName().Version!.ToString(3);

    /// <summary>Adds an action that gets the command's output and error writers and answers with an <see cref="ExitCode"/>.</summary>
    public static Command Does(this Command command, Func<ParseResult, TextWriter, TextWriter, Task<ExitCode>> action)
    {
        command.SetAction(async (parsed, _) => (int)await action(parsed, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    private sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parsed)
        {
            parsed.InvocationConfiguration.Output.WriteLine(Version);
            return (int)ExitCode.Done;
        }
    }
}
