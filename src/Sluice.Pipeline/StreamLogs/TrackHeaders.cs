using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.StreamLogs;

/// <summary>The metadata and codec configurations in force at one place of a log; null where there is none (yet).</summary>
public readonly record struct TrackHeaders(Frame? Metadata, Frame? Video, Frame? Audio)
{
    public Frame? Of(TrackKind kind) => kind switch { TrackKind.Video => Video, TrackKind.Audio => Audio, _ => Metadata };

    /// <summary>These headers with <paramref name="frame"/>, a header, put in force.</summary>
    public TrackHeaders With(in Frame frame) => frame.Kind switch
    {
        TrackKind.Video => this with { Video = frame },
        TrackKind.Audio => this with { Audio = frame },
        _ => this with { Metadata = frame },
    };
}
