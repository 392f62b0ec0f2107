using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources;

/// <summary>
/// Turns the 32-bit times of one publish session into one continuous 64-bit time line per track, both tracks on the same clock.
/// </summary>
/// <remarks>
/// Times are unwrapped against one shared reference, so a wrap that audio and video cross at different messages is no jump. A real jump (the encoder's
/// clock was set, its time stamps restarted) is taken out: the track goes on one frame after its last, and the other track adopts the same
/// correction when it jumps too, whichever comes first, so lip sync stays. A gap in one track only, while the other goes on, is lost media and stays a gap.
/// </remarks>
internal sealed class SourceTime
{
    /// <summary>A step forward beyond this, in milliseconds, that the other track does not confirm is a jump.</summary>
    private const long ForwardLimit = 1000;

    /// <summary>A step back beyond this, in milliseconds, is a jump; a smaller one is a rounding error.</summary>
    private const long BackwardLimit = 100;

    /// <summary>A track that starts this far from the other, in milliseconds, has a clock of its own.</summary>
    private const long StartLimit = 3000;

    /// <summary>How slowly the usual distance of a track to the other follows what is seen.</summary>
    private const double LeadSmoothing = 8;

    private long? _unwrapped;
    private Track _video;
    private Track _audio;

    /// <summary>What two tracks' corrections may differ by, in milliseconds.</summary>
    private const long Rounding = 2;

    /// <summary>How many jumps and backward steps were taken out.</summary>
    public int Repairs { get; private set; }

    /// <summary>How often the encoder's clock was found to have been set; the second track that adopts the correction of the first is no jump of its own.</summary>
    public int Jumps { get; private set; }

    /// <summary>By how much the clock was set last, in milliseconds.</summary>
    public long LastJump { get; private set; }

    /// <summary>The largest time given out; 0 before the first.</summary>
    public long Latest { get; private set; }

    /// <summary>The time of a picture or sound, in milliseconds, greater than the last one of its track.</summary>
    /// <param name="wire">The 32-bit time, in milliseconds.</param>
    /// <param name="step">What one frame of the track usually takes, in milliseconds.</param>
    public long Map(TrackKind kind, uint wire, long step)
    {
        var raw = Unwrap(wire);
        ref var track = ref kind == TrackKind.Video ? ref _video : ref _audio;
        ref var other = ref kind == TrackKind.Video ? ref _audio : ref _video;
        if (track.Last is { } last) Continue(ref track, ref other, raw, last, step);
        else Start(ref track, other, raw);
        if (other.Last is { } reference) track.Lead += (Math.Clamp(track.Last!.Value - reference, -ForwardLimit, ForwardLimit) - track.Lead) / LeadSmoothing;
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

    private void Continue(ref Track track, ref Track other, long raw, long last, long step)
    {
        var time = raw + track.Offset;
        var advance = time - last;
        if (advance < -BackwardLimit || (advance > ForwardLimit && !(other.Last is { } reference && Math.Abs(time - reference) <= ForwardLimit)))
        {
            time = Correct(ref track, ref other, raw, last, step);
            Repairs++;
        }
        else if (advance <= 0)
        {
            time = last + 1;
            Repairs++;
        }
        track.Last = time;
    }

    /// <summary>The clock was set: goes on with the correction of the other track where that fits, else where the sender's clock would have been.</summary>
    private long Correct(ref Track track, ref Track other, long raw, long last, long step)
    {
        if (other.Last is { } reference)
        {
            var adopted = raw + other.Offset;
            if (other.Offset != track.Offset && adopted - last >= -BackwardLimit && Math.Abs(adopted - reference) <= ForwardLimit)
            {
                // Frames lost at the jump made the correction too small: both go on a little later.
                if (adopted <= last) other.Offset += last + step - adopted;
                // The other's frames are of another length: what that rounds must not show in the steps of this one.
                track.Offset = Math.Abs(raw + other.Offset - last - step) <= Rounding ? last + step - raw : other.Offset;
                return raw + track.Offset;
            }
        }
        var place = last + step;
        // Frames were lost at the jump, or the track had been missing: it goes on where it usually is beside the other.
        if (other.Last is { } beside && beside + (long)track.Lead > place + step) place = beside + (long)track.Lead;
        LastJump = raw + track.Offset - place;
        Jumps++;
        track.Offset = place - raw;
        return place;
    }

    private record struct Track(long Offset, long? Last, double Lead);
}
