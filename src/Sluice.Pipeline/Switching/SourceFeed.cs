using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline.Switching;

/// <summary>One session of a source, as the switch plays it: its recent frames, how late they come, and how its time maps to the programme's.</summary>
/// <remarks>
/// A source that reconnects has a new feed; the old one lives on while the output still plays it. Times of frames are source time, in milliseconds.
/// Owns its history's frames: <see cref="Clear"/> gives them back.
/// </remarks>
internal sealed class SourceFeed(Source source)
{
    /// <summary>More than this is no history but a leak: what is older than needed goes first.</summary>
    private const long MaxBytes = 64 << 20;

    /// <summary>Sound that is this far behind the pictures has stopped, and what is behind that far is as good as never there, in milliseconds.</summary>
    private const long StoppedSound = 200, ForgottenSound = 5000;

    private long _lastVideo = long.MinValue;
    private long _lastSound = long.MinValue / 2;
    private double _soundStep;
    private int _reorder;
    private int _lastReorder;
    private int _repairs = source.TimeRepairs;

    public Source Source => source;

    public int Session { get; } = source.Session;

    public SourceHistory History { get; } = new();

    /// <summary>Of its pictures as <see cref="Due"/> sees them; of its sound where it has no video.</summary>
    public Lateness Lateness { get; } = new();

    /// <summary>Programme time less source time; keeps its last value when the session is over.</summary>
    public double Alignment { get; private set; }

    public bool IsAligned { get; private set; }

    /// <summary>PTS − DTS of its keyframes, in milliseconds.</summary>
    public int KeyCts { get; private set; }

    public bool HasVideo => _lastVideo != long.MinValue;

    /// <summary>Whether it is its source's latest session.</summary>
    public bool IsCurrent => source.Session == Session;

    /// <summary>Whether its source still feeds it, and may be on.</summary>
    public bool IsUsable => source.IsUsable && IsCurrent;

    /// <summary>How long after a picture the last of those may come that are shown before it, in milliseconds; 0 without B-frames.</summary>
    public int Reorder => Math.Max(_reorder, _lastReorder);

    /// <summary>From one picture to the next, in milliseconds.</summary>
    public double Step { get; private set; } = 40;

    /// <summary>Between its last keyframes, in milliseconds, or since the last where that is longer already; 0 before the first.</summary>
    public long Gop
    {
        get
        {
            var keys = History.Keys;
            if (keys.Count == 0) return 0;
            var open = _lastVideo - keys[^1].Pts;
            return Math.Max(open, keys.Count > 1 ? keys[^1].Pts - keys[^2].Pts : 0);
        }
    }

    /// <summary>When its first frame came; −1 before that.</summary>
    public long Since { get; private set; } = -1;

    public void Accept(in Frame frame, long now)
    {
        if (Since < 0) Since = now;
        History.Append(frame, source.Headers, now);
        if (!frame.IsMedia) return;
        if (_repairs != source.TimeRepairs)
        {
            // A jump was taken out of its time: how late its frames come is another matter from here on.
            _repairs = source.TimeRepairs;
            Lateness.Clear();
        }
        if (frame.Kind == TrackKind.Video)
        {
            if (frame.IsKey) (KeyCts, _reorder, _lastReorder) = (frame.Cts, 0, _reorder);
            _reorder = Math.Max(_reorder, frame.Cts - KeyCts);
            _lastVideo = frame.Dts;
            Step = source.PictureInterval;
        }
        else
        {
            if (_lastSound >= 0 && frame.Dts > _lastSound) _soundStep = frame.Dts - _lastSound;
            _lastSound = frame.Dts;
        }
        if (frame.Kind == TrackKind.Video || !HasVideo) Lateness.Add(now, now - Due(frame, KeyCts));
    }

    public void Align(in SourceAlignment alignment)
    {
        if (!IsCurrent || alignment.Method == AlignmentMethod.None) return;
        (Alignment, IsAligned) = (alignment.OffsetMs, true);
    }

    /// <summary>
    /// When a frame is to go out, in source time: pictures in the order of decoding, each with the time that its place in that order would show, so that sources with and
    /// without B-frames are due at the same moment.
    /// </summary>
    public static long Due(in Frame frame, int keyCts) => frame.Kind == TrackKind.Video ? frame.Dts + keyCts : frame.Dts;

    /// <summary>Every picture with a PTS before this has arrived, and its sound too where that has just stopped altogether.</summary>
    public long WholeUntil()
    {
        var pictures = CompleteUntil();
        var sound = _lastSound + (long)Math.Round(_soundStep);
        return HasVideo && pictures - sound is > StoppedSound and < ForgottenSound ? sound : pictures;
    }

    /// <summary>Every picture with a PTS before this has arrived; where there is no video, every sound.</summary>
    public long CompleteUntil()
    {
        if (!HasVideo) return _lastSound + (long)Math.Round(_soundStep);
        // A picture yet to come is decoded after the last one, and shown no earlier than that.
        var bound = _lastVideo + Step;
        for (var found = true; found;)
        {
            found = false;
            for (var p = History.Tail - 1; p >= History.Head && !found && History[p].Dts > _lastVideo - 20 * Step; p--)
            {
                ref readonly var frame = ref History[p];
                found = frame is { Kind: TrackKind.Video, IsMedia: true } && Math.Abs(frame.Pts - bound) <= Step / 2;
            }
            if (found) bound += Step;
        }
        return (long)Math.Round(bound);
    }

    /// <summary>The place on this feed's grid of pictures that is nearest to <paramref name="pts"/>, also beyond its ends.</summary>
    public long Snap(double pts)
    {
        long? nearest = null;
        for (var p = History.Tail - 1; p >= History.Head; p--)
        {
            ref readonly var frame = ref History[p];
            if (frame.Kind != TrackKind.Video || !frame.IsMedia) continue;
            if (nearest is null || Math.Abs(frame.Pts - pts) < Math.Abs(nearest.Value - pts)) nearest = frame.Pts;
        }
        if (nearest is not { } place) return (long)Math.Round(pts);
        return place + (long)Math.Round(Math.Round((pts - place) / Step) * Step);
    }

    /// <summary>Forgets what is older than <paramref name="retention"/> (milliseconds), but nothing from the position <paramref name="limit"/> on.</summary>
    public void Trim(long retention, long limit) => History.Trim(Math.Max(_lastVideo, _lastSound) - retention, limit, MaxBytes);

    public void Clear() => History.Clear();
}
