using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sluice.Demo;

/// <summary>A program that the demo runs; it ends when it is disposed, and with this process, however that ends.</summary>
internal sealed partial class ChildProcess : IAsyncDisposable
{
    private const int Stop = 19;
    private const int Continue = 18;

    private readonly Process _process;
    private string _lastLine = "";

    private ChildProcess(Process process) => _process = process;

    /// <summary>What it last said on standard error.</summary>
    public string LastLine => Volatile.Read(ref _lastLine);

    public bool HasExited => _process.HasExited;

    public static ChildProcess Start(string program, params IEnumerable<string> arguments)
    {
        var path = Requirements.Find(program) ?? throw new IOException($"{program} is not on this machine");
        // The kernel kills it with us, even where we are killed ourselves.
        var guard = Requirements.Find("setpriv");
        var start = new ProcessStartInfo(guard ?? path) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        if (guard is not null)
            foreach (var argument in (string[])["--pdeathsig", "KILL", path]) start.ArgumentList.Add(argument);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new IOException($"{program} did not start");
        var child = new ChildProcess(process);
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => { if (!string.IsNullOrWhiteSpace(line.Data)) Volatile.Write(ref child._lastLine, line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        return child;
    }

    public async Task<int> WaitAsync(CancellationToken stop)
    {
        await _process.WaitForExitAsync(stop);
        return _process.ExitCode;
    }

    /// <summary>Stops it where it stands, connections open: what a hung encoder looks like.</summary>
    public void Freeze() => Signal(_process.Id, Stop);

    public void Thaw() => Signal(_process.Id, Continue);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
