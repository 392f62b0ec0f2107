using Sluice.Wire.Buffers;

namespace Sluice.Wire.Rtmp;

/// <summary>What a reader remembers of one chunk stream: the fields that its next header may leave out, and the message under way.</summary>
internal sealed class ChunkStream(int id)
{
    public readonly int Id = id;
    public uint Timestamp;

    /// <summary>What a format-3 header that begins a message adds: the last delta, or after a format 0 that header's time.</summary>
    public uint Delta;

    public int Length;
    public RtmpMessageType Type;
    public uint MessageStreamId;

    /// <summary>The last header had an extended time, of the value <see cref="Delta"/>; format-3 headers may repeat it.</summary>
    public bool IsExtended;

    /// <summary>The message under way; this holds its one reference.</summary>
    public SharedBuffer? Body;
}
