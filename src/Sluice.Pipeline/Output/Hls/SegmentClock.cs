namespace Sluice.Pipeline.Output.Hls;

/// <summary>
/// Where segments begin and which numbers they have, by absolute time: the time line (the log's origin plus output time) is divided into slots of one segment's duration, and the
/// segment of a slot begins with the slot's first keyframe.
/// </summary>
/// <remarks>
/// <code>
///   slots     |      8      |      9      |     10      |   11       segment 9 begins at the first K in slot 9
///   pictures  K------K--------K-----K------------------------K-        slot 10 has no K: its segment begins without one, once it would be too long to wait
/// </code>
/// Where the keyframes are too far apart for that, a segment begins without one, rather than be longer than the playlist's target or leave a number out. A cut that cannot wait (another
/// epoch, other decoders) takes the next number early; numbers are as much ahead of their slots from then on. All times in milliseconds.
/// </remarks>
/// <param name="lead">Of the show: whoever packages it again goes on with the same numbers.</param>
internal sealed class SegmentClock(long origin, int duration, NumberLead lead)
{
    /// <summary>What EXTINF may exceed the target by and still round to it, less a frame that may come late.</summary>
    private const int Tolerance = 450;

    private long _start;

    /// <summary>The number of the segment that is open.</summary>
    public long Number { get; private set; } = -1;

    /// <summary>The duration for which a GOP fits into a slot, by how far apart keyframes are; 2 s unless that is too short.</summary>
    public static int DurationFor(long gop) => gop <= 2050 ? 2000 : gop <= 4050 ? 4000 : 6000;

    /// <summary>Opens the first segment, or the next.</summary>
    public void Open(long dts)
    {
        Number = Number < 0 ? PlaceOf(dts) : Number + 1;
        lead.Reach(dts, Number - SlotOf(dts));
        _start = dts;
    }

    /// <summary>Whether a picture begins a segment.</summary>
    /// <param name="step">How long the picture before it lasted.</param>
    public bool IsCut(long dts, bool isKey, long step)
    {
        var place = PlaceOf(dts);
        return place > Number && (isKey || place > Number + 1 || dts + step - _start > duration + Tolerance);
    }

    private long PlaceOf(long dts) => SlotOf(dts) + lead.At(dts);

    private long SlotOf(long dts) => (long)Math.Floor((double)(origin + dts) / duration);
}
