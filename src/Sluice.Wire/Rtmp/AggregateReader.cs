using Sluice.Wire.Buffers;
using Sluice.Wire.Flv;

namespace Sluice.Wire.Rtmp;

/// <summary>Splits an aggregate message (RTMP 1.0 §7.1.6), FLV tags back to back, into the messages it stands for.</summary>
/// <remarks>Owns the aggregate until <see cref="Close"/>; each message is a copy with a reference for its receiver.</remarks>
internal struct AggregateReader(RtmpMessage aggregate)
{
    private readonly RtmpMessage _aggregate = aggregate;
    private uint? _firstTime;
    private int _at;

    public readonly bool IsOpen => _aggregate.Body is not null;

    /// <summary>Why it was not read to its end.</summary>
    public string? Error { get; private set; }

    /// <summary>The next message; false at the end, or where a length lies (<see cref="Error"/>).</summary>
    public bool TryRead(out RtmpMessage message)
    {
        message = default;
        var rest = _aggregate.Body.Span[_at..];
        if (rest.Length == 0) return false;
        if (rest.Length < FlvTagHeader.Size)
        {
            Error = "An aggregate ends inside a tag's header.";
            return false;
        }
        var tag = FlvTagHeader.Read(rest);
        if (tag.Length > rest.Length - FlvTagHeader.Size)
        {
            Error = $"A tag in an aggregate says that it is {tag.Length} bytes long; {rest.Length - FlvTagHeader.Size} are there.";
            return false;
        }
        _firstTime ??= tag.Time;
        var body = SharedBuffer.CopyOf(rest.Slice(FlvTagHeader.Size, tag.Length));
        message = new RtmpMessage((RtmpMessageType)tag.Type, _aggregate.ChunkStreamId, _aggregate.MessageStreamId, _aggregate.Timestamp + (tag.Time - _firstTime.Value), body);
        // Some senders leave out the last tag's trailer.
        _at = Math.Min(_at + FlvTagHeader.Size + tag.Length + FlvTagHeader.TrailerSize, _aggregate.Body.Length);
        return true;
    }

    public void Close()
    {
        _aggregate.Body?.Release();
        this = default;
    }
}
