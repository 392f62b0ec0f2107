using System.CommandLine;
using Sluice.Bench;
using Sluice.Wire.Rtmp;

namespace Sluice.Commands;

/// <summary><c>bench</c>: viewers and publishers in number, against any server, and what they saw.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Loads a server with viewers or publishers and tells what they saw.") { Play(), Publish() };

    private static Command Play()
    {
        var url = new Argument<string>("URL") { Description = "http[s]://HOST:PORT/app/name.flv or rtmp[s]://HOST/app/name. Certificates are not looked at." };
        var count = Positive("-n", "How many viewers.", 1);
        var seconds = Positive("--seconds", "How long is measured; before that viewers come at 500 a second and settle for 2 s.", 10);
        var probes = new Option<int>("--probes") { Description = "How many of the viewers read the stamps of bench publish --stamp, on this machine: how old the pictures are that arrive." };
        var server = new Option<int?>("--pid") { Description = "A server on this machine: its CPU time and memory are told, too." };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON." };
        var command = new Command("play", "Plays a stream many times. Exit code 0 only if every viewer got nine tenths of the median rate or more.") { url, count, seconds, probes, server, json };
        return command.Does(async (parsed, output, error) =>
        {
            var target = PlayTarget.Find(parsed.GetValue(url)!, out var reason);
            if (target is null)
            {
                await error.WriteLineAsync($"sluice: {reason}");
                return ExitCode.NotTried;
            }
            var report = PlayBench.Run(target, parsed.GetValue(count), parsed.GetValue(probes), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(server));
            await output.WriteLineAsync(parsed.GetValue(json) ? report.ToJson() : report.ToString().TrimEnd());
            return report.AllKeepUp ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static Command Publish()
    {
        var file = new Argument<string>("FILE") { Description = "An FLV file; it is looped, with running timestamps." };
        var url = new Argument<string>("URL") { Description = "rtmp[s]://HOST/app/name." };
        var count = Positive("-n", "How many publishers: to app/name-1, app/name-2, …; one publishes to app/name.", 1);
        var seconds = new Option<int?>("--seconds") { Description = "End after so long; else at a signal." };
        var stamp = new Option<bool>("--stamp") { Description = "Put the time of sending into each picture (H.264, H.265), for bench play --probes." };
        var command = new Command("publish", "Publishes a file in real time, many times. Exit code 0 only if no publisher was lost.") { file, url, count, seconds, stamp };
        return command.Does(async (parsed, output, error) =>
        {
            var target = RtmpUrl.Parse(parsed.GetValue(url)!, out var reason);
            var loop = target is null ? null : FlvLoop.Load(parsed.GetValue(file)!, out reason);
            if (loop is null)
            {
                await error.WriteLineAsync($"sluice: {(target is null ? parsed.GetValue(url) : parsed.GetValue(file))}: {reason}");
                return ExitCode.NotTried;
            }
            using var signals = new StopSignals();
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(signals.Token);
            if (parsed.GetValue(seconds) is { } length) stop.CancelAfter(TimeSpan.FromSeconds(length));
            var report = await PublishBench.RunAsync(loop, target!, parsed.GetValue(count), parsed.GetValue(stamp), stop.Token);
            await output.WriteLineAsync(report.ToString().TrimEnd());
            return report.Lost == 0 ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static Option<int> Positive(string name, string description, int usual)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out var value) && value < 1) result.AddError($"{name} must be 1 or more.");
        });
        return option;
    }
}
