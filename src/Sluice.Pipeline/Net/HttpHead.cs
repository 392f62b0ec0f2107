using System.Text;

namespace Sluice.Pipeline.Net;

/// <summary>The head of an HTTP/1.x request, as bytes (RFC 9112 §5).</summary>
internal static class HttpHead
{
    /// <summary>The value of the first header of this name, without the spaces around it; empty where there is none.</summary>
    /// <param name="head">The request line and headers, each but the last ended by CR LF.</param>
    /// <param name="name">In lower case.</param>
    public static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, string name)
    {
        while (head.IndexOf("\r\n"u8) is var end and >= 0)
        {
            head = head[(end + 2)..];
            if (head.Length <= name.Length || head[name.Length] != ':' || !Ascii.EqualsIgnoreCase(head[..name.Length], name)) continue;
            var value = head[(name.Length + 1)..];
            var length = value.IndexOf("\r\n"u8);
            return (length < 0 ? value : value[..length]).Trim(" \t"u8);
        }
        return default;
    }
}
