using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Sluice.Pipeline.Media;

namespace Fixtures;

/// <summary>What a frame shows or sounds: its encode, the timeline's picture (−1: it is sound), and its place on the timeline in milliseconds.</summary>
public readonly record struct Content(string Encode, int Number, double Ms);

/// <summary>Tells by its coded bytes what a frame contains, without decoding it.</summary>
public sealed class ContentMap
{
    private const int SliceOfOther = 1, SliceOfIdr = 5, NalType = 0x1F;

    private readonly Dictionary<ulong, Content> _contents = [];

    public int Count => _contents.Count;

    /// <exception cref="ArgumentException">Another frame has the same bytes.</exception>
    public void Add(in Frame frame, Content content) => _contents.Add(Identity(frame), content);

    /// <summary>Null: it is of no encode, such as inserted silence.</summary>
    public Content? Of(in Frame frame) => _contents.TryGetValue(Identity(frame), out var content) ? content : null;

    /// <summary>A hash of the sound, or of the picture's slices alone: parameter sets may be put before them or taken away on the way.</summary>
    private static ulong Identity(in Frame frame)
    {
        var payload = frame.Body.Span[frame.PayloadOffset..];
        if (frame.Kind != TrackKind.Video) return Hash(payload);
        var identity = 0UL;
        while (payload.Length > sizeof(int))
        {
            var length = Math.Min(BinaryPrimitives.ReadInt32BigEndian(payload), payload.Length - sizeof(int));
            var unit = payload.Slice(sizeof(int), length);
            if ((unit[0] & NalType) is SliceOfOther or SliceOfIdr) identity = identity * 31 + Hash(unit);
            payload = payload[(sizeof(int) + length)..];
        }
        return identity;
    }

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return MemoryMarshal.Read<ulong>(hash);
    }
}
