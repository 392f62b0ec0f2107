using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// Frames of silence in the configuration of the programme's sound: what goes out on the sound's grid while the source that is on has none.
/// </summary>
/// <remarks>
/// AAC-LC only: one raw data block (ISO/IEC 14496-3 §4.4.2.1) whose spectra are empty, which decodes to zeros at any sample rate. Holds one reference to the
/// body that all its frames share; used under the stream's lock.
/// </remarks>
internal sealed class SilentSound
{
    private const int LowComplexity = 2;
    private const int HeaderSize = 2;
    private const int UsualFrame = 1024;

    private readonly SharedBuffer _body;

    private SilentSound(SharedBuffer body) => _body = body;

    private static ReadOnlySpan<byte> Mono => [0xAF, 1, 0x00, 0xc8, 0x00, 0x80, 0x23, 0x80];

    private static ReadOnlySpan<byte> Stereo => [0xAF, 1, 0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80];

    /// <summary>Centre, front pair, back pair, and a low-frequency element last: one that says it is a single channel makes decoders complain.</summary>
    private static ReadOnlySpan<byte> Surround => [0xAF, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0x03, 0, 0, 0, 0x38];

    /// <summary>Silence for the sound whose configuration is in force.</summary>
    /// <param name="reason">Why there is none for it.</param>
    /// <returns>Null where it has none. The caller disposes of it with <see cref="Release"/>.</returns>
    public static SilentSound? For(in Frame header, out string? reason)
    {
        reason = header.Codec == Codec.Aac ? null : $"no silence is known for {header.Codec}";
        if (reason is not null || AacConfig.Parse(header.Body.Span[header.PayloadOffset..], out reason) is not { } config) return null;
        reason = config.ObjectType != LowComplexity ? $"no silence is known for AAC of object type {config.ObjectType}"
            : config.SamplesPerFrame != UsualFrame ? $"no silence is known for {config.SamplesPerFrame} samples a frame"
            : config.Channels is not (1 or 2 or 6) ? $"no silence is known for {config.Channels} channel(s)"
            : null;
        if (reason is not null) return null;
        return new SilentSound(SharedBuffer.CopyOf(config.Channels switch { 1 => Mono, 2 => Stereo, _ => Surround }));
    }

    /// <summary>One frame of silence. Its body is shared: whoever keeps the frame takes a reference of its own, as with any.</summary>
    public Frame At(long dts) => new(TrackKind.Audio, FrameFlags.None, Codec.Aac, dts, 0, _body, HeaderSize);

    public void Release() => _body.Release();
}
