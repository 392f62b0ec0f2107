using System.Security.Cryptography;
using System.Text;

namespace Sluice.Wire.WebSockets;

/// <summary>The opening handshake of a WebSocket server (RFC 6455 §4.2).</summary>
public static class WebSocketHandshake
{
    /// <summary>The only version that there is.</summary>
    public const string Version = "13";

    private const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    /// <summary>Whether this is a <c>Sec-WebSocket-Key</c>: 16 bytes in base64.</summary>
    public static bool IsKey(string key)
    {
        Span<byte> nonce = stackalloc byte[18];
        return key.Length == 24 && Convert.TryFromBase64String(key, nonce, out var length) && length == 16;
    }

    /// <summary>The <c>Sec-WebSocket-Accept</c> that answers a key.</summary>
    public static string Accept(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + Guid)));
}
