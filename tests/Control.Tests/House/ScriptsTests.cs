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
}
