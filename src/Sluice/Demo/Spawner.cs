using System.Collections.Concurrent;
using System.Diagnostics;

namespace Sluice.Demo;

/// <summary>Starts programs that the kernel kills together with this process, however it ends.</summary>
/// <remarks>
/// The kernel's parent-death signal is sent when the <i>thread</i> ends that started the child, and threads of the pool end after a while idle:
/// so all children are started by one thread that lives as long as the process.
/// </remarks>
internal static class Spawner
{
    private static readonly BlockingCollection<Action> Requests = [];

    static Spawner() => new Thread(Run) { IsBackground = true, Name = "spawner" }.Start();

    /// <summary>Starts <paramref name="program"/> with its arguments; output and errors are redirected, input is at its end.</summary>
    /// <exception cref="IOException">It cannot be started.</exception>
    public static Process Start(string program, IEnumerable<string> arguments)
    {
        var path = Requirements.Find(program) ?? throw new IOException($"{program} is not on this machine");
        var guard = Requirements.Find("setpriv");
        var start = new ProcessStartInfo(guard ?? path) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (guard is not null)
            foreach (var argument in (string[])["--pdeathsig", "KILL", path]) start.ArgumentList.Add(argument);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);

        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Requests.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception error) when (error is System.ComponentModel.Win32Exception or InvalidOperationException)
            {
                started.SetException(new IOException($"{program} cannot be started: {error.Message}", error));
            }
        });
        var process = started.Task.GetAwaiter().GetResult();
        process.StandardInput.Close();
        return process;
    }

    private static void Run()
    {
        foreach (var request in Requests.GetConsumingEnumerable()) request();
    }
}
