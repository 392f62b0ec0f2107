using System.Diagnostics;
using System.Text.RegularExpressions;
using SluiceCommand = Sluice.Commands.CommandLine;

namespace System.Tests.Commands;

/// <summary>The program as users start and stop it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("sluice-serve-").FullName;

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Serve_prints_its_addresses_on_one_line_answers_and_stops_at_a_signal(string signal)
    {
        using var server = Start("serve", "--set", "listen.rtmp=127.0.0.1:0", "--set", "listen.http=127.0.0.1:0", "--set", $"data={_data}");
        try
        {
            var line = await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)) ?? "";
            var bound = Regex.Match(line, $@"^sluice {Regex.Escape(SluiceCommand.Version)} listening rtmp=127\.0\.0\.1:[1-9]\d* http=(127\.0\.0\.1:[1-9]\d*)$");
            Assert.True(bound.Success, line);

            using var http = new HttpClient();
            using var health = await http.GetAsync($"http://{bound.Groups[1].Value}/healthz");
            Assert.True(health.IsSuccessStatusCode);

            using var kill = Process.Start("kill", ["-s", signal, $"{server.Id}"]);
            await server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(0, server.ExitCode);
            Assert.Empty(await server.StandardOutput.ReadToEndAsync());
        }
        finally
        {
            if (!server.HasExited) server.Kill();
        }
    }

    [Theory]
    [InlineData("rtmp", "http")]
    [InlineData("http", "rtmp")]
    public async Task An_address_that_is_taken_ends_serve_with_one_line(string key, string other)
    {
        using var taken = new Net.Sockets.TcpListener(Net.IPAddress.Loopback, 0);
        taken.Start();
        var address = taken.LocalEndpoint.ToString();
        using var server = Start("serve", "--set", $"listen.{key}={address}", "--set", $"listen.{other}=none", "--set", $"data={_data}");

        await server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(1, server.ExitCode);
        Assert.Equal($"sluice: listen.{key}: {address} cannot be bound: Address already in use\n", await server.StandardError.ReadToEndAsync());
    }

    [Fact]
    public async Task A_data_folder_is_used_by_one_server_at_a_time_and_is_free_when_that_is_killed()
    {
        string[] args = ["serve", "--set", "listen.rtmp=127.0.0.1:0", "--set", "listen.http=127.0.0.1:0", "--set", $"data={_data}"];
        using var first = Start(args);
        try
        {
            Assert.StartsWith("sluice ", await first.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
            using var second = Start(args);
            await second.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(1, second.ExitCode);
            Assert.Equal($"sluice: data: another server uses {_data}; give each its own folder (--set data=FOLDER)\n", await second.StandardError.ReadToEndAsync());
        }
        finally
        {
            first.Kill();
            await first.WaitForExitAsync();
        }
        using var third = Start(args);
        Assert.StartsWith("sluice ", await third.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
        third.Kill();
        await third.WaitForExitAsync();
    }

    /// <summary>The web framework would read appsettings.json where it is started, and watch all folders below for changes.</summary>
    [Fact]
    public async Task The_working_directory_is_neither_read_nor_watched()
    {
        await File.WriteAllTextAsync(Path.Combine(_data, "appsettings.json"), "{ no settings");
        using var server = Start("serve", "--set", "listen.rtmp=127.0.0.1:0", "--set", "listen.http=127.0.0.1:0", "--set", "data=.");
        try
        {
            Assert.StartsWith("sluice ", await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
            var open = Directory.GetFiles($"/proc/{server.Id}/fd").Select(file => new FileInfo(file).LinkTarget);
            Assert.DoesNotContain(open, target => target?.Contains("inotify", StringComparison.Ordinal) == true);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
        }
    }

    public void Dispose() => Directory.Delete(_data, recursive: true);

    private Process Start(params string[] args) => Process.Start(new ProcessStartInfo("dotnet", [typeof(SluiceCommand).Assembly.Location, .. args])
    {
        WorkingDirectory = _data,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
