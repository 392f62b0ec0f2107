using System.Threading.Channels;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Control.Monitor;

/// <summary>One viewer's page that follows a show; read from one thread at a time.</summary>
public sealed class CueReader : IDisposable
{
    /// <summary>At the most that a show tells, a minute of it.</summary>
    public const int MaxQueued = 64;

    private readonly CueFeed _feed;
    private readonly Channel<ReadOnlyMemory<byte>> _queue = Channel.CreateBounded<ReadOnlyMemory<byte>>(MaxQueued);

    internal CueReader(CueFeed feed, StreamLog show, int slot) => (_feed, Show, Slot) = (feed, show, slot);

    /// <summary>It did not take what it was told.</summary>
    public bool IsDropped { get; private set; }

    internal StreamLog Show { get; }

    /// <summary>The second of each <see cref="CueFeed.KeepAlive"/> in which it is told that the connection lives.</summary>
    internal int Slot { get; }

    /// <summary>Waits for what comes next; null: the show is over, the server stops, or the reader is dropped. The bytes are shared.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken stop) =>
        await _queue.Reader.WaitToReadAsync(stop) && !IsDropped && _queue.Reader.TryRead(out var text) ? text : (ReadOnlyMemory<byte>?)null;

    public void Dispose() => _feed.Leave(this);

    internal void TryTell(ReadOnlyMemory<byte> text)
    {
        if (!_queue.Writer.TryWrite(text)) IsDropped |= _queue.Writer.TryComplete();
    }

    internal void End() => _queue.Writer.TryComplete();
}
