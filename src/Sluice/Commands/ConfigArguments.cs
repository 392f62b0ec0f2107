using System.CommandLine;
using Sluice.Configuration;

namespace Sluice.Commands;

/// <summary>The arguments of the commands that read the configuration: <c>-c FILE</c> and <c>--set key=value</c>.</summary>
internal sealed class ConfigArguments
{
    private readonly Option<string?> _file = new("--config", "-c") { Description = "The configuration file; without it every setting has its default.", HelpName = "FILE" };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Sets one key over file and environment, such as listen.rtmp=:1936 or 'streams[live/show].switch.delay=3s'. May be repeated.",
        HelpName = "KEY=VALUE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_file);
        command.Options.Add(_set);
    }

    /// <summary>Where the settings come from, for messages.</summary>
    public string FileName(ParseResult parsed) => parsed.GetValue(_file) ?? "defaults";

    /// <summary>Loads the configuration; writes every problem, one to a line, and returns null where there are any.</summary>
    public SluiceOptions? Load(ParseResult parsed, TextWriter problems)
    {
        var load = ConfigLoader.Load(parsed.GetValue(_file), ConfigLoader.ProcessEnvironment(), parsed.GetValue(_set) ?? []);
        foreach (var problem in load.Problems) problems.WriteLine(problem);
        return load.Options;
    }
}
