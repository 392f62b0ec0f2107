using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources;

/// <summary>
/// Turns the 32-bit times of one publish session into one continuous 64-bit time line per track, both tracks on the same clock.
/// </summary>
/// <remarks>
/// Times are unwrapped against one shared reference, so a wrap that audio and video cross at different messages is no jump. A real jump (the encoder's
/// clock was set, its time stamps restarted) is taken out: the track goes on one frame after its last, and the other track adopts the same
/// correction when it jumps too, so lip sync stays. A gap in one track only, while the other goes on, is lost media and stays a gap.
/// </remarks>
internal sealed class SourceTime
{
    /// <summary>A step forward beyond this, in milliseconds, that the other track does not confirm is a jump.</summary>
    private const long ForwardLimit = 1000;

    /// <summary>A step back beyond this, in milliseconds, is a jump; a smaller one is a rounding error.</summary>
    private const long BackwardLimit = 100;

    /// <summary>A track that starts this far from the other, in milliseconds, has a clock of its own.</summary>
    private const long StartLimit = 10_000;

    private long? _unwrapped;
    private Track _video;
    private Track _audio;

    /// <summary>How many jumps and backward steps were taken out.</summary>
    public int Repairs { get; private set; }

    /// <summary>The largest time given out; 0 before the first.</summary>
    public long Latest { get; private set; }

    /// <summary>The time of a picture or sound, in milliseconds, greater than the last one of its track.</summary>
    /// <param name="wire">The 32-bit time, in milliseconds.</param>
    /// <param name="step">What one frame of the track usually takes, in milliseconds.</param>
    public long Map(TrackKind kind, uint wire, long step)
    {
        var raw = Unwrap(wire);
        ref var track = ref kind == TrackKind.Video ? ref _video : ref _audio;
        ref readonly var other = ref kind == TrackKind.Video ? ref _audio : ref _video;
        if (track.Last is { } last) Continue(ref track, other, raw, last, step);
        else Start(ref track, other, raw);
        Latest = Math.Max(Latest, track.Last!.Value);
        return track.Last.Value;
    }

    private long Unwrap(uint wire)
    {
        _unwrapped = _unwrapped is { } reference ? reference + (int)(wire - (uint)reference) : wire;
        return _unwrapped.Value;
    }

    private static void Start(ref Track track, in Track other, long raw)
    {
        track.Offset = other.Offset;
        if (other.Last is { } reference && Math.Abs(raw + track.Offset - reference) > StartLimit) track.Offset = reference - raw;
        track.Last = raw + track.Offset;
    }

    private void Continue(ref Track track, in Track other, long raw, long last, long step)
    {
        var time = raw + track.Offset;
        var advance = time - last;
        var confirmed = other.Last is { } reference && Math.Abs(time - reference) <= ForwardLimit;
        if (advance <= 0 && advance >= -BackwardLimit)
        {
            time = last + 1;
            Repairs++;
        }
        else if (advance < 0 || (advance > ForwardLimit && !confirmed))
        {
            var adopted = raw + other.Offset - last;
            track.Offset = other.Last is not null && adopted is > 0 and <= ForwardLimit ? other.Offset : last + step - raw;
            time = raw + track.Offset;
            Repairs++;
        }
        track.Last = time;
    }

    private record struct Track(long Offset, long? Last);
}
