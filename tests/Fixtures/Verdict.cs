namespace Fixtures;

/// <summary>
/// What a viewer's recording proves: every picture of the timeline once and in its order, time stamps on their grids, sound and pictures together.
/// </summary>
/// <remarks>
/// Pictures that are shown for two milliseconds or less are nothing that a viewer sees: a splice leaves decoded pictures of the timeline there that other pictures
/// need (<see cref="Clustered"/>). All counts but that one are of the others.
/// </remarks>
public sealed record Verdict
{
    /// <summary>Pictures of the timeline that were not shown, between the first and the last that were.</summary>
    public int Lost { get; init; }

    /// <summary>In how many places.</summary>
    public int Holes { get; init; }

    /// <summary>Pictures shown again.</summary>
    public int Repeated { get; init; }

    /// <summary>Pictures shown for two milliseconds or less.</summary>
    public int Clustered { get; init; }

    /// <summary>Pictures of no known encode.</summary>
    public int Strange { get; init; }

    /// <summary>Pictures whose DTS is not one frame after the one before.</summary>
    public int OffGrid { get; init; }

    /// <summary>Frames of any kind whose DTS is not after the one before in its track, or whose PTS is before its DTS.</summary>
    public int Back { get; init; }

    /// <summary>Sounds whose DTS is not 21 or 22 ms after the one before.</summary>
    public int SoundOffGrid { get; init; }

    /// <summary>Sounds of no known encode: inserted silence.</summary>
    public int SilentSounds { get; init; }

    /// <summary>Sound of the timeline left out or heard twice, in milliseconds, beyond what moving it to its grid explains.</summary>
    public double SoundBrokenMs { get; init; }

    /// <summary>The longest time without a picture, or without a sound, at the viewer before the fault, in milliseconds.</summary>
    public long SilenceBeforeMs { get; init; }

    /// <summary>The same from the fault on, to the end of the recording.</summary>
    public long SilenceAfterMs { get; init; }

    /// <summary>How far sound and picture are apart at worst before the fault, in milliseconds; positive: the sound is ahead.</summary>
    public double LipSyncBeforeMs { get; init; }

    /// <summary>The same from the fault on.</summary>
    public double LipSyncAfterMs { get; init; }

    /// <summary>By how much output time and timeline moved against each other from the first picture to the last, in milliseconds.</summary>
    public long DriftMs { get; init; }

    /// <summary>How much later pictures come at the end, on the viewer's clock against the timeline, than just before the fault, in milliseconds.</summary>
    public long BehindMs { get; init; }

    /// <summary>The last picture that was shown.</summary>
    public int LastNumber { get; init; }

    /// <summary>Where the sequence of pictures broke, the first few: when the picture behind the break came, and both pictures.</summary>
    public string Breaks { get; init; } = "";

    /// <param name="faultAt">When the fault was made, on the viewer's clock.</param>
    /// <param name="endAt">When the recording ended, on the viewer's clock.</param>
    public static Verdict On(Showing showing, long faultAt, long endAt) => new Examination(showing, faultAt, endAt).Verdict;
}
