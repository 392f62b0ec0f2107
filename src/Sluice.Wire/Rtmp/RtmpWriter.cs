using System.Buffers;
using System.Buffers.Binary;
using Sluice.Wire.Amf0;

namespace Sluice.Wire.Rtmp;

/// <summary>
/// Writes what a session says beside media: control messages on chunk stream 2, commands on 3, what belongs to one message stream on 5.
/// Every message begins with a full header, so that it may stand between any two others.
/// </summary>
internal sealed class RtmpWriter(IBufferWriter<byte> output)
{
    private const int ControlChunkStream = 2;
    private const int CommandChunkStream = 3;
    private const int StreamChunkStream = 5;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _scratch;

    private int _chunkSize = ChunkWriter.DefaultChunkSize;

    public void SetChunkSize(int size)
    {
        Control(RtmpMessageType.SetChunkSize, (uint)size);
        _chunkSize = size;
    }

    public void Acknowledgement(uint received) => Control(RtmpMessageType.Acknowledgement, received);

    public void WindowAckSize(uint size) => Control(RtmpMessageType.WindowAckSize, size);

    public void PeerBandwidth(uint size)
    {
        const byte dynamic = 2;
        Span<byte> body = stackalloc byte[5];
        BinaryPrimitives.WriteUInt32BigEndian(body, size);
        body[4] = dynamic;
        Write(ControlChunkStream, RtmpMessageType.SetPeerBandwidth, 0, body);
    }

    public void UserControl(UserControlEvent kind, uint value, uint? second = null)
    {
        Span<byte> body = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)kind);
        BinaryPrimitives.WriteUInt32BigEndian(body[2..], value);
        BinaryPrimitives.WriteUInt32BigEndian(body[6..], second ?? 0);
        Write(ControlChunkStream, RtmpMessageType.UserControl, 0, body[..(second is null ? 6 : 10)]);
    }

    public void Command(uint messageStreamId, params ReadOnlySpan<Amf0Value> values) => Values(RtmpMessageType.Command, messageStreamId, values);

    public void Data(uint messageStreamId, params ReadOnlySpan<Amf0Value> values) => Values(RtmpMessageType.Data, messageStreamId, values);

    private void Values(RtmpMessageType type, uint messageStreamId, ReadOnlySpan<Amf0Value> values)
    {
        var scratch = _scratch ??= new ArrayBufferWriter<byte>();
        scratch.ResetWrittenCount();
        var writer = new Amf0Writer(scratch);
        foreach (var value in values) writer.Value(value);
        Write(messageStreamId == 0 ? CommandChunkStream : StreamChunkStream, type, messageStreamId, scratch.WrittenSpan);
    }

    private void Control(RtmpMessageType type, uint value)
    {
        Span<byte> body = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(body, value);
        Write(ControlChunkStream, type, 0, body);
    }

    private void Write(int chunkStreamId, RtmpMessageType type, uint messageStreamId, ReadOnlySpan<byte> body) =>
        ChunkWriter.Write(output, new ChunkHeader(0, chunkStreamId, type, messageStreamId, 0, body.Length), _chunkSize, body);
}
