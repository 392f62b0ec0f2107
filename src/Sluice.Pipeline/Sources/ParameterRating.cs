using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Sources;

/// <summary>
/// What a cut from one source to another does to players: <c>seamless</c> nothing · <c>reInit</c> their decoders begin anew ·
/// <c>incompatible</c> they may stop, or lose a track.
/// </summary>
public enum ParameterFit { Seamless, ReInit, Incompatible }

/// <summary>How well a source's parameters fit those that are on.</summary>
/// <param name="Reason">What differs; null where nothing does that matters.</param>
/// <remarks>Other parameter sets for the same pictures are seamless: they go in-band, before each IDR (measured in browsers: no stall in 12 of 12 cuts).</remarks>
internal readonly record struct ParameterRating(ParameterFit Fit, string? Reason)
{
    private static readonly ParameterRating Seamless = new(ParameterFit.Seamless, null);

    public static ParameterRating Rate(SourceParameters on, SourceParameters next)
    {
        if (ReferenceEquals(on, next)) return Seamless;
        var video = RateVideo(on, next);
        var audio = RateAudio(on, next);
        return audio.Fit > video.Fit ? audio : video;
    }

    private static ParameterRating RateVideo(SourceParameters on, SourceParameters next)
    {
        if (on.Video != next.Video)
        {
            if (on.Video == Codec.None) return ReInit("it has pictures");
            return Incompatible(next.Video == Codec.None ? "it has no pictures" : $"its pictures are {NameOf(next.Video)}, not {NameOf(on.Video)}");
        }
        if (on.VideoBytes.AsSpan().SequenceEqual(next.VideoBytes)) return Seamless;
        if (on.Avc is { } a && next.Avc is { } b) return RateAvc(a, b);
        if (on.Hevc is { } c && next.Hevc is { } d && (c.Width, c.Height) != (d.Width, d.Height)) return ReInit($"{d.Width}x{d.Height} instead of {c.Width}x{c.Height}");
        return ReInit("another configuration of its pictures");
    }

    private static ParameterRating RateAvc(AvcConfig on, AvcConfig next)
    {
        if (AvcConfig.Compare(on, next) != ParameterChange.Reinit) return Seamless;
        var (a, b) = (on.Picture, next.Picture);
        if ((a.Width, a.Height) != (b.Width, b.Height)) return ReInit($"{b.Width}x{b.Height} instead of {a.Width}x{a.Height}");
        if ((a.ChromaFormat, a.BitDepth) != (b.ChromaFormat, b.BitDepth)) return Incompatible("another chroma format or bit depth");
        return a.FrameRate is { } rateA && b.FrameRate is { } rateB && Math.Abs(rateA - rateB) > 0.001 * rateA
            ? ReInit(FormattableString.Invariant($"{rateB:0.###} instead of {rateA:0.###} pictures a second"))
            : ReInit("another length of its NAL units' lengths");
    }

    private static ParameterRating RateAudio(SourceParameters on, SourceParameters next)
    {
        if (on.Audio != next.Audio)
        {
            if (on.Audio == Codec.None) return ReInit("it has sound");
            return Incompatible(next.Audio == Codec.None ? "it has no sound" : $"its sound is {NameOf(next.Audio)}, not {NameOf(on.Audio)}");
        }
        if (on.Aac is not { } a || next.Aac is not { } b || a == b) return Seamless;
        if (a.SampleRate != b.SampleRate || a.OutputRate != b.OutputRate) return Incompatible($"sound at {b.OutputRate} Hz instead of {a.OutputRate}");
        if (a.SamplesPerFrame != b.SamplesPerFrame) return Incompatible($"{b.SamplesPerFrame} samples a frame instead of {a.SamplesPerFrame}");
        return a.Channels != b.Channels ? ReInit($"{b.Channels} channel(s) of sound instead of {a.Channels}") : ReInit("another profile of its sound");
    }

    private static ParameterRating ReInit(string reason) => new(ParameterFit.ReInit, reason);

    private static ParameterRating Incompatible(string reason) => new(ParameterFit.Incompatible, reason);

    private static string NameOf(Codec codec) => codec.ToString().ToUpperInvariant();
}
