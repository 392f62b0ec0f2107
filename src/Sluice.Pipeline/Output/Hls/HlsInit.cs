using System.IO.Hashing;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Cmaf;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>One init segment: the tracks that hold for the segments which name it, and its bytes.</summary>
/// <remarks>Immutable. Its name is made of its content, so that every node that packages the same stream gives it the same one.</remarks>
public sealed class HlsInit
{
    private HlsInit(CmafTrack? video, CmafTrack? sound)
    {
        (Video, Sound) = (video, sound);
        CmafTrack[] tracks = [.. new[] { video, sound }.OfType<CmafTrack>()];
        Codecs = string.Join(',', tracks.Select(track => track.CodecString));
        var buffer = SharedBuffer.Rent(2048);
        InitSegment.Write(buffer, tracks);
        Bytes = buffer.Span.ToArray();
        buffer.Release();
        Name = $"init-{XxHash3.HashToUInt64(Bytes):x16}.mp4";
    }

    public CmafTrack? Video { get; }

    public CmafTrack? Sound { get; }

    /// <summary>As in <c>CODECS</c> of a playlist.</summary>
    public string Codecs { get; }

    /// <summary>The file's name in a playlist.</summary>
    public string Name { get; }

    public byte[] Bytes { get; }

    internal const uint VideoTrackId = 1;

    /// <summary>Tracks are numbered in order: sound is the second where there are pictures.</summary>
    internal uint SoundTrackId => Video is null ? 1u : 2u;

    /// <summary>What the headers in force make; null, and why, where a track cannot be packaged, or there is none.</summary>
    internal static HlsInit? Of(in TrackHeaders headers, bool hasPlainSound, out string? reason)
    {
        reason = null;
        CmafTrack? video = null, sound = null;
        if (headers.Video is { } picture) video = Read(picture, ref reason);
        if (headers.Audio is { } audio) sound = Read(audio, ref reason);
        if (hasPlainSound && headers.Audio is null) reason ??= "Its sound has no codec configuration: MP3 and older codecs are not packaged as HLS.";
        if (video is null && sound is null) reason ??= "Its codecs are not known.";
        return reason is null ? new HlsInit(video, sound) : null;
    }

    /// <summary>Whether a player that was set up by this init segment goes on with <paramref name="next"/>.</summary>
    internal bool Decodes(HlsInit next) => Bytes.AsSpan().SequenceEqual(next.Bytes);

    private static CmafTrack? Read(in Frame header, ref string? reason)
    {
        var track = CmafTrack.Read(header.Codec, header.Body.Span[header.PayloadOffset..], out var why);
        reason ??= why;
        return track;
    }
}
