using System.Buffers;
using Sluice.Wire.Flv;

namespace Sluice.Bench;

/// <summary>One tag of the loop.</summary>
/// <param name="Time">Milliseconds since the file's first tag.</param>
/// <param name="IsOnce">Codec configurations and metadata: for the first lap only.</param>
internal readonly record struct LoopTag(FlvTagType Type, long Time, byte[] Body, bool IsOnce);

/// <summary>An FLV file in memory, to be played round and round with running times.</summary>
internal sealed class FlvLoop
{
    private const long UsualStep = 40;

    private FlvLoop(List<LoopTag> tags)
    {
        var pictures = LengthOf(tags, FlvTagType.Video);
        Length = pictures > 0 ? pictures : LengthOf(tags, FlvTagType.Audio);
        Tags = [.. tags.Where(tag => tag.Type == FlvTagType.Video || tag.Time < Length)];
    }

    /// <summary>In the order of the file. Sound that is longer than the pictures is left out: pictures are to have no seam.</summary>
    public IReadOnlyList<LoopTag> Tags { get; }

    /// <summary>Milliseconds from one lap's first tag to the next lap's.</summary>
    public long Length { get; }

    /// <summary>Null, with the reason, where the file cannot be read or holds no media.</summary>
    public static FlvLoop? Load(string file, out string? reason)
    {
        var tags = new List<LoopTag>();
        try
        {
            reason = ReadAll(File.ReadAllBytes(file), tags);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = error.Message;
        }
        if (reason is null && tags.All(tag => tag.IsOnce)) reason = "it holds no pictures and no sound";
        return reason is null ? new FlvLoop(tags) : null;
    }

    private static string? ReadAll(ReadOnlySpan<byte> bytes, List<LoopTag> tags)
    {
        using var reader = new FlvReader();
        long? first = null;
        while (!bytes.IsEmpty)
        {
            var status = reader.Read(bytes, out var consumed, out var tag);
            if (status == OperationStatus.InvalidData) return reader.Error;
            if (status == OperationStatus.NeedMoreData) return null;
            bytes = bytes[consumed..];
            var content = tag.Type switch
            {
                FlvTagType.Video => VideoTag.Normalise(tag.Body).Content,
                FlvTagType.Audio => AudioTag.Normalise(tag.Body).Content,
                _ => TagContent.Header,
            };
            if (content is TagContent.Frame or TagContent.Header)
                tags.Add(new LoopTag(tag.Type, Math.Max(0, tag.Time - (first ??= tag.Time)), tag.Body.Span.ToArray(), content == TagContent.Header));
            tag.Body.Release();
        }
        return null;
    }

    /// <summary>From a track's first frame to when the next would be due behind its last one; 0 where it has none.</summary>
    private static long LengthOf(List<LoopTag> tags, FlvTagType type)
    {
        var times = tags.Where(tag => tag.Type == type && !tag.IsOnce).Select(tag => tag.Time).ToArray();
        return times.Length switch { 0 => 0, 1 => UsualStep, _ => times[^1] - times[0] + Math.Max(1, times[^1] - times[^2]) };
    }
}
