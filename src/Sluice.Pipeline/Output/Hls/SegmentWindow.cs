using System.Collections.Immutable;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>The complete segments that can still be fetched, oldest first; their numbers follow each other. Used under the stream's lock.</summary>
/// <remarks>Bounded: the last <see cref="HlsVersion.Kept"/>, or as many as <paramref name="maxBytes"/> has room for. It holds their parts until they leave it.</remarks>
internal sealed class SegmentWindow(long maxBytes)
{
    private const int Fewest = 4;

    private long _bytes;

    public ImmutableArray<HlsSegment> Segments { get; private set; } = [];

    /// <summary>A segment of that number begins. What could not be packaged has numbers, too: where one was left out all before it go, as a playlist has none left out.</summary>
    public void Expect(long number)
    {
        if (Segments.Length > 0 && number != Segments[^1].Number + 1) Clear();
    }

    /// <summary>Takes a segment over, the one expected.</summary>
    public void Add(HlsSegment segment)
    {
        Segments = Segments.Add(segment);
        _bytes += segment.Length;
        while (Segments.Length > HlsVersion.Kept || (_bytes > maxBytes && Segments.Length > Fewest)) RemoveOldest();
    }

    public void Clear()
    {
        while (Segments.Length > 0) RemoveOldest();
    }

    private void RemoveOldest()
    {
        _bytes -= Segments[0].Length;
        Segments[0].Release();
        Segments = Segments.RemoveAt(0);
    }
}
