using System.Text;
using Sluice.Pipeline.Net;
using Sluice.Wire.WebSockets;

namespace Sluice.Pipeline.Output.WsFlv;

/// <summary>What a client that asks for a WebSocket has said (RFC 6455 §4.1).</summary>
/// <param name="Key">Its <c>Sec-WebSocket-Key</c>.</param>
/// <param name="Version">Its <c>Sec-WebSocket-Version</c>.</param>
internal readonly record struct WebSocketOffer(string Key, string Version)
{
    /// <summary>Null where the head asks for no upgrade.</summary>
    public static WebSocketOffer? From(ReadOnlySpan<byte> head)
    {
        if (!Ascii.EqualsIgnoreCase(HttpHead.Header(head, "upgrade"), "websocket")) return null;
        return new WebSocketOffer(Text(HttpHead.Header(head, "sec-websocket-key")), Text(HttpHead.Header(head, "sec-websocket-version")));
    }

    /// <summary>Why it cannot be taken, with the status that says so; null: it can.</summary>
    public (int Status, string Title, string Reason)? Refusal()
    {
        if (Version != WebSocketHandshake.Version) return (426, "Upgrade Required", $"the version of WebSocket is {WebSocketHandshake.Version}");
        return WebSocketHandshake.IsKey(Key) ? null : (400, "Bad Request", "Sec-WebSocket-Key must be 16 bytes in base64");
    }

    /// <summary>The head of the answer that opens it.</summary>
    public byte[] Answer() => Encoding.ASCII.GetBytes($"""
        HTTP/1.1 101 Switching Protocols
        Upgrade: websocket
        Connection: Upgrade
        Sec-WebSocket-Accept: {WebSocketHandshake.Accept(Key)}


        """.ReplaceLineEndings("\r\n"));

    private static string Text(ReadOnlySpan<byte> value) => Encoding.ASCII.GetString(value);
}
