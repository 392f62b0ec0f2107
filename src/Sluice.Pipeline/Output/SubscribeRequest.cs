namespace Sluice.Pipeline.Output;

/// <summary>What the owner of a connection wants of a stream.</summary>
public sealed record SubscribeRequest
{
    public required Container Container { get; init; }

    /// <summary>Under what it is counted: <c>flv</c>, <c>rtmp</c>; <c>push</c> is no viewer.</summary>
    public required string Protocol { get; init; }

    /// <summary>Its entry in the list of clients: the egress loop counts bytes and lag there. The owner disposes it.</summary>
    public Client? Client { get; init; }

    public JoinPolicy Join { get; init; } = JoinPolicy.Live;

    /// <summary>RTMP: the message stream that carries the media: 1 to players, to a server what it answered to createStream.</summary>
    public uint MessageStreamId { get; init; } = 1;

    /// <summary>RTMP: metadata goes as <c>@setDataFrame</c>, as a publisher sends it.</summary>
    public bool AsPublisher { get; init; }

    /// <summary>Bytes to be sent at once, before the stream: an HTTP answer, the answers to <c>play</c>.</summary>
    public ReadOnlyMemory<byte> Opening { get; init; }

    /// <summary>Whether sending is shut down behind the last byte of the stream. If not, the owner may write again once <see cref="Subscriber.Finished"/> is done.</summary>
    public bool ShutdownAtEnd { get; init; } = true;
}

/// <summary>Why the egress loop let go of a subscriber.</summary>
public enum EndReason
{
    /// <summary>The show is over and every byte has been handed to the kernel.</summary>
    StreamEnded,

    /// <summary>Sending failed: the other side is gone.</summary>
    Closed,

    /// <summary>It was further behind than allowed.</summary>
    TooSlow,

    /// <summary>Its owner, or the stop of the server, asked for it.</summary>
    Stopped,
}

/// <param name="Text">For the log.</param>
public readonly record struct SubscriberEnd(EndReason Reason, string Text);
