using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace System.Tests.Browser;

/// <summary>A connection to one page of Chromium, by the Chrome DevTools Protocol (domains <c>Page</c> and <c>Runtime</c>).</summary>
public sealed class DevTools : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly SemaphoreSlim _sending = new(1);
    private Task _receiving = Task.CompletedTask;
    private int _lastCall;

    private DevTools()
    {
    }

    public static async Task<DevTools> ConnectAsync(Uri url)
    {
        var tools = new DevTools();
        await tools._socket.ConnectAsync(url, CancellationToken.None);
        tools._receiving = tools.ReceiveAsync();
        return tools;
    }

    /// <summary>Runs JavaScript in the page, awaits it if it is a promise, and brings its value as JSON.</summary>
    /// <exception cref="InvalidOperationException">It threw, or the browser refused it; or the browser is gone.</exception>
    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", new { expression, awaitPromise = true, returnByValue = true });
        if (answer.TryGetProperty("exceptionDetails", out var details)) throw new InvalidOperationException($"{expression}: {details}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value : default;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
    }

    /// <summary>Gives the page an order of the protocol, such as <c>Emulation.setDeviceMetricsOverride</c>.</summary>
    public async Task<JsonElement> CallAsync(string method, object parameters)
    {
        var id = Interlocked.Increment(ref _lastCall);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = answer;
        await _sending.WaitAsync();
        try
        {
            await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, CancellationToken.None);
        }
        finally
        {
            _sending.Release();
        }
        return await answer.Task.WaitAsync(Patience);
    }

    private async Task ReceiveAsync()
    {
        var reason = "the browser closed the connection";
        var message = new MemoryStream();
        var buffer = new byte[64 << 10];
        try
        {
            while (await _socket.ReceiveAsync(buffer, CancellationToken.None) is { MessageType: not WebSocketMessageType.Close } part)
            {
                message.Write(buffer, 0, part.Count);
                if (!part.EndOfMessage) continue;
                Take(Encoding.UTF8.GetString(message.GetBuffer(), 0, (int)message.Length));
                message.SetLength(0);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException)
        {
            reason = error.Message;
        }
        foreach (var call in _calls.Values) call.TrySetException(new InvalidOperationException(reason));
    }

    private void Take(string message)
    {
        var root = JsonDocument.Parse(message).RootElement;
        if (!root.TryGetProperty("id", out var id) || !_calls.TryRemove(id.GetInt32(), out var call)) return;
        if (root.TryGetProperty("result", out var result)) call.TrySetResult(result);
        else call.TrySetException(new InvalidOperationException(message));
    }
}
