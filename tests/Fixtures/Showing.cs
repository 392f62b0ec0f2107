using Sluice.Pipeline.Media;

namespace Fixtures;

/// <summary>A picture as it reached a viewer, in milliseconds of the viewer's clock and of the output; no content: it is of no known encode.</summary>
public readonly record struct ShownPicture(long At, long Dts, long Pts, Content? Content);

/// <summary>A sound as it reached a viewer.</summary>
public readonly record struct HeardSound(long At, long Dts, Content? Content);

/// <summary>What one viewer got: pictures and sounds in the order they came.</summary>
public sealed class Showing(Func<Frame, Content?> contentOf)
{
    public List<ShownPicture> Pictures { get; } = [];

    public List<HeardSound> Sounds { get; } = [];

    /// <summary>Notes a frame in output time that came at <paramref name="at"/>; headers and data are nothing to see.</summary>
    public void Add(long at, in Frame frame)
    {
        if (!frame.IsMedia) return;
        if (frame.Kind == TrackKind.Video) Pictures.Add(new ShownPicture(at, frame.Dts, frame.Pts, contentOf(frame)));
        else Sounds.Add(new HeardSound(at, frame.Dts, contentOf(frame)));
    }
}
