using System.Buffers.Binary;
using Fixtures;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;

namespace Pipeline.Tests.Matrix;

/// <summary>
/// A simulated encoder and its network, for shows without an end: its frames are as large as the content is busy there, on which all encoders agree but for some noise, and
/// come as late as they do.
/// </summary>
/// <param name="lag">How late its frames come at least, in milliseconds.</param>
internal sealed class SizedEncoder(SimulatedEncoder encoder, long lag, int seed)
{
    private const int MostJitter = 30, NalLengthAt = 5, NalAt = 9;

    private readonly Random _random = new(seed);

    /// <summary>What one of its frames contains.</summary>
    public static Content? ContentOf(Frame frame)
    {
        if (frame.Kind == TrackKind.Audio) return new Content("", -1, SimulatedEncoder.SoundOf(frame) * 1024 * 1000.0 / Timeline.SampleRate);
        var number = SimulatedEncoder.ContentOf(frame);
        return new Content("", number, number * SimulatedEncoder.PictureMs);
    }

    /// <summary>Its frames without an end, with the show time of each arrival.</summary>
    public IEnumerable<(long At, Frame Frame)> Frames()
    {
        var last = 0L;
        foreach (var (at, frame) in encoder.Frames(0, long.MaxValue))
        {
            last = Math.Max(last, at + lag + _random.Next(MostJitter + 1));
            yield return (last, frame.IsMedia ? Sized(frame) : frame);
        }
    }

    private Frame Sized(in Frame frame)
    {
        var body = SharedBuffer.Rent(4096);
        body.Append(frame.Body.Span);
        var more = frame.IsKey ? 3000
            : frame.Kind == TrackKind.Video ? 100 + Busy(SimulatedEncoder.ContentOf(frame) / 5, 7) * 120 + _random.Next(60)
            : 150 + Busy(SimulatedEncoder.SoundOf(frame) / 4, 11) * 15 + _random.Next(10);
        body.Free[..more].Clear();
        body.Advance(more);
        if (frame.Kind == TrackKind.Video) BinaryPrimitives.WriteInt32BigEndian(body.Span[NalLengthAt..], body.Length - NalAt);
        frame.Body.Release();
        return frame with { Body = body };
    }

    /// <summary>0 to 15 by a hash (the finalizer of SplitMix64): a multiplication alone would have near-periods, at which two encoders could be aligned as well.</summary>
    private static int Busy(int place, ulong salt)
    {
        var mixed = ((ulong)place + salt) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB;
        return (int)((mixed ^ mixed >> 31) >> 60);
    }
}
