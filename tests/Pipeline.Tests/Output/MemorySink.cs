using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Output;

/// <summary>A connection that keeps what it took, and takes what the test lets it.</summary>
internal sealed class MemorySink : IByteSink
{
    private readonly List<byte> _bytes = [];

    /// <summary>How many bytes it still takes before it blocks.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>The most it takes at once.</summary>
    public int Bite { get; set; } = int.MaxValue;

    /// <summary>The size of each send that took something.</summary>
    public List<int> Sends { get; } = [];

    public byte[] Bytes => [.. _bytes];

    public bool KeepsNothing { get; init; }

    public bool IsFinished { get; private set; }

    public string? Error { get; set; }

    public int NotSent { get; set; }

    public int NotSentLimit { get; private set; }

    public int Send(ReadOnlyMemory<byte> bytes)
    {
        if (Error is not null) return -1;
        var count = (int)Math.Min(Math.Min(bytes.Length, Bite), Room);
        if (count == 0) return 0;
        Room -= count;
        if (KeepsNothing) return count;
        Sends.Add(count);
        _bytes.AddRange(bytes.Span[..count]);
        return count;
    }

    public bool Flush() => true;

    public void SetNotSentLimit(int bytes) => NotSentLimit = bytes;

    public bool Finish() => IsFinished = true;
}
