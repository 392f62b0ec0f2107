using Fixtures;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests.Matrix;

/// <summary>
/// One encoder's session in simulated time: the frames of a recording with time stamps of its own, as late as its encoder and network are, jitter included. What is done
/// to it while it runs takes effect with its next frame.
/// </summary>
/// <param name="origin">Its time stamp at the timeline's beginning, in milliseconds; 32 bits wrap.</param>
/// <param name="lag">How late its frames come at least, in milliseconds.</param>
internal sealed class Uplink(Recording recording, long origin, long lag, int seed)
{
    private const int MostJitter = 30;

    private readonly Random _random = new(seed);

    /// <summary>Added to its time stamps: its clock was set.</summary>
    public long Jump { get; set; }

    public bool IsMute { get; set; }

    /// <summary>What the network carries; null: all.</summary>
    public double? BytesPerSecond { get; set; }

    /// <summary>Its headers, then its frames from the first keyframe at <paramref name="from"/> or later, with the show time of each arrival.</summary>
    public IEnumerable<(long At, Frame Frame)> Frames(long from)
    {
        foreach (var header in recording.Headers) yield return (from, Retained(header));
        var first = First(from);
        var free = 0.0;
        foreach (var recorded in recording.Frames)
        {
            if (recorded.SendMs < first) continue;
            var at = Math.Max(Math.Max(from, free), recorded.SendMs + lag + _random.Next(MostJitter + 1));
            free = BytesPerSecond is { } rate ? at + recorded.Frame.Body.Length * 1000 / rate : at;
            if (IsMute && recorded.Frame.Kind == TrackKind.Audio) continue;
            var wire = (uint)(origin + Jump + (long)Math.Round(recorded.SendMs));
            yield return ((long)free, Retained(recorded.Frame with { Dts = wire }));
        }
        yield return (long.MaxValue, default);
    }

    private double First(long from)
    {
        if (from == 0) return double.MinValue;
        foreach (var recorded in recording.Frames)
            if (recorded.Frame.IsKey && recorded.SendMs >= from) return recorded.SendMs;
        return double.MaxValue;
    }

    /// <summary>Whoever takes a frame gives its reference back; the recording keeps its own.</summary>
    private static Frame Retained(in Frame frame)
    {
        frame.Body.Retain();
        return frame;
    }
}
