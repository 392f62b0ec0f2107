using System.Buffers;
using System.Buffers.Binary;

namespace Sluice.Wire.WebSockets;

/// <summary>Reads what a client sends on a WebSocket (RFC 6455 §5): hands out Close, Ping and Pong; the data of a viewer is skipped, as nothing is asked of it.</summary>
/// <remarks>No I/O, one caller at a time. Takes bytes at any split. A client masks every frame; lengths are bounded by <see cref="MaxData"/>.</remarks>
public sealed class WebSocketReader
{
    /// <summary>The longest frame of data that is skipped; a longer one ends the reading.</summary>
    public const int MaxData = 64 << 10;

    private const int MaxHead = 14;

    // The head under way, then, of a control frame, its payload: unmasked as it comes.
    private readonly byte[] _bytes = new byte[MaxHead + WebSocketFrame.MaxControlPayload];
    private int _headLength;
    private int _headSize = 2;
    private int _payloadLength;
    private int _payloadTaken;
    private bool _isFragmented;

    /// <summary>Why reading ended, after <see cref="OperationStatus.InvalidData"/>.</summary>
    public string? Error { get; private set; }

    /// <summary>Of the control frame last handed out; valid until the next call.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.AsSpan(MaxHead, _payloadLength);

    private WebSocketOpcode Opcode => (WebSocketOpcode)(_bytes[0] & 0x0F);

    private bool IsControl => (_bytes[0] & 0x08) != 0;

    private bool IsHeadWhole => _headLength == _headSize;

    /// <summary>Takes bytes up to the end of one control frame.</summary>
    /// <returns>Done: <paramref name="opcode"/> and <see cref="Payload"/> are a control frame. NeedMoreData: all bytes were taken. InvalidData: see <see cref="Error"/>.</returns>
    public OperationStatus Read(ReadOnlySpan<byte> input, out int consumed, out WebSocketOpcode opcode)
    {
        consumed = 0;
        opcode = default;
        while (Error is null)
        {
            if (!IsHeadWhole && !TakeHead(input, ref consumed)) break;
            var taken = Math.Min(input.Length - consumed, _payloadLength - _payloadTaken);
            if (IsControl) Unmask(input.Slice(consumed, taken));
            consumed += taken;
            _payloadTaken += taken;
            if (_payloadTaken < _payloadLength) return OperationStatus.NeedMoreData;
            (_headLength, _headSize) = (0, 2);
            opcode = Opcode;
            if (IsControl) return OperationStatus.Done;
        }
        return Error is null ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
    }

    /// <summary>Takes bytes of the head until it is whole and looked at. False: they do not suffice, or it is none.</summary>
    private bool TakeHead(ReadOnlySpan<byte> input, ref int consumed)
    {
        while (consumed < input.Length)
        {
            _bytes[_headLength++] = input[consumed++];
            if (_headLength == 2 && !Begin()) return false;
            if (_headLength == _headSize) return MeasurePayload();
        }
        return false;
    }

    private bool Begin()
    {
        if ((_bytes[0] & 0x70) != 0) return Fail("a frame uses an extension that was not agreed on");
        var isLast = (_bytes[0] & 0x80) != 0;
        var length = _bytes[1] & 0x7F;
        if ((_bytes[1] & 0x80) == 0) return Fail("a frame of a client is not masked");
        switch (Opcode)
        {
            case WebSocketOpcode.Close or WebSocketOpcode.Ping or WebSocketOpcode.Pong:
                if (!isLast || length > WebSocketFrame.MaxControlPayload) return Fail("a control frame is in pieces, or longer than 125 bytes");
                break;
            case WebSocketOpcode.Continuation:
                if (!_isFragmented) return Fail("a continuation continues nothing");
                _isFragmented = !isLast;
                break;
            case WebSocketOpcode.Text or WebSocketOpcode.Binary:
                if (_isFragmented) return Fail("a message begins inside another");
                _isFragmented = !isLast;
                break;
            default:
                return Fail($"a frame has the unknown opcode {(byte)Opcode}");
        }
        _headSize = 2 + 4 + length switch { 126 => 2, 127 => 8, _ => 0 };
        return true;
    }

    private bool MeasurePayload()
    {
        var length = (_bytes[1] & 0x7F) switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(2)),
            127 => BinaryPrimitives.ReadUInt64BigEndian(_bytes.AsSpan(2)),
            var small => (ulong)small,
        };
        if (length > MaxData) return Fail($"a frame is longer than {MaxData} bytes");
        (_payloadLength, _payloadTaken) = ((int)length, 0);
        return true;
    }

    private void Unmask(ReadOnlySpan<byte> masked)
    {
        var mask = _bytes.AsSpan(_headSize - 4, 4);
        for (var i = 0; i < masked.Length; i++) _bytes[MaxHead + _payloadTaken + i] = (byte)(masked[i] ^ mask[(_payloadTaken + i) & 3]);
    }

    private bool Fail(string reason)
    {
        Error = reason;
        return false;
    }
}
