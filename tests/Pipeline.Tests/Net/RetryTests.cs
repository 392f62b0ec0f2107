using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline.Net;

namespace Pipeline.Tests.Net;

public sealed class RetryTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<double> _pauses = [];

    [Fact]
    public async Task Pauses_grow_to_three_seconds_and_the_last_error_shows()
    {
        var retry = await RunAsync(12, (_, _) => throw new IOException("refused"));
        Assert.Equal("refused", retry.LastError);
        Assert.InRange(_pauses[0], 0.15, 0.25);
        Assert.InRange(_pauses[1], 0.3, 0.5);
        Assert.All(_pauses[5..], pause => Assert.InRange(pause, 2.25, 3.75));
        Assert.Equal(0, retry.Reconnects);
    }

    [Fact]
    public async Task A_connection_that_held_starts_the_pauses_anew()
    {
        await RunAsync(8, (retry, attempt) =>
        {
            if (attempt == 6)
            {
                retry.Succeeded();
                _time.Advance(TimeSpan.FromSeconds(10));
            }
            return "lost";
        });
        Assert.InRange(_pauses[5], 2.25, 3.75);
        Assert.InRange(_pauses[6], 0.15, 0.25);
    }

    [Fact]
    public async Task A_server_that_accepts_and_drops_at_once_is_not_hammered()
    {
        var retry = await RunAsync(8, (retry, _) =>
        {
            retry.Succeeded();
            return "dropped";
        });
        Assert.InRange(_pauses[^1], 2.25, 3.75);
        Assert.Equal(8, retry.Reconnects + 1);
    }

    [Fact]
    public async Task An_attempt_that_fails_in_a_way_nobody_thought_of_is_followed_by_the_next()
    {
        var retry = await RunAsync(3, (_, _) => throw new InvalidOperationException("odd"));
        Assert.Equal(3, _pauses.Count);
        Assert.Equal("odd", retry.LastError);
    }

    private async Task<Retry> RunAsync(int attempts, Func<Retry, int, string> attempt)
    {
        using var stop = new CancellationTokenSource();
        var retry = new Retry(_time);
        var made = 0;
        var run = retry.RunAsync(
            _ => Task.FromResult<string?>(attempt(retry, made++)),
            pause =>
            {
                _pauses.Add(pause.TotalSeconds);
                if (made == attempts) stop.Cancel();
            },
            stop.Token);
        while (!run.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(4));
            await Task.Yield();
        }
        await run;
        return retry;
    }
}
