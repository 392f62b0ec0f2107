namespace Sluice.Pipeline.Switching;

/// <summary>
/// How late the frames of one source arrive against their own time stamps: the least and the greatest of (arrival − time) over the last seconds,
/// in milliseconds. Only differences of these values mean something.
/// </summary>
internal sealed class Lateness
{
    private const long Slot = 2_000;

    /// <summary>The least is sought over half a minute: the promptest frame tells the way's length.</summary>
    private const int EarliestSlots = 15;

    /// <summary>The greatest over ten seconds, so that one bad moment is forgotten.</summary>
    private const int LatestSlots = 5;

    private readonly (long Least, long Greatest)[] _slots = new (long, long)[EarliestSlots];
    private long _slot = long.MinValue;

    public bool IsKnown => _slot != long.MinValue;

    /// <summary>Of the promptest frame.</summary>
    public long Earliest { get; private set; } = long.MaxValue;

    /// <summary>Of the latest frame.</summary>
    public long Latest { get; private set; } = long.MinValue;

    public void Clear() => (_slot, Earliest, Latest) = (long.MinValue, long.MaxValue, long.MinValue);

    public void Add(long now, long lateness)
    {
        MoveTo(now / Slot);
        ref var slot = ref _slots[_slot % EarliestSlots];
        slot = (Math.Min(slot.Least, lateness), Math.Max(slot.Greatest, lateness));
        Earliest = Math.Min(Earliest, lateness);
        Latest = Math.Max(Latest, lateness);
    }

    private void MoveTo(long slot)
    {
        if (slot == _slot) return;
        var from = _slot == long.MinValue || slot - _slot > EarliestSlots ? slot - EarliestSlots + 1 : _slot + 1;
        for (var i = from; i <= slot; i++) _slots[i % EarliestSlots] = (long.MaxValue, long.MinValue);
        _slot = slot;
        (Earliest, Latest) = (long.MaxValue, long.MinValue);
        for (var i = 0; i < EarliestSlots; i++)
        {
            var (least, greatest) = _slots[(slot - i + EarliestSlots) % EarliestSlots];
            Earliest = Math.Min(Earliest, least);
            if (i < LatestSlots) Latest = Math.Max(Latest, greatest);
        }
    }
}
