using System.Text;

namespace Sluice.Pipeline.Net;

/// <summary>Whose a new connection is.</summary>
public enum ConnectionKind
{
    /// <summary>Not told yet by the bytes so far.</summary>
    Unknown,

    /// <summary>RTMP, from its first byte 0x03.</summary>
    Rtmp,

    /// <summary>A plain HTTP/1.x <c>GET</c> of a path that ends in <c>.flv</c>; as a WebSocket, too.</summary>
    Flv,

    /// <summary>TLS, from its first byte 0x16 (a handshake record, RFC 8446 §5.1).</summary>
    Tls,

    /// <summary>Anything else: other HTTP, HTTP/2. The web host's.</summary>
    Web,
}

/// <summary>Tells by the first bytes of a connection what it speaks.</summary>
public static class FirstBytes
{
    /// <summary>The longest head of a request that is looked at; a longer one is the web host's to refuse.</summary>
    public const int MaxHead = 8 << 10;

    /// <summary>How RTMP begins.</summary>
    public const byte RtmpVersion = 3;

    /// <summary>How TLS begins.</summary>
    public const byte TlsHandshake = 0x16;

    /// <summary>What <paramref name="bytes"/>, the first of a connection, are the start of.</summary>
    public static ConnectionKind Classify(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return ConnectionKind.Unknown;
        if (bytes[0] == RtmpVersion) return ConnectionKind.Rtmp;
        if (bytes[0] == TlsHandshake) return ConnectionKind.Tls;
        var method = "GET /"u8;
        if (!bytes.StartsWith(method[..Math.Min(bytes.Length, method.Length)])) return ConnectionKind.Web;
        var line = bytes.IndexOf("\r\n"u8);
        if (line < 0) return bytes.Length < MaxHead ? ConnectionKind.Unknown : ConnectionKind.Web;
        if (!IsFlv(bytes[..line])) return ConnectionKind.Web;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return bytes.Length < MaxHead ? ConnectionKind.Unknown : ConnectionKind.Web;
        var upgrade = HttpHead.Header(bytes[..end], "upgrade");
        return upgrade.IsEmpty || Ascii.EqualsIgnoreCase(upgrade, "websocket") ? ConnectionKind.Flv : ConnectionKind.Web;
    }

    private static bool IsFlv(ReadOnlySpan<byte> line)
    {
        var space = line.LastIndexOf((byte)' ');
        if (!line[(space + 1)..].StartsWith("HTTP/1."u8)) return false;
        var target = line["GET ".Length..space];
        var query = target.IndexOf((byte)'?');
        return (query < 0 ? target : target[..query]).EndsWith(".flv"u8);
    }
}
