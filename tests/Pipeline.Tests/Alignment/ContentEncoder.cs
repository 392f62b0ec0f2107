using System.Buffers.Binary;
using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Alignment;

/// <summary>An encoder of a programme: frames whose sizes follow its content in this encoder's own way, on this encoder's own clock.</summary>
public sealed record ContentEncoder
{
    public required Programme Programme { get; init; }

    /// <summary>Tells encoders apart: their noise, and the bytes of their frames. Equal ones send equal bytes.</summary>
    public int Id { get; init; }

    /// <summary>Its time stamp at show time 0.</summary>
    public long Origin { get; init; }

    /// <summary>How fast its clock runs too fast, in millionths.</summary>
    public double DriftPpm { get; init; }

    /// <summary>From a frame's capture to its arrival, in milliseconds.</summary>
    public long Delay { get; init; } = 100;

    public double Fps { get; init; } = 25;

    public int Gop { get; init; } = 50;

    public int Phase { get; init; }

    public int BFrames { get; init; }

    public double Gain { get; init; } = 1;

    public double Noise { get; init; } = 0.35;

    public bool HasVideo { get; init; } = true;

    public bool HasSound { get; init; } = true;

    /// <summary>Sound frames of constant size, and all alike.</summary>
    public bool PaddedSound { get; init; }

    /// <summary>Milliseconds since 1970 at show time 0, written into each picture; null: no clock.</summary>
    public long? Clock { get; init; }

    private double PictureMs => 1000 / Fps;

    /// <summary>Its time stamp at a show time, unrounded.</summary>
    public double StampAt(double showTime) => Origin + showTime * (1 + DriftPpm / 1e6);

    /// <summary>All frames captured in a span of show time, in sending order, with the show time of their arrival. The receiver owns the bodies.</summary>
    public IEnumerable<(long At, Frame Frame)> Frames(long from)
    {
        using var pictures = Pictures(from).GetEnumerator();
        using var sounds = Sounds(from).GetEnumerator();
        var (hasPicture, hasSound) = (HasVideo && pictures.MoveNext(), HasSound && sounds.MoveNext());
        while (hasPicture || hasSound)
        {
            if (hasPicture && (!hasSound || pictures.Current.At <= sounds.Current.At))
            {
                yield return pictures.Current;
                hasPicture = pictures.MoveNext();
            }
            else
            {
                yield return sounds.Current;
                hasSound = sounds.MoveNext();
            }
        }
    }

    /// <summary>Mini-GOPs: the last picture to be shown first, then the B-frames before it.</summary>
    private IEnumerable<(long At, Frame Frame)> Pictures(long from)
    {
        var coded = (long)Math.Ceiling(from / PictureMs);
        for (var next = coded; ;)
        {
            var place = (int)((next + Gop - Phase % Gop) % Gop);
            var size = place == 0 ? 1 : Math.Min(BFrames + 1, Gop - place);
            var last = next + size - 1;
            for (var i = 0; i < size; i++, coded++)
            {
                var shown = i == 0 ? last : next + i - 1;
                yield return ((long)(last * PictureMs) + Delay, Picture(shown, coded, place == 0, isB: i > 0));
            }
            next += size;
        }
    }

    private Frame Picture(long shown, long coded, bool isKey, bool isB)
    {
        var time = shown * PictureMs;
        var pts = (long)Math.Round(StampAt(time));
        var dts = (long)Math.Round(StampAt((coded - (BFrames > 0 ? 1 : 0)) * PictureMs));
        var level = Programme.PictureAt(time) * Gain + Programme.Jitter(Id, shown) * Noise;
        var size = (int)(400 * (isKey ? 6 : isB ? 0.4 : 1) * Math.Exp(level));
        var body = SharedBuffer.Rent(size + 80);
        body.Append([(byte)(isKey ? 0x17 : 0x27), 1, 0, 0, 0]);
        if (Clock is { } clock) AppendClock(body, clock + (long)time);
        AppendNal(body, isKey ? (byte)0x65 : (byte)0x41, Math.Max(size, 24), shown);
        return new Frame(TrackKind.Video, isKey ? FrameFlags.Key : FrameFlags.None, Codec.Avc, (uint)dts, (int)(pts - dts), body, 5, 2);
    }

    private IEnumerable<(long At, Frame Frame)> Sounds(long from)
    {
        // Encoders begin to count samples where they start: their frames lie anywhere to each other.
        const double soundMs = 1024 / 48.0;
        for (long n = 0; ; n++)
        {
            var time = from + n * soundMs;
            var level = Programme.SoundAt(time) * Gain + Programme.Jitter(Id + 50, (long)time) * 0.06;
            var size = PaddedSound ? 200 : (int)(200 * Math.Exp(level));
            var body = SharedBuffer.Rent(size + 8);
            body.Append([0xAF, 1]);
            AppendBytes(body, size, PaddedSound ? 0 : (long)(time * 1000));
            yield return ((long)time + Delay, new Frame(TrackKind.Audio, FrameFlags.None, Codec.Aac, (uint)Math.Round(StampAt(time)), 0, body, 2));
        }
    }

    private void AppendNal(SharedBuffer body, byte header, int size, long seed)
    {
        body.Append([(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size, header]);
        AppendBytes(body, size - 1, seed);
    }

    private void AppendBytes(SharedBuffer body, int size, long seed)
    {
        body.EnsureCapacity(body.Length + size);
        var bytes = body.Free[..size];
        bytes.Fill(0x55);
        BinaryPrimitives.WriteInt64BigEndian(bytes, seed * 100 + Id);
        body.Advance(size);
    }

    private static void AppendClock(SharedBuffer body, long clock)
    {
        ReadOnlySpan<byte> uuid = [0x8e, 0x1c, 0x7a, 0x30, 0x2f, 0x6b, 0x4b, 0x0e, 0x9d, 0x5a, 0x81, 0x8c, 0x0d, 0xe0, 0x00, 0x01];
        Span<byte> time = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, clock);
        List<byte> nal = [6, 5, 31, .. uuid, 1];
        foreach (var value in (byte[])[.. time, 0x10, 0x02, 0x10, 0x10, 0x05, 0xdc, 0x80])
        {
            if (nal is [.., 0, 0] && value <= 3) nal.Add(3);
            nal.Add(value);
        }
        body.Append([0, 0, 0, (byte)nal.Count]);
        body.Append(nal.ToArray());
    }
}
