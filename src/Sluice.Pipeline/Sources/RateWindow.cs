namespace Sluice.Pipeline.Sources;

/// <summary>Counts what arrives, and tells the rate over the last two seconds.</summary>
internal sealed class RateWindow
{
    private const long Slot = 250;
    private const int Slots = 8;

    private readonly long[] _counts = new long[Slots + 1];
    private long _slot;
    private long _first = -1;

    public void Add(long now, long count)
    {
        if (_first < 0) _first = now;
        MoveTo(now / Slot);
        _counts[_slot % _counts.Length] += count;
    }

    /// <summary>What came per second, over the whole slots within the last two seconds.</summary>
    public double PerSecond(long now)
    {
        if (_first < 0) return 0;
        MoveTo(now / Slot);
        long sum = 0;
        for (var i = 1; i <= Slots; i++) sum += _counts[(_slot + i) % _counts.Length];
        var span = Math.Clamp(_slot * Slot - _first, Slot, Slots * Slot);
        return sum * 1000.0 / span;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        _first = -1;
    }

    private void MoveTo(long slot)
    {
        if (slot - _slot > _counts.Length) Array.Clear(_counts);
        else while (_slot < slot) _counts[++_slot % _counts.Length] = 0;
        _slot = Math.Max(slot, _slot);
    }
}
