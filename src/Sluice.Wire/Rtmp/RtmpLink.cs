using System.Buffers;
using System.Buffers.Binary;

namespace Sluice.Wire.Rtmp;

/// <summary>
/// What server and client do alike behind the handshake: read chunks, acknowledge bytes, answer pings and bandwidth, split aggregates.
/// Hands out commands, data and media.
/// </summary>
internal sealed class RtmpLink(IBufferWriter<byte> output, RtmpLimits limits) : IDisposable
{
    // Acknowledged without being asked: some encoders wait for it though they never name a window.
    private const uint DefaultWindow = 2_500_000;
    private const uint MinWindow = 4096;

    private readonly ChunkReader _chunks = new(limits);
    private AggregateReader _aggregate;
    private uint _window = DefaultWindow;
    private long _received;
    private long _acknowledged;

    public RtmpWriter Writer { get; } = new(output);

    /// <summary>Why reading ended.</summary>
    public string? Error { get; private set; }

    /// <inheritdoc cref="ChunkReader.IsAuthorised"/>
    public bool IsAuthorised
    {
        set => _chunks.IsAuthorised = value;
    }

    /// <summary>Counts bytes that the handshake took; they are acknowledged like all others.</summary>
    public void Count(int bytes) => _received += bytes;

    /// <inheritdoc cref="ChunkReader.Read"/>
    public OperationStatus Read(ReadOnlySpan<byte> input, out int consumed, out RtmpMessage message)
    {
        consumed = 0;
        while (true)
        {
            if (_aggregate.IsOpen)
            {
                if (_aggregate.TryRead(out message)) return OperationStatus.Done;
                Error = _aggregate.Error;
                _aggregate.Close();
                if (Error is not null) return OperationStatus.InvalidData;
            }
            var status = _chunks.Read(input[consumed..], out var taken, out message);
            consumed += taken;
            Acknowledge(taken);
            if (status == OperationStatus.InvalidData) Error = _chunks.Error;
            if (status != OperationStatus.Done || !Obey(message)) return status;
        }
    }

    public void Dispose()
    {
        _chunks.Dispose();
        _aggregate.Close();
    }

    private void Acknowledge(int bytes)
    {
        _received += bytes;
        if (_received - _acknowledged < _window / 2) return;
        _acknowledged = _received;
        Writer.Acknowledgement((uint)_received);
    }

    /// <summary>Deals with a message that is about the connection itself; false for the rest.</summary>
    private bool Obey(in RtmpMessage message)
    {
        switch (message.Type)
        {
            case RtmpMessageType.Aggregate:
                _aggregate = new AggregateReader(message);
                return true;
            case RtmpMessageType.UserControl:
                OnUserControl(message.Body.Span);
                break;
            case RtmpMessageType.WindowAckSize when message.Body.Length >= 4:
                _window = Math.Max(BinaryPrimitives.ReadUInt32BigEndian(message.Body.Span), MinWindow);
                break;
            case RtmpMessageType.SetPeerBandwidth when message.Body.Length >= 4:
                Writer.WindowAckSize(BinaryPrimitives.ReadUInt32BigEndian(message.Body.Span));
                break;
            case RtmpMessageType.Audio or RtmpMessageType.Video or RtmpMessageType.Data or RtmpMessageType.Amf3Data
                or RtmpMessageType.Command or RtmpMessageType.Amf3Command:
                return false;
        }
        message.Body.Release();
        return true;
    }

    private void OnUserControl(ReadOnlySpan<byte> body)
    {
        if (body.Length < 6 || BinaryPrimitives.ReadUInt16BigEndian(body) != (ushort)UserControlEvent.PingRequest) return;
        Writer.UserControl(UserControlEvent.PingResponse, BinaryPrimitives.ReadUInt32BigEndian(body[2..]));
    }
}
