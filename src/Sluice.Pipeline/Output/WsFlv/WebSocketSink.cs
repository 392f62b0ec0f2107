using Sluice.Wire.WebSockets;

namespace Sluice.Pipeline.Output.WsFlv;

/// <summary>A connection whose bytes go as binary messages of a WebSocket (RFC 6455 §5.6): one for what each send offers, its head in the same send.</summary>
/// <remarks>
/// <code>
/// [pong] head ‖ payload …     what the connection does not take is owed: no frame begins inside another
/// </code>
/// Written by the egress loop; only <see cref="Answer"/> and <see cref="CloseCode"/> are for the reading side.
/// </remarks>
internal sealed class WebSocketSink(IByteSink connection) : IByteSink
{
    private byte[] _head = new byte[WebSocketFrame.MaxHead];
    private int _headAt;
    private int _headEnd;
    private int _payloadLeft;
    private byte[]? _pong;
    private volatile WebSocketCloseCode _closeCode = WebSocketCloseCode.Normal;
    private bool _isClosing;

    public string? Error => connection.Error;

    public int NotSent => connection.NotSent;

    /// <summary>What the last frame says.</summary>
    public WebSocketCloseCode CloseCode
    {
        set => _closeCode = value;
    }

    /// <summary>A whole frame to go between two others; a newer one takes its place, as RFC 6455 §5.5.3 allows. Any thread.</summary>
    public void Answer(byte[] pong) => Volatile.Write(ref _pong, pong);

    public int Send(ReadOnlyMemory<byte> bytes)
    {
        var taken = 0;
        while (taken < bytes.Length)
        {
            if (_payloadLeft == 0 && !SendHead()) break;
            if (_payloadLeft == 0) Begin(WebSocketOpcode.Binary, bytes.Length - taken);
            var sent = SendFrame(bytes.Slice(taken, Math.Min(bytes.Length - taken, _payloadLeft)));
            if (sent < 0) return -1;
            taken += sent;
            if (_payloadLeft > 0) break;
        }
        return taken == 0 && Error is not null ? -1 : taken;
    }

    public bool Flush()
    {
        if (_payloadLeft == 0 && Volatile.Read(ref _pong) is not null && _headAt == _headEnd) TakePong(0);
        return (_payloadLeft > 0 || SendHead()) && connection.Flush();
    }

    public void SetNotSentLimit(int bytes) => connection.SetNotSentLimit(bytes);

    /// <summary>Says why, then as every connection.</summary>
    public bool Finish()
    {
        if (!_isClosing)
        {
            _isClosing = true;
            (_head, _headAt) = (WebSocketFrame.Close(_closeCode), 0);
            _headEnd = _head.Length;
        }
        return SendHead() && connection.Finish();
    }

    private void Begin(WebSocketOpcode opcode, int length)
    {
        if (Volatile.Read(ref _pong) is not null) TakePong(WebSocketFrame.MaxHead);
        else (_headAt, _headEnd) = (0, 0);
        _headEnd += WebSocketFrame.WriteHead(_head.AsSpan(_headEnd), opcode, length);
        _payloadLeft = length;
    }

    /// <summary>What is to go before the next payload begins with the pong; <paramref name="room"/> bytes more fit behind it.</summary>
    private void TakePong(int room)
    {
        var pong = Interlocked.Exchange(ref _pong, null)!;
        if (_head.Length < pong.Length + room) _head = new byte[pong.Length + room];
        pong.CopyTo(_head, 0);
        (_headAt, _headEnd) = (0, pong.Length);
    }

    /// <summary>What is left of the head, and of the payload what is given. Returns the bytes taken of the payload, −1: gone.</summary>
    private int SendFrame(ReadOnlyMemory<byte> payload)
    {
        var head = _head.AsMemory(_headAt, _headEnd - _headAt);
        var sent = head.IsEmpty ? connection.Send(payload) : connection.Send(head, payload);
        if (sent < 0) return -1;
        var ofHead = Math.Min(sent, head.Length);
        _headAt += ofHead;
        _payloadLeft -= sent - ofHead;
        return sent - ofHead;
    }

    /// <summary>True: nothing is left of it.</summary>
    private bool SendHead()
    {
        if (_headAt == _headEnd) return true;
        var sent = connection.Send(_head.AsMemory(_headAt, _headEnd - _headAt));
        if (sent > 0) _headAt += sent;
        return _headAt == _headEnd;
    }
}
