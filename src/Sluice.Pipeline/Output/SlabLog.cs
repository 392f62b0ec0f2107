using Sluice.Pipeline.Net;

namespace Sluice.Pipeline.Output;

/// <summary>
/// Contiguous bytes by 64-bit position over pooled slabs: one writer appends, any number of threads read below <see cref="Tail"/>.
/// </summary>
/// <remarks>
/// <code>
///   slab n−1 | slab n …… Tail ▷ being written |        position >> 18 is the number of the slab
/// </code>
/// The writer publishes whole messages with <see cref="Publish"/>. A reader may touch what it has been promised: the writer calls
/// <see cref="ReleaseBelow"/> only with a position that no reader goes below.
/// </remarks>
internal sealed class SlabLog
{
    private byte[]?[] _slabs = new byte[]?[8];
    private long _firstSlab;
    private long _nextSlab;
    private long _written;
    private long _tail;

    /// <summary>The end of what is published. Any thread.</summary>
    public long Tail => Volatile.Read(ref _tail);

    /// <summary>The end of what is written, published or not. Writer only.</summary>
    public long Written => _written;

    /// <summary>Slabs held. Writer only.</summary>
    public int SlabCount => (int)(_nextSlab - _firstSlab);

    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var number = _written >> SlabPool.SlabShift;
            if (number >= _nextSlab) AddSlab();
            var offset = (int)(_written & (SlabPool.SlabSize - 1));
            var room = _slabs[number & (_slabs.Length - 1)].AsSpan(offset);
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            bytes = bytes[count..];
            _written += count;
        }
    }

    public void Publish() => Volatile.Write(ref _tail, _written);

    /// <summary>The bytes from <paramref name="position"/> to <paramref name="limit"/> (at most <see cref="Tail"/>) or to the end of the slab.</summary>
    public ReadOnlyMemory<byte> Read(long position, long limit)
    {
        var slabs = Volatile.Read(ref _slabs);
        var offset = (int)(position & (SlabPool.SlabSize - 1));
        var length = (int)Math.Min(limit - position, SlabPool.SlabSize - offset);
        return slabs[(position >> SlabPool.SlabShift) & (slabs.Length - 1)].AsMemory(offset, length);
    }

    /// <summary>Gives back the slabs that lie wholly below <paramref name="position"/>.</summary>
    public void ReleaseBelow(long position)
    {
        var keep = Math.Min(position >> SlabPool.SlabShift, _nextSlab);
        for (; _firstSlab < keep; _firstSlab++)
        {
            ref var slab = ref _slabs[_firstSlab & (_slabs.Length - 1)];
            SlabPool.Return(slab!);
            slab = null;
        }
    }

    /// <summary>Gives everything back; nobody may read any more.</summary>
    public void Release() => ReleaseBelow(_nextSlab << SlabPool.SlabShift);

    private void AddSlab()
    {
        if (_nextSlab - _firstSlab == _slabs.Length)
        {
            // Readers may still hold the smaller table: it stays as it is.
            var larger = new byte[]?[_slabs.Length * 2];
            for (var number = _firstSlab; number < _nextSlab; number++) larger[number & (larger.Length - 1)] = _slabs[number & (_slabs.Length - 1)];
            Volatile.Write(ref _slabs, larger);
        }
        _slabs[_nextSlab & (_slabs.Length - 1)] = SlabPool.Rent();
        _nextSlab++;
    }
}
