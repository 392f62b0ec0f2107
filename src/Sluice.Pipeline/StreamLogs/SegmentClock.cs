namespace Sluice.Pipeline.StreamLogs;

/// <summary>Where segments begin and which numbers they have, by absolute time: the time line (the log's origin plus output time) is divided into slots, and a segment begins with a slot's first keyframe.</summary>
/// <remarks>
/// <code>
///   slots     |      8      |      9      |     10      |   11       segment 9 begins at the first K in slot 9
///   pictures  K------K--------K-----K--------K-----K------K------
/// </code>
/// A slot is as long as a whole number of GOPs, so that each has its keyframe at the same place. Where keyframes come otherwise (another source's, a scene's cut) a segment also begins
/// with one if the next would come too late: no segment is longer than the playlist's target. Without any keyframe in time it begins without one, where pictures before it and behind it are shown
/// in the order in which they are decoded: players place a segment by the picture of it that is shown first. A segment that does not begin in the
/// slot after the last one's, as behind a cut that cannot wait, leaves the numbers so much ahead of or behind their slots. All times in milliseconds.
/// </remarks>
/// <param name="slot">As <see cref="SlotFor"/> has it.</param>
internal sealed class SegmentClock(long origin, int slot)
{
    /// <summary>The longest slot: where keyframes are further apart segments begin without one.</summary>
    public const int LongestSlot = 6000;

    private const int UsualSlot = 2000;

    /// <summary>What EXTINF may exceed the target by and still round to it, less a frame that may come late.</summary>
    private const int Tolerance = 450;

    /// <summary>A segment is no shorter than this if it can be helped: players stumble over it (<see cref="PartPlan"/>).</summary>
    private const int Shortest = PartPlan.ShortestLast;

    private long _start;
    private long? _lastKey;
    private (long Last, long Before) _gops;

    /// <summary>The number of the segment that is open.</summary>
    public long Number { get; private set; } = -1;

    /// <summary>The target duration (RFC 8216bis §4.4.3.1), in whole seconds: no segment's, rounded, is more.</summary>
    public int Target { get; } = TargetFor(slot);

    /// <summary>How long the open segment will last if keyframes go on as they came.</summary>
    public long Expected
    {
        get
        {
            var gop = Gop;
            if (_lastKey is not { } key || gop <= 0) return slot;
            do key += gop;
            while (SlotOf(key) <= SlotOf(_start) && key + gop - _start <= Longest);
            return Math.Min(key - _start, Longest);
        }
    }

    private int Longest => Target + Tolerance;

    /// <summary>How far keyframes are apart, by the last ones: one that a scene's cut brought early is followed by one in its own time.</summary>
    private long Gop => Math.Max(_gops.Last, _gops.Before);

    /// <summary>The slot for keyframes that are so far apart, 0 for those that are not known: the whole number of GOPs that is nearest to 2 s, or one GOP.</summary>
    public static int SlotFor(long gop)
    {
        if (gop <= 0) return UsualSlot;
        if (gop >= UsualSlot) return (int)Math.Min(gop, LongestSlot);
        var fewer = UsualSlot / gop * gop;
        var more = fewer + gop;
        return (int)(more - UsualSlot < UsualSlot - fewer && more <= UsualSlot + Tolerance ? more : fewer);
    }

    /// <summary>Opens the first segment, or the next.</summary>
    /// <param name="isAnew">Other pictures begin: how far apart their keyframes are is not known before there were two behind this one, as a GOP that is replayed takes no time.</param>
    public void Open(long dts, bool isKey, bool isAnew)
    {
        if (isAnew) (_lastKey, _gops) = (null, default);
        else if (isKey) See(dts);
        Number = Number < 0 ? SlotOf(dts) : Number + 1;
        _start = dts;
    }

    /// <summary>Whether a picture begins a segment. Asked for each in turn.</summary>
    /// <param name="step">How long the picture before it lasted.</param>
    /// <param name="stretch">Where all pictures before it are shown before it is decoded: how far on the next such picture is, at most. Null: it is none.</param>
    public bool IsCut(long dts, bool isKey, long step, long? stretch)
    {
        if (!isKey) return dts + step - _start > Longest || (dts + stretch - _start > Longest && !IsKeyDue(dts));
        See(dts);
        return SlotOf(dts) > SlotOf(_start) || (dts + (Gop > 0 ? Gop : Longest) - _start > Longest && dts - _start > Shortest);
    }

    /// <summary>Whether a picture comes too late for the open segment to last until there.</summary>
    public bool IsOver(long dts) => dts - _start > Longest;

    /// <summary>Whether a keyframe is expected while the open segment can still wait for it.</summary>
    private bool IsKeyDue(long dts) => _lastKey is { } last && Gop > 0 && last + Gop >= dts && last + Gop - _start <= Longest;

    private static int TargetFor(int slot) => Math.Max(UsualSlot, (slot - Tolerance + 999) / 1000 * 1000);

    private void See(long key)
    {
        if (_lastKey is { } last && last != key) _gops = (key - last, _gops.Last);
        _lastKey = key;
    }

    private long SlotOf(long dts) => (long)Math.Floor((double)(origin + dts) / slot);
}
