namespace Sluice.Pipeline.Alignment;

/// <summary>
/// How much later than their presentation time the frames of one source arrive: a minimum over time, which the promptest frames make, so that jitter and backlogs
/// on the way do not count. Its zero is the source's own, so only changes and differences mean something. Milliseconds.
/// </summary>
internal sealed class ArrivalDelay
{
    private const int Slot = 1000;
    private const int Slots = 30;
    private const int RecentSlots = 3;
    private const int FormerSlots = 5;

    private readonly long[] _least = new long[Slots];
    private long _first = -1;
    private long _slot;

    public ArrivalDelay() => Clear();

    /// <summary>For how long frames have been seen.</summary>
    public long Age(long now) => _first < 0 ? 0 : now - _first;

    /// <summary>The least delay within the last 30 s.</summary>
    public long Least => LeastOf(0, Slots);

    /// <summary>The least delay within the last 2 to 3 s.</summary>
    public long Recent => LeastOf(0, RecentSlots);

    /// <summary>How much later frames arrive now than half a minute ago: by how far the clock was set back since then, or a backlog grew.</summary>
    public long Shift => LeastOf(Slots - FormerSlots, Slots) is var former and not long.MaxValue ? Recent - former : 0;

    public void Add(long now, long pts)
    {
        if (_first < 0) (_first, _slot) = (now, now / Slot);
        for (var slot = now / Slot; _slot < slot;)
        {
            if (slot - _slot > Slots) _slot = slot - Slots;
            _least[++_slot % Slots] = long.MaxValue;
        }
        ref var least = ref _least[_slot % Slots];
        least = Math.Min(least, now - pts);
    }

    public void Clear()
    {
        Array.Fill(_least, long.MaxValue);
        _first = -1;
        _slot = 0;
    }

    private long LeastOf(int newest, int oldest)
    {
        var least = long.MaxValue;
        for (var i = newest; i < oldest; i++) least = Math.Min(least, _least[(_slot - i + Slots) % Slots]);
        return least;
    }
}
