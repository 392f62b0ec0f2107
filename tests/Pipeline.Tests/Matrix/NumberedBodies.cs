using System.Buffers.Binary;
using Fixtures;
using Pipeline.Tests.Simulation;
using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;

namespace Pipeline.Tests.Matrix;

/// <summary>
/// Frames of a show without an end: each body carries the number of its picture or sound, and is as large as the content is busy there, on which
/// all encoders agree but for some noise.
/// </summary>
internal sealed class NumberedBodies(int seed)
{
    private const int VideoHeader = 5, SoundHeader = 2, NumberAt = 5, SmallestPayload = 16;

    private readonly Random _random = new(seed);

    /// <summary>What a frame with such a body contains.</summary>
    public static Content? Read(Frame frame)
    {
        var payload = frame.Body.Span[frame.PayloadOffset..];
        if (frame.Kind == TrackKind.Audio) return new Content("", -1, BinaryPrimitives.ReadInt64BigEndian(payload) * 1024 * 1000.0 / Timeline.SampleRate);
        var number = BinaryPrimitives.ReadInt64BigEndian(payload[NumberAt..]);
        return new Content("", (int)number, number * SimulatedEncoder.PictureMs);
    }

    public SharedBuffer Picture(bool key, long number)
    {
        var payload = SmallestPayload + (key ? 3000 : 100 + Busy(number / 5, 7) * 120 + _random.Next(60));
        var body = Rent(VideoHeader + payload);
        body.Span[0] = (byte)(key ? 0x17 : 0x27);
        body.Span[1] = 1;
        BinaryPrimitives.WriteInt32BigEndian(body.Span[VideoHeader..], payload - sizeof(int));
        body.Span[VideoHeader + sizeof(int)] = (byte)(key ? 0x65 : 0x41);
        BinaryPrimitives.WriteInt64BigEndian(body.Span[(VideoHeader + NumberAt)..], number);
        return body;
    }

    public SharedBuffer Sound(long number)
    {
        var body = Rent(SoundHeader + SmallestPayload + 150 + Busy(number / 4, 11) * 15 + _random.Next(10));
        body.Span[0] = 0xAF;
        body.Span[1] = 1;
        BinaryPrimitives.WriteInt64BigEndian(body.Span[SoundHeader..], number);
        return body;
    }

    /// <summary>0 to 15 by a hash: without a period that two encoders could be aligned by wrongly.</summary>
    private static int Busy(long place, ulong salt) => (int)(((ulong)place + salt) * 0x9E3779B97F4A7C15 >> 60);

    private static SharedBuffer Rent(int length)
    {
        var body = SharedBuffer.Rent(length);
        body.Advance(length);
        body.Span.Clear();
        return body;
    }
}
