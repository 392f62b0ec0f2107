using Sluice.Wire.Buffers;

namespace Sluice.Wire.Rtmp;

/// <summary>RTMP 1.0 §5.4, §7.1. Audio, video and data have the numbers of FLV's tag types.</summary>
public enum RtmpMessageType : byte
{
    SetChunkSize = 1,
    Abort = 2,
    Acknowledgement = 3,
    UserControl = 4,
    WindowAckSize = 5,
    SetPeerBandwidth = 6,
    Audio = 8,
    Video = 9,
    Amf3Data = 15,
    Amf3SharedObject = 16,
    Amf3Command = 17,
    Data = 18,
    SharedObject = 19,
    Command = 20,
    Aggregate = 22,
}

/// <summary>Events of a <see cref="RtmpMessageType.UserControl"/> message (RTMP 1.0 §7.1.7).</summary>
public enum UserControlEvent : ushort
{
    StreamBegin = 0,
    StreamEof = 1,
    SetBufferLength = 3,
    PingRequest = 6,
    PingResponse = 7,
}

/// <summary>One message. The receiver owns the one reference to <paramref name="Body"/>.</summary>
/// <param name="Timestamp">Milliseconds, 32 bits that wrap around.</param>
public readonly record struct RtmpMessage(RtmpMessageType Type, int ChunkStreamId, uint MessageStreamId, uint Timestamp, SharedBuffer Body);
