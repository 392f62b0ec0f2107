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

    /// <summary>Where the page's tools cannot run the server is built without it, and says so.</summary>
    [Fact]
    public async Task A_machine_without_node_is_told_why_there_is_no_console()
    {
        using var bare = new TemporaryDirectory();
        File.CreateSymbolicLink(bare.File("sh"), "/bin/sh");
        var build = new ProcessStartInfo(Environment.ProcessPath!, ["msbuild", RepositoryRoot.File("src/Sluice/Sluice.csproj"), "-t:FindNode", "-nologo", "-nodeReuse:false"]) { RedirectStandardOutput = true };
        build.Environment["PATH"] = bare.Path;
        using var process = Process.Start(build)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Contains("built without its console, as there is no node", output);
        Assert.Equal(0, process.ExitCode);
    }
}
