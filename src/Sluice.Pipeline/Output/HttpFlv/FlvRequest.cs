using System.Text;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output.WsFlv;

namespace Sluice.Pipeline.Output.HttpFlv;

/// <summary>A plain <c>GET /app/name.flv?query HTTP/1.x</c>: what of its head matters to us (RFC 9112 §3).</summary>
/// <param name="Path"><c>app/name</c>, percent-decoded, without the extension.</param>
/// <param name="Query">As it came, without its <c>?</c>.</param>
/// <param name="WebSocket">What it asks for is FLV over WebSocket; null: a plain answer.</param>
internal readonly record struct FlvRequest(string Path, string Query, WebSocketOffer? WebSocket)
{
    public const int MaxHead = Net.FirstBytes.MaxHead;

    private const string Extension = ".flv";

    /// <summary>Reads a whole head, up to and with its empty line; null, and why, if it is no such request.</summary>
    public static FlvRequest? Parse(ReadOnlySpan<byte> head, out string? reason)
    {
        reason = "the request line is no GET of a .flv";
        var end = head.IndexOf("\r\n"u8);
        if (end < 0) return null;
        var line = head[..end];
        if (line.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E)) return null;
        var words = Encoding.ASCII.GetString(line).Split(' ');
        if (words is not ["GET", ['/', .. var target], "HTTP/1.0" or "HTTP/1.1"]) return null;
        var isOld = words[2] == "HTTP/1.0";
        if (!isOld && HttpHead.Header(head, "host").IsEmpty)
        {
            reason = "a request of HTTP/1.1 needs a Host";
            return null;
        }
        var query = target.IndexOf('?');
        var path = Uri.UnescapeDataString(query < 0 ? target : target[..query]);
        if (!path.EndsWith(Extension, StringComparison.Ordinal)) return null;
        reason = null;
        return new FlvRequest(path[..^Extension.Length], query < 0 ? "" : target[(query + 1)..], WebSocketOffer.From(head));
    }
}
