using System.Diagnostics;

namespace Fixtures;

/// <summary>Runs ffmpeg to its end, with less right to the processor than what is measured beside it.</summary>
internal static class Ffmpeg
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    public static bool IsInstalled =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "ffmpeg")));

    /// <returns>What it warned of.</returns>
    /// <exception cref="InvalidOperationException">It failed; what it said is in the message.</exception>
    public static string Run(string folder, IEnumerable<string> arguments) => Read(folder, arguments, stream => stream.CopyTo(Stream.Null));

    /// <summary>The same, with its standard output given to <paramref name="read"/>.</summary>
    public static string Read(string folder, IEnumerable<string> arguments, Action<Stream> read)
    {
        var start = new ProcessStartInfo("nice", ["ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", "-y", .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = folder,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var warnings = process.StandardError.ReadToEndAsync();
        using var limit = new Timer(_ => process.Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        read(process.StandardOutput.BaseStream);
        process.WaitForExit();
        return process.ExitCode == 0 ? warnings.Result : throw new InvalidOperationException($"ffmpeg ended with {process.ExitCode}: {warnings.Result}");
    }
}
