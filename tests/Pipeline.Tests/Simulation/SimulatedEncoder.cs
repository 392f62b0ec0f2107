using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Simulation;

/// <summary>An encoder of the one show clock: 25 pictures and 46.875 AAC frames a second, its own GOP phase, B-frames and time origin.</summary>
public sealed record SimulatedEncoder
{
    public int Gop { get; init; } = 50;

    public int Phase { get; init; }

    public int BFrames { get; init; }

    /// <summary>What its time stamps are at show time 0; 32 bits wrap.</summary>
    public long Origin { get; init; }

    public bool HasVideo { get; init; } = true;

    public bool HasSound { get; init; } = true;

    /// <summary>Whether it sends pictures when it could have them, the second of two P pictures before those between, and sound at its place beside them.</summary>
    public bool IsLive { get; init; }

    /// <summary>Tells sources apart: the last byte of each body.</summary>
    public byte Mark { get; init; }

    /// <summary>Its AVCDecoderConfigurationRecord, in hexadecimal digits; null: one that only tells it apart.</summary>
    public string? Avcc { get; init; }

    /// <summary>What goes wrong: when the frame is really sent, and as what; null: not at all.</summary>
    public Func<long, Frame, (long At, Frame Frame)?>? Fault { get; init; }

    public const int PictureMs = 40;

    /// <summary>Headers, then all frames whose show time of sending is in [<paramref name="from"/>, <paramref name="to"/>), in sending order.</summary>
    public IEnumerable<(long At, Frame Frame)> Frames(long from, long to, bool headers = true)
    {
        foreach (var (at, frame) in Flawless(from, to, headers))
        {
            if (Fault is null || !frame.IsMedia) yield return (at, frame);
            else if (Fault(at, frame) is { } sent) yield return sent;
            else frame.Body.Release();
        }
    }

    private IEnumerable<(long At, Frame Frame)> Flawless(long from, long to, bool headers)
    {
        if (headers)
        {
            yield return (from, Header(TrackKind.Data, Codec.None));
            if (HasVideo) yield return (from, Header(TrackKind.Video, Codec.Avc));
            if (HasSound) yield return (from, Header(TrackKind.Audio, Codec.Aac));
        }
        long picture = (from + PictureMs - 1) / PictureMs - Wait;
        long sound = SoundAt(from);
        while (true)
        {
            var pictureAt = HasVideo ? (picture + Wait) * PictureMs : long.MaxValue;
            var soundAt = HasSound ? sound * 1024 * 1000 / 48_000 : long.MaxValue;
            if (Math.Min(pictureAt, soundAt) >= to) yield break;
            if (pictureAt <= soundAt) yield return (pictureAt, Picture(picture++));
            else yield return (soundAt, Sound(soundAt, sound++));
        }
    }

    private static long SoundAt(long time)
    {
        var n = time * 48 / 1024;
        return n * 1024 * 1000 / 48_000 < time ? n + 1 : n;
    }

    /// <summary>The picture sent in slot <paramref name="n"/>: DTS is its slot, PTS its display place, reordered in mini-GOPs of 1 + B-frames.</summary>
    private Frame Picture(long n)
    {
        var inGop = (int)((n + 2 * Gop - Phase % Gop) % Gop);
        var key = inGop == 0;
        var content = BitConverter.GetBytes((int)n + Reorder(inGop) - Delay);
        // One slice NAL unit; pictures that nothing is decoded from (nal_ref_idc 0) are those shown when decoded, between two P pictures.
        var disposable = BFrames > 0 && !key && Reorder(inGop) == 0;
        var nal = (byte)(key ? 0x65 : disposable ? 0x01 : 0x41);
        var body = SharedBuffer.CopyOf([(byte)(key ? 0x17 : 0x27), 1, 0, 0, 0, 0, 0, 0, 6, nal, .. content, Mark]);
        return new Frame(TrackKind.Video, key ? FrameFlags.Key : FrameFlags.None, Codec.Avc, Wire(n * PictureMs), Reorder(inGop) * PictureMs, body, 5, 2);
    }

    /// <summary>PTS − DTS in pictures: a key waits for one (with B-frames), a P for its whole mini-GOP, a B for nothing.</summary>
    private int Reorder(int inGop)
    {
        if (BFrames == 0) return 0;
        if (inGop == 0) return 1;
        var place = (inGop - 1) % (BFrames + 1);
        var left = Gop - 1 - (inGop - 1 - place);        // pictures from this mini-GOP's start to the GOP's end
        var size = Math.Min(BFrames + 1, left);
        return place == 0 ? size : 0;
    }

    /// <summary>Pictures between two P pictures wait for the second.</summary>
    private int Wait => IsLive ? BFrames : 0;

    /// <summary>Pictures by which all are shown later than sent, so that those between two P pictures can be decoded in time.</summary>
    private int Delay => BFrames > 0 ? 1 : 0;

    /// <summary>The number of a picture in the show, which all encoders share.</summary>
    public static int ContentOf(Frame picture) => BitConverter.ToInt32(picture.Body.Span[10..]);

    /// <summary>The number of a frame of sound in the show.</summary>
    public static int SoundOf(Frame sound) => BitConverter.ToInt32(sound.Body.Span[2..]);

    private Frame Sound(long time, long n) =>
        new(TrackKind.Audio, FrameFlags.None, Codec.Aac, Wire(time + (IsLive ? Delay * PictureMs : 0)), 0, SharedBuffer.CopyOf([0xAF, 1, .. BitConverter.GetBytes((int)n), Mark]), 2);

    private Frame Header(TrackKind kind, Codec codec) => new(kind, FrameFlags.Header, codec, 0, 0, SharedBuffer.CopyOf(kind switch
    {
        TrackKind.Video when Avcc is not null => [0x17, 0, 0, 0, 0, .. Convert.FromHexString(Avcc)],
        TrackKind.Video => [0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1e, 0xff, Mark],
        TrackKind.Audio => [0xAF, 0, 0x11, 0x90],
        _ => [2, 0, 10, .. "onMetaData"u8, 5],
    }), kind == TrackKind.Video ? 5 : 2);

    private long Wire(long time) => (uint)(Origin + time);
}
