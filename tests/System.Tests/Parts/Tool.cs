using System.Diagnostics;
using System.Text;
using Sluice.Demo;

namespace System.Tests.Parts;

/// <summary>One run of a real program; killed, with all it started, when disposed or when the test process dies.</summary>
public sealed class Tool : IAsyncDisposable
{
    private readonly string _program;
    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private Tool(string program, IEnumerable<string> arguments)
    {
        _program = program;
        _process = Spawner.Start(program, arguments);
        _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    public string Errors
    {
        get { lock (_errors) return _errors.ToString(); }
    }

    public bool HasExited => _process.HasExited;

    public int Id => _process.Id;

    public static Tool Start(string program, params IEnumerable<string> arguments) => new(program, arguments);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<Tool> RunAsync(string program, TimeSpan patience, params IEnumerable<string> arguments)
    {
        var tool = new Tool(program, arguments);
        await tool.WaitAsync(patience);
        return tool;
    }

    /// <exception cref="TimeoutException">It still runs; what it said is in the message.</exception>
    public async Task<int> WaitAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Kill();
            throw new TimeoutException($"{_program} still ran after {patience.TotalSeconds} s: {Errors}{Output}");
        }
        return _process.ExitCode;
    }

    public void Kill()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
    }

    /// <summary>Sends a signal by its name: <c>STOP</c>, <c>CONT</c>, <c>TERM</c>.</summary>
    public void Signal(string name)
    {
        using var kill = Process.Start("kill", ["-" + name, Id.ToString()]);
        kill.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static void Append(StringBuilder text, string? line)
    {
        if (line is null) return;
        lock (text) text.AppendLine(line);
    }
}
