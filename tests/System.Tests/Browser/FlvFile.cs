using System.Buffers;
using Sluice.Wire.Flv;

namespace System.Tests.Browser;

/// <summary>One tag of an FLV file, in memory of its own.</summary>
/// <param name="Due">When a live server would send it, in milliseconds since the first.</param>
/// <param name="Time">The time stamp that it bears.</param>
public sealed record FlvFileTag(FlvTagType Type, long Due, long Time, byte[] Body)
{
    public bool IsHeader => Type is FlvTagType.Video or FlvTagType.Audio && Body is [_, 0, ..];

    public bool IsKey => Type == FlvTagType.Video && Body is [0x17, 1, ..];
}

/// <summary>FLV as a list of tags, to take apart and put together otherwise.</summary>
public static class FlvFile
{
    public static IReadOnlyList<FlvFileTag> Read(byte[] file)
    {
        var tags = new List<FlvFileTag>();
        using var reader = new FlvReader();
        var rest = file.AsSpan();
        while (reader.Read(rest, out var consumed, out var tag) == OperationStatus.Done)
        {
            rest = rest[consumed..];
            tags.Add(new FlvFileTag(tag.Type, tag.Time, tag.Time, tag.Body.Span.ToArray()));
            tag.Body.Release();
        }
        return tags;
    }

    public static byte[] Bytes(FlvFileTag tag)
    {
        var bytes = new byte[FlvTagHeader.Size + tag.Body.Length + FlvTagHeader.TrailerSize];
        FlvTagHeader.Write(bytes, tag.Type, tag.Body.Length, (uint)tag.Time);
        tag.Body.CopyTo(bytes, FlvTagHeader.Size);
        FlvTagHeader.WriteTrailer(bytes.AsSpan(FlvTagHeader.Size + tag.Body.Length), tag.Body.Length);
        return bytes;
    }
}
