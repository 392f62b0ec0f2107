namespace Sluice.Pipeline.Output;

/// <summary>Where a subscriber's bytes go; written by one egress loop only.</summary>
internal interface IByteSink
{
    /// <summary>Offers bytes. Returns how many were taken, 0 when it would block, −1 when the other side is gone (<see cref="Error"/>).</summary>
    int Send(ReadOnlyMemory<byte> bytes);

    /// <summary>The same for bytes in two pieces, neither of them empty: where a slab ends.</summary>
    int Send(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> more)
    {
        var sent = Send(bytes);
        if (sent < bytes.Length) return sent;
        var rest = Send(more);
        return rest < 0 ? rest : sent + rest;
    }

    string? Error { get; }

    /// <summary>Bytes taken and not yet on their way.</summary>
    int NotSent { get; }

    /// <summary>Whether all that was taken has been handed on; tries to, where it has not.</summary>
    bool Flush();

    /// <summary>How many bytes it may take before it blocks.</summary>
    void SetNotSentLimit(int bytes);

    /// <summary>Nothing more is written: tells the other side. False when it would block: call it again.</summary>
    bool Finish();
}
