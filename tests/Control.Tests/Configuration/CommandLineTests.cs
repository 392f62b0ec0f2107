using System.Text.Json;
using Sluice.Commands;
using Sluice.Pipeline;

namespace Control.Tests.Configuration;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Check_prints_every_problem_with_its_line_and_exits_2()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, "data: x\nnode: { nmae: b }\nlisten: { rtmp: no }\n");

            var (exit, output, error) = await Run("check", "-c", file, "--set", "play.wait=1s");

            Assert.Equal(2, exit);
            Assert.Empty(output);
            Assert.Collection(
                error.TrimEnd().Split('\n'),
                line => Assert.StartsWith($"{file}:2: node.nmae: unknown key", line),
                line => Assert.StartsWith($"{file}:3: listen.rtmp: is 'no' but must be", line));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Check_accepts_the_manual()
    {
        var manual = House.RepositoryRoot.File("sluice.yaml");

        Assert.Equal((0, $"{manual}: ok\n", ""), await Run("check", "-c", manual));
    }

    [Fact]
    public async Task The_version_is_printed_alone()
    {
        var (exit, output, _) = await Run("--version");

        Assert.Equal(0, exit);
        Assert.Matches(@"^\d+\.\d+\.\d+\n$", output);
    }

    [Theory]
    [InlineData("serve", "--sett", "a=b")]
    [InlineData("nonsense")]
    [InlineData("status", "--url", "nowhere")]
    [InlineData("serve", "--set", "listen.rtmp=nonsense")]
    public async Task Wrong_arguments_exit_2_and_say_why(params string[] args)
    {
        var (exit, _, error) = await Run(args);

        Assert.Equal(2, exit);
        Assert.NotEmpty(error);
    }

    [Fact]
    public async Task Status_of_a_server_that_is_not_there_fails_with_its_address()
    {
        var (exit, _, error) = await Run("status", "--url", "http://127.0.0.1:1", "--once");

        Assert.Equal(1, exit);
        Assert.StartsWith("sluice: http://127.0.0.1:1/: ", error);
    }

    [Theory]
    [InlineData(AccessRule.Key, "no key was given: give the server's access.apiKey by --key KEY or in the variable SLUICE_API_KEY")]
    [InlineData(AccessRule.Loopback, "allowed over loopback only")]
    public async Task Status_that_is_refused_says_what_to_do(AccessRule rule, string said)
    {
        await using var server = await Api.TestServer.StartAsync(new AccessOptions { Api = rule, ApiKey = "s3cret" });
        if (rule == AccessRule.Loopback) server.From = System.Net.IPAddress.Parse("192.0.2.1");
        var url = server.Http.BaseAddress!.ToString();

        var (exit, _, error) = await Run("status", "--url", url, "--once");

        Assert.Equal(1, exit);
        Assert.StartsWith($"sluice: {url}: {said}", error);
        if (rule == AccessRule.Key) Assert.Equal(0, (await Run("status", "--url", url, "--once", "--key", "s3cret")).Exit);
    }

    [Fact]
    public void The_status_table_lines_up_and_marks_the_source_that_is_on()
    {
        using var answer = JsonDocument.Parse("""
            { "streams": [ { "name": "live/show", "state": "live", "active": "b", "delayMs": 3000, "viewers": { "flv": 2, "rtmp": 0 },
              "sources": [ { "name": "a", "state": "failed", "active": false, "score": 0, "fps": 0, "kbps": 0, "lagMs": 0, "complaint": "its pull failed" },
                           { "name": "b", "state": "healthy", "active": true, "score": 97, "fps": 25, "kbps": 803.26, "lagMs": 12 } ],
              "push": [ { "name": "cdn-a", "state": "waiting", "kbps": 0, "lagMs": 0, "droppedGops": 1, "reconnects": 4, "lastError": "refused" } ] } ] }
            """);

        Assert.Equal(
            """
            live/show  live     on b          delay 3000 ms  viewers flv 2
               a       failed   score 0       0 fps          0 kbit/s       its pull failed
             ▶ b       healthy  score 97      25 fps         803.3 kbit/s   lag 12 ms
             → cdn-a   waiting  reconnects 4  dropped 1      0 kbit/s       refused
            """,
            StatusTable.Render(answer.RootElement));
    }

    [Theory]
    [InlineData("\"2026-11-28T20:15:31Z\"", "; the show ends at ")]
    [InlineData("null", ": no source has been on")]
    public void The_status_table_says_that_nothing_comes_in(string end, string expected)
    {
        using var answer = JsonDocument.Parse($$"""
            { "streams": [ { "name": "live/show", "state": "idle", "active": null, "darkSince": "2026-11-28T20:15:01.250Z", "endsAt": {{end}}, "delayMs": 0, "viewers": {}, "sources": [], "push": [] } ] }
            """);

        Assert.Matches($@"^live/show  idle  on -  delay 0 ms  viewers 0  DARK since \d\d:15:01.*{expected}", StatusTable.Render(answer.RootElement));
    }

    private static async Task<(int Exit, string Output, string Error)> Run(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        return (await CommandLine.RunAsync(args, output, error), output.ToString(), error.ToString());
    }
}
