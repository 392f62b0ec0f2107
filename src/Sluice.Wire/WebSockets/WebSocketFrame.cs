using System.Buffers.Binary;

namespace Sluice.Wire.WebSockets;

/// <summary>What a frame is (RFC 6455 §5.2).</summary>
public enum WebSocketOpcode : byte
{
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// <summary>Why a WebSocket is closed (RFC 6455 §7.4.1).</summary>
public enum WebSocketCloseCode : ushort
{
    Normal = 1000,
    ProtocolError = 1002,
}

/// <summary>Frames as a server sends them: whole messages, unmasked (RFC 6455 §5.2).</summary>
/// <remarks>
/// <code>
/// 1 fin | 000 | opcode 4 ‖ 0 mask | length 7          length &lt; 126
///                        ‖ 0      | 126 | length 16   length &lt; 65536
///                        ‖ 0      | 127 | length 64
/// </code>
/// </remarks>
public static class WebSocketFrame
{
    /// <summary>The longest head that a server writes.</summary>
    public const int MaxHead = 10;

    /// <summary>The longest payload of Close, Ping and Pong.</summary>
    public const int MaxControlPayload = 125;

    private const byte Fin = 0x80;

    /// <summary>Writes the head of a frame; returns its length.</summary>
    /// <param name="to">At least <see cref="MaxHead"/> bytes.</param>
    public static int WriteHead(Span<byte> to, WebSocketOpcode opcode, int payloadLength)
    {
        to[0] = (byte)(Fin | (byte)opcode);
        switch (payloadLength)
        {
            case < 126:
                to[1] = (byte)payloadLength;
                return 2;
            case <= ushort.MaxValue:
                to[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)payloadLength);
                return 4;
            default:
                to[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(to[2..], (ulong)payloadLength);
                return MaxHead;
        }
    }

    /// <summary>A whole Pong with the payload of the Ping that it answers.</summary>
    public static byte[] Pong(ReadOnlySpan<byte> payload)
    {
        var frame = new byte[2 + payload.Length];
        WriteHead(frame, WebSocketOpcode.Pong, payload.Length);
        payload.CopyTo(frame.AsSpan(2));
        return frame;
    }

    /// <summary>A whole Close.</summary>
    public static byte[] Close(WebSocketCloseCode code)
    {
        var frame = new byte[4];
        WriteHead(frame, WebSocketOpcode.Close, 2);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)code);
        return frame;
    }
}
