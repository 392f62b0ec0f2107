using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Output;

/// <summary>
/// onMetaData as we pass it on: the publisher's, with what the connection's time 0 is added: <c>originUtc</c>, its wall time (milliseconds since 1970), and
/// <c>originPts</c>, its place on the output's time line (milliseconds), by which cues are found.
/// </summary>
internal static class Metadata
{
    private const byte ObjectMarker = 0x03;
    private const byte EcmaArrayMarker = 0x08;

    private static ReadOnlySpan<byte> Name => "\u0002\0\u000aonMetaData"u8;

    private static ReadOnlySpan<byte> ObjectEnd => [0, 0, 9];

    /// <summary>Length-prefixed property names of AMF0, and the marker of a number.</summary>
    private static ReadOnlySpan<byte> OriginUtc => "\0\u0009originUtc\0"u8;

    private static ReadOnlySpan<byte> OriginPts => "\0\u0009originPts\0"u8;

    /// <summary>As an AMF0 string with its marker, before onMetaData: what publishers send first.</summary>
    public static ReadOnlySpan<byte> SetDataFrame => "\u0002\0\u000d@setDataFrame"u8;

    /// <summary>|RtmpSampleAccess, true, true: a data message that players pass over.</summary>
    public static ReadOnlySpan<byte> Harmless => "\u0002\0\u0011|RtmpSampleAccess\u0001\u0001\u0001\u0001"u8;

    /// <summary>Bytes that <see cref="Append"/> may write for <paramref name="metadata"/>.</summary>
    public static int LengthOf(byte[]? metadata) => (metadata?.Length ?? Name.Length + 1 + 4 + ObjectEnd.Length) + OriginUtc.Length + OriginPts.Length + (2 * sizeof(double));

    /// <summary>Appends onMetaData; made up where <paramref name="metadata"/> is null, as it came where it is not of the usual form.</summary>
    public static void Append(SharedBuffer to, byte[]? metadata, long originUtc, long originPts)
    {
        ReadOnlySpan<byte> body = metadata ?? [.. Name, EcmaArrayMarker, 0, 0, 0, 0, .. ObjectEnd];
        var start = Name.Length;
        if (body.Length < start + 1 + ObjectEnd.Length || !body.StartsWith(Name) || body[start] is not (ObjectMarker or EcmaArrayMarker) || !body.EndsWith(ObjectEnd))
        {
            to.Append(body);
            return;
        }
        var at = to.Length + start + 1;
        to.Append(body[..^ObjectEnd.Length]);
        AppendNumber(to, OriginUtc, originUtc);
        AppendNumber(to, OriginPts, originPts);
        to.Append(ObjectEnd);
        if (body[start] != EcmaArrayMarker) return;
        var count = to.Span[at..];
        BinaryPrimitives.WriteUInt32BigEndian(count, BinaryPrimitives.ReadUInt32BigEndian(count) + 2);
    }

    private static void AppendNumber(SharedBuffer to, ReadOnlySpan<byte> key, long value)
    {
        to.Append(key);
        Span<byte> number = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleBigEndian(number, value);
        to.Append(number);
    }
}
