using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output.Hls;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Output.Hls;

/// <summary>A show's log and its HLS output under a fake clock, fed with 25 pictures and 46.875 sounds a second.</summary>
internal sealed class HlsRig
{
    public const string Avc720 = "01640020ffe1001967640020acd9405005bb0110000003001000000640f183196001000668ebe3cb22c0fdf8f800";
    public const string Avc360 = "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20";

    /// <summary>The wall time of output time 0: an even second.</summary>
    public static readonly DateTimeOffset Origin = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly PlayOptions _play;
    private long _sound;

    /// <param name="phase">How long after a slot of the segments' time line output time 0 is, in milliseconds.</param>
    public HlsRig(TimeSpan? gopCache = null, int phase = 0)
    {
        _play = new PlayOptions { GopCache = gopCache ?? TimeSpan.FromSeconds(10) };
        Log = new StreamLog(_play);
        Output = new HlsOutput(Log, _play, Time);
        Log.BeginEpoch(0, Origin.AddMilliseconds(phase));
    }

    public FakeTimeProvider Time { get; } = new(Origin);

    public StreamLog Log { get; }

    public HlsOutput Output { get; }

    /// <summary>All bodies that were appended: who still holds them?</summary>
    public List<SharedBuffer> Bodies { get; } = [];

    public Packager Attach()
    {
        lock (Log.Gate)
        {
            var packager = new Packager(Log, _play, Time);
            Log.Attach(packager);
            return packager;
        }
    }

    public void Headers(string avcC = Avc720, string asc = "1190")
    {
        PictureHeader(avcC);
        SoundHeader(asc);
    }

    public void PictureHeader(string avcC = Avc720) => Picture(FrameFlags.Header, 0, Convert.FromHexString(avcC));

    public void SoundHeader(string asc = "1190") => Append(new Frame(TrackKind.Audio, FrameFlags.Header, Codec.Aac, 0, 0, SharedBuffer.CopyOf([0xAF, 0, .. Convert.FromHexString(asc)]), 2));

    /// <summary>The sounds before <paramref name="time"/> do not come.</summary>
    public void SkipSound(long time)
    {
        while (_sound * 1024 / 48 < time) _sound++;
    }

    /// <summary>Pictures and sounds in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public void Play(long from, long to, int gop = 50, bool pictures = true, int firstKey = 0)
    {
        for (var time = from; time < to; time += 40)
        {
            var n = (time / 40 - firstKey) % gop;
            if (pictures) Picture(time, isKey: n == 0);
            for (; _sound * 1024 / 48 < time + 40; _sound++)
                Append(new Frame(TrackKind.Audio, FrameFlags.None, Codec.Aac, _sound * 1024 / 48, 0, SharedBuffer.CopyOf([0xAF, 1, .. BitConverter.GetBytes((int)_sound)]), 2));
        }
    }

    public void Append(in Frame frame)
    {
        lock (Log.Gate) Log.Append(frame);
        Bodies.Add(frame.Body);
        frame.Body.Release();
    }

    public void End()
    {
        lock (Log.Gate) Log.End();
    }

    public static byte[] BytesOf(HlsPart part)
    {
        var buffer = part.TryRetain();
        Assert.NotNull(buffer);
        var bytes = buffer.Span.ToArray();
        buffer.Release();
        return bytes;
    }

    /// <summary>A picture that ends before its payload begins: no reader of the wire makes one like that.</summary>
    public void BrokenPicture(long time) => Append(new Frame(TrackKind.Video, FrameFlags.Key, Codec.Avc, time, 40, SharedBuffer.CopyOf([0x17, 1]), 5, 2));

    /// <summary>One picture alone.</summary>
    public void Picture(long time, bool isKey) => Picture(isKey ? FrameFlags.Key : FrameFlags.None, time, [0, 0, 0, 5, (byte)(isKey ? 0x65 : 0x41), .. BitConverter.GetBytes((int)time)]);

    private void Picture(FrameFlags flags, long dts, byte[] payload) =>
        Append(new Frame(TrackKind.Video, flags, Codec.Avc, dts, flags == FrameFlags.Header ? 0 : 40, SharedBuffer.CopyOf([(byte)(flags == FrameFlags.None ? 0x27 : 0x17), (byte)(flags == FrameFlags.Header ? 0 : 1), 0, 0, 0, .. payload]), 5, 2));
}
