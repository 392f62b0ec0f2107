using Sluice.Demo;

namespace System.Tests;

public sealed class ChildProcessTests
{
    [Fact]
    public async Task A_program_outlives_the_thread_that_asked_for_it()
    {
        ChildProcess? child = null;
        var asking = new Thread(() => child = ChildProcess.Start("sleep", "60"));
        asking.Start();
        asking.Join();
        await using (child)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => child!.WaitAsync(patience.Token));
        }
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_named()
    {
        var error = await Assert.ThrowsAsync<IOException>(() => Task.FromResult(ChildProcess.Start("no-such-program")));
        Assert.Contains("no-such-program", error.Message);
    }

    [Fact]
    public async Task A_frozen_program_ends_with_its_owner()
    {
        var child = ChildProcess.Start("sleep", "60");
        child.Freeze();
        await child.DisposeAsync();
    }
}
