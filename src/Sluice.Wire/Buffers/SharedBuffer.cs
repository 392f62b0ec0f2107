using System.Collections.Concurrent;
using System.Numerics;

namespace Sluice.Wire.Buffers;

/// <summary>
/// A pooled, reference-counted run of bytes: one coded frame or one message on its way from a socket to the logs.
/// </summary>
/// <remarks>
/// Ownership: <see cref="Rent"/> hands the caller one reference. Whoever keeps the buffer beyond the call that gave it to them takes a
/// reference of their own with <see cref="Retain"/>; each reference is given back with <see cref="Release"/>, the last one returns the
/// memory to the pool. Only the sole owner, before sharing it, may write, <see cref="EnsureCapacity"/>, <see cref="TrimStart"/> or <see cref="TrimEnd"/>; shared bytes are read-only.
/// </remarks>
public sealed class SharedBuffer
{
    private const int SmallestShift = 8;              // 256 B
    private const int LargestShift = 24;              // 16 MB; above it nothing is pooled
    private const long PooledBytesPerClass = 16 << 20;

    private static readonly ConcurrentQueue<SharedBuffer>[] Pools = [.. Enumerable.Range(SmallestShift, LargestShift - SmallestShift + 1).Select(_ => new ConcurrentQueue<SharedBuffer>())];

    private byte[] _array;
    private int _start;
    private int _end;
    private int _references;

    private SharedBuffer(byte[] array) => _array = array;

    /// <summary>Bytes in use.</summary>
    public int Length => _end - _start;

    /// <summary>How many owners there are: what tests of ownership look at.</summary>
    internal int References => Volatile.Read(ref _references);

    public int Capacity => _array.Length - _start;

    /// <summary>The bytes in use.</summary>
    public Span<byte> Span => _array.AsSpan(_start, _end - _start);

    /// <inheritdoc cref="Span"/>
    public Memory<byte> Memory => _array.AsMemory(_start, _end - _start);

    /// <summary>The room after the bytes in use; <see cref="Advance"/> takes some of it into use.</summary>
    public Span<byte> Free => _array.AsSpan(_end);

    /// <summary>Takes a buffer with at least <paramref name="capacity"/> bytes of room and none in use. The caller owns the one reference.</summary>
    public static SharedBuffer Rent(int capacity)
    {
        var shift = ShiftFor(capacity);
        if (shift > LargestShift || !Pools[shift - SmallestShift].TryDequeue(out var buffer))
            buffer = new SharedBuffer(GC.AllocateUninitializedArray<byte>(shift > LargestShift ? capacity : 1 << shift));
        buffer._start = buffer._end = 0;
        buffer._references = 1;
        return buffer;
    }

    /// <summary>Rents a buffer that holds a copy of <paramref name="bytes"/>.</summary>
    public static SharedBuffer CopyOf(ReadOnlySpan<byte> bytes)
    {
        var buffer = Rent(bytes.Length);
        buffer.Append(bytes);
        return buffer;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        EnsureCapacity(Length + bytes.Length);
        bytes.CopyTo(Free);
        _end += bytes.Length;
    }

    /// <summary>Takes <paramref name="count"/> bytes of <see cref="Free"/> into use.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - _end));
        _end += count;
    }

    /// <summary>Drops the first <paramref name="count"/> bytes, without moving the rest.</summary>
    public void TrimStart(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Length);
        _start += count;
    }

    /// <summary>Drops the last <paramref name="count"/> bytes.</summary>
    public void TrimEnd(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)Length);
        _end -= count;
    }

    /// <summary>Makes room for <paramref name="capacity"/> bytes in all, keeping those in use; at least doubles, so that a growing message is copied O(1) times a byte.</summary>
    public void EnsureCapacity(int capacity)
    {
        if (capacity <= Capacity) return;
        var larger = Rent(Math.Max(capacity, (int)Math.Min(2L * Length, Array.MaxLength)));
        Span.CopyTo(larger._array);
        var length = Length;
        (_array, larger._array) = (larger._array, _array);
        (_start, _end) = (0, length);
        larger.Release();
    }

    /// <summary>Takes one more reference, for a second owner.</summary>
    public SharedBuffer Retain()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>Gives one reference back; the caller must not touch the buffer afterwards.</summary>
    /// <exception cref="InvalidOperationException">It was released more often than it was taken.</exception>
    public void Release()
    {
        var left = Interlocked.Decrement(ref _references);
        if (left > 0) return;
        if (left < 0) throw new InvalidOperationException("The buffer was released more often than it was taken.");
        var shift = BitOperations.Log2((uint)_array.Length);
        if (shift > LargestShift || _array.Length != 1 << shift) return;
        var pool = Pools[shift - SmallestShift];
        if ((long)pool.Count << shift < PooledBytesPerClass) pool.Enqueue(this);
    }

    private static int ShiftFor(int capacity) => Math.Max(SmallestShift, BitOperations.Log2((uint)Math.Max(capacity, 1) - 1 | 1) + 1);
}
