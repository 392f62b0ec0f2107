namespace Fixtures;

/// <summary>
/// One of four encoders that encode the same timeline: the content is the same to the picture and the sample, everything else is not.
/// </summary>
/// <param name="Name"><c>a b c d</c>.</param>
/// <param name="FirstPicture">The timeline's picture that it begins with: it was started this much later.</param>
/// <param name="Gop">Pictures from one keyframe to the next.</param>
/// <param name="Phase">A picture of the timeline is a keyframe where its number and this add up to a multiple of <paramref name="Gop"/>.</param>
/// <param name="Video">What ffmpeg's libx264 is told.</param>
/// <param name="AudioBitrate">Of the AAC encoder.</param>
public sealed record EncodeRecipe(string Name, int FirstPicture, int Gop, int Phase, string Video, string AudioBitrate)
{
    /// <summary><c>a</c> and <c>b</c> have equal parameter sets (and so splice without new ones); <c>c</c> has another PPS, <c>d</c> another profile too.
    /// No two begin a whole number of sound frames apart, which is a multiple of eight pictures: else some of their sounds would be equal to the byte.</summary>
    public static IReadOnlyList<EncodeRecipe> All { get; } =
    [
        new("a", 0, 50, 0, "-preset veryfast -bf 2 -b:v 900k", "96k"),
        new("b", 4, 40, 27, "-preset superfast -bf 2 -b:v 700k", "128k"),
        new("c", 9, 48, 17, "-preset faster -bf 3 -b:v 1200k", "96k"),
        new("d", 11, 25, 18, "-preset ultrafast -profile:v baseline -bf 0 -b:v 600k", "112k"),
    ];

    internal string VideoFilter => $"trim=start_frame={FirstPicture},setpts=PTS-STARTPTS";

    internal string SoundFilter => FormattableString.Invariant($"atrim=start={FirstPicture * Timeline.PictureMs / 1000.0:0.###},asetpts=PTS-STARTPTS");

    internal IEnumerable<string> Arguments =>
    [
        "-c:v", "libx264", .. Video.Split(' '), "-g", "250", "-sc_threshold", "0",
        "-force_key_frames", $"expr:eq(mod(n+{FirstPicture + Phase},{Gop}),0)", "-pix_fmt", "yuv420p",
        "-c:a", "aac", "-b:a", AudioBitrate, "-ac", "2", "-flvflags", "no_duration_filesize", "-f", "flv",
    ];
}
