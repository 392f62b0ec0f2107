using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Media;

/// <summary>How long one frame of sound lasts: <paramref name="Samples"/> at <paramref name="Rate"/>; zero samples where frames have no constant length.</summary>
internal readonly record struct AudioFormat(int Samples, int Rate)
{
    /// <summary>Frames of any length: their own times are all there is.</summary>
    public static readonly AudioFormat Variable = new(0, 1000);

    /// <summary>Read from the codec's configuration. Only AAC promises one length for all its frames.</summary>
    public static AudioFormat Of(in Frame header) =>
        header.Codec == Codec.Aac && AacConfig.Parse(header.Body.Span[header.PayloadOffset..], out _) is { } aac
            ? new AudioFormat(aac.SamplesPerFrame, aac.SampleRate)
            : Variable;
}
