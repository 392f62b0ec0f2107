using System.IO.Pipelines;

namespace Sluice.Pipeline.Output;

/// <summary>The body of an answer that the web host writes (HTTP/2, a reused connection, TLS): it takes bytes while its last flush is done.</summary>
internal sealed class PipeSink(PipeWriter writer) : IByteSink
{
    private const int MaxWrite = 64 << 10;

    private Task<FlushResult>? _flush;

    public string? Error { get; private set; }

    /// <summary>What the host buffers is little, and it does not tell.</summary>
    public int NotSent => 0;

    public int Send(ReadOnlyMemory<byte> bytes) => Send(bytes, ReadOnlyMemory<byte>.Empty);

    public int Send(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> more)
    {
        if (_flush is { IsCompleted: false }) return 0;
        try
        {
            if (_flush is not null && HasEnded(_flush.GetAwaiter().GetResult())) return -1;
            _flush = null;
            var count = Copy(bytes, MaxWrite);
            count += Copy(more, MaxWrite - count);
            var flush = writer.FlushAsync();
            if (!flush.IsCompletedSuccessfully) _flush = flush.AsTask();
            else if (HasEnded(flush.Result)) return -1;
            return count;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            Error = e.Message;
            return -1;
        }
    }

    /// <summary>The host hands on what it has by itself, also after the last byte.</summary>
    public bool Flush() => true;

    public void SetNotSentLimit(int bytes)
    {
        // The host has its own limit.
    }

    /// <summary>The answer ends when its handler returns.</summary>
    public bool Finish() => true;

    private int Copy(ReadOnlyMemory<byte> bytes, int most)
    {
        var count = Math.Min(bytes.Length, most);
        if (count == 0) return 0;
        bytes.Span[..count].CopyTo(writer.GetSpan(count));
        writer.Advance(count);
        return count;
    }

    private bool HasEnded(FlushResult result)
    {
        if (!result.IsCompleted && !result.IsCanceled) return false;
        Error = "closed by the viewer";
        return true;
    }
}
