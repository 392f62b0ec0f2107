using System.Diagnostics;
using System.Runtime.Versioning;

namespace Control.Tests.House;

/// <summary>The doors of the repository can be opened.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ScriptsTests
{
    [Theory]
    [InlineData("sluice", true)]
    [InlineData("test", true)]
    [InlineData(".ci/run", true)]
    [InlineData("bench/fanout", true)]
    [InlineData("bench/tls", true)]
    [InlineData("bench/hls", true)]
    [InlineData("bench/soak", true)]
    [InlineData("bench/console", true)]
    [InlineData("eng/dotnet.sh", false)]
    [InlineData("eng/packages.sh", false)]
    public async Task A_script_is_valid_bash_and_executable_where_it_is_run(string script, bool isRun)
    {
        var file = RepositoryRoot.File(script);
        if (isRun) Assert.True(File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute), $"{script} is not executable");
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-n", file]) { RedirectStandardError = true })!;
        var errors = await bash.StandardError.ReadToEndAsync();
        await bash.WaitForExitAsync();

        Assert.Equal("", errors);
        Assert.Equal(0, bash.ExitCode);
    }

    /// <summary>Where the page's tools cannot run, ./sluice builds the server without it, and says so. Of the build it is the console's part that is run here, quietly, as ./sluice does.</summary>
    [Fact]
    public async Task A_machine_without_node_is_told_why_there_is_no_console()
    {
        using var tree = new TemporaryDirectory();
        foreach (var folder in (string[])["bin", "eng", "player/src", "src/Sluice"]) Directory.CreateDirectory(tree.File(folder));
        foreach (var file in (string[])["Directory.Build.props", "Directory.Packages.props", "global.json", ".editorconfig"]) await File.WriteAllTextAsync(tree.File(file), "");
        foreach (var script in (string[])["sluice", "eng/dotnet.sh", "eng/packages.sh"]) File.Copy(RepositoryRoot.File(script), tree.File(script));
        await File.WriteAllTextAsync(tree.File("src/Sluice/Sluice.csproj"), $"<Project><Import Project=\"{RepositoryRoot.File("src/Sluice.Console/Console.targets")}\" /></Project>");
        foreach (var program in (string[])["sh", "bash", "cat", "cksum", "dirname", "find", "grep", "mkdir", "readlink", "rm", "sort"]) File.CreateSymbolicLink(tree.File($"bin/{program}"), $"/usr/bin/{program}");
        await File.WriteAllTextAsync(tree.File("bin/dotnet"), $"""
            #!/bin/sh
            case $1 in
              --list-sdks) echo 10.0.100 ;;
              build) exec {Environment.ProcessPath} msbuild $2 -t:AddConsole -v:q -nologo -nodeReuse:false ;;
              *) echo it runs ;;
            esac
            """);
        File.SetUnixFileMode(tree.File("bin/dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("/bin/bash", [tree.File("sluice")]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["PATH"] = tree.File("bin") } };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync();
        Assert.Equal("it runs\n", await process.StandardOutput.ReadToEndAsync());
        Assert.Equal("Building Sluice ...\nSluice is built without its console, as there is no node with npm here, 20.19 or 22.12 or later.\n", await said);
    }
}
