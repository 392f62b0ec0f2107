using Sluice.Pipeline.Media;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Output;

/// <summary>One version of a stream's headers, as copies of their bodies: what holds at a place of a MuxLog and goes into the preface of whoever joins there.</summary>
/// <param name="Avc">The video header read, where it is AVC.</param>
/// <param name="HasAudio">Whether there is sound, header or not.</param>
/// <param name="HasVideo">Whether there are pictures, header or not.</param>
internal sealed record HeaderSet(byte[]? Metadata, byte[]? Video, byte[]? Audio, AvcConfig? Avc, bool HasAudio, bool HasVideo)
{
    public static readonly HeaderSet None = new(null, null, null, null, false, false);

    private int _viewers;

    /// <summary>Running viewers that were given this version.</summary>
    public int Viewers => Volatile.Read(ref _viewers);

    public void Enter() => Interlocked.Increment(ref _viewers);

    public void Leave() => Interlocked.Decrement(ref _viewers);

    public byte[]? Of(TrackKind kind) => kind switch { TrackKind.Video => Video, TrackKind.Audio => Audio, _ => Metadata };

    /// <summary>A new version with another header of one track; nobody has it yet.</summary>
    public HeaderSet With(in Frame header) => header.Kind switch
    {
        TrackKind.Video => new(Metadata, header.Body.Span.ToArray(), Audio, ReadAvc(header), HasAudio, true),
        TrackKind.Audio => new(Metadata, Video, header.Body.Span.ToArray(), Avc, true, HasVideo),
        _ => new(header.Body.Span.ToArray(), Video, Audio, Avc, HasAudio, HasVideo),
    };

    /// <summary>This version, knowing that there are frames of <paramref name="kind"/>.</summary>
    public HeaderSet WithTrack(TrackKind kind) =>
        new(Metadata, Video, Audio, Avc, HasAudio || kind == TrackKind.Audio, HasVideo || kind == TrackKind.Video);

    /// <summary>Whether a decoder set up with this version reads the pictures that go with <paramref name="other"/>.</summary>
    public bool Decodes(HeaderSet other)
    {
        if (ReferenceEquals(Video, other.Video)) return true;
        if (Avc is null || other.Avc is null) return Video.AsSpan().SequenceEqual(other.Video);
        return AvcConfig.Compare(Avc, other.Avc) == ParameterChange.Same;
    }

    private static AvcConfig? ReadAvc(in Frame header) =>
        header.Codec == Codec.Avc && header.Body.Length > header.PayloadOffset ? AvcConfig.Parse(header.Body.Span[header.PayloadOffset..], out _) : null;
}
