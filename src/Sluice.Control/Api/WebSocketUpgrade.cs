using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Sluice.Wire.WebSockets;

namespace Sluice.Control.Api;

/// <summary>A request for a WebSocket on a connection of the web host: over HTTP/1.1 (RFC 6455 §4) or HTTP/2 (RFC 8441 §5). What is sent on it is the caller's.</summary>
internal sealed class WebSocketUpgrade
{
    private readonly HttpContext _context;
    private readonly IHttpExtendedConnectFeature? _connect;

    private WebSocketUpgrade(HttpContext context, IHttpExtendedConnectFeature? connect) => (_context, _connect) = (context, connect);

    /// <summary>Null where the request asks for none.</summary>
    public static WebSocketUpgrade? Of(HttpContext context)
    {
        if (context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" } connect) return new(context, connect);
        var isAsked = context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest == true
            && string.Equals(context.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);
        return isAsked ? new(context, null) : null;
    }

    /// <summary>Why it cannot be taken; null: it can.</summary>
    public (int Status, string Reason)? Refusal
    {
        get
        {
            var headers = _context.Request.Headers;
            if (headers.SecWebSocketVersion != WebSocketHandshake.Version)
            {
                _context.Response.Headers.SecWebSocketVersion = WebSocketHandshake.Version;
                return (StatusCodes.Status426UpgradeRequired, $"the version of WebSocket is {WebSocketHandshake.Version}");
            }
            if (_connect is null && !WebSocketHandshake.IsKey(headers.SecWebSocketKey.ToString())) return (StatusCodes.Status400BadRequest, "Sec-WebSocket-Key must be 16 bytes in base64");
            return null;
        }
    }

    /// <summary>Answers the request. The connection ends when the request's handler returns.</summary>
    public async Task<Stream> AcceptAsync()
    {
        if (_connect is not null) return await _connect.AcceptAsync();
        var headers = _context.Response.Headers;
        headers[HeaderNames.Upgrade] = "websocket";
        headers[HeaderNames.Connection] = "Upgrade";
        headers[HeaderNames.SecWebSocketAccept] = WebSocketHandshake.Accept(_context.Request.Headers.SecWebSocketKey.ToString());
        return await _context.Features.GetRequiredFeature<IHttpUpgradeFeature>().UpgradeAsync();
    }
}
