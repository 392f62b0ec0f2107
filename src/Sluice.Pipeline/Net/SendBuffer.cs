using System.Buffers;

namespace Sluice.Pipeline.Net;

/// <summary>Bytes written and not sent yet. Holds memory only while there are some, so that an idle connection costs none.</summary>
/// <remarks>One caller at a time.</remarks>
public sealed class SendBuffer : IBufferWriter<byte>
{
    private const int LeastRoom = 256;

    private byte[] _array = [];

    public int WrittenCount { get; private set; }

    public ReadOnlyMemory<byte> WrittenMemory => _array.AsMemory(0, WrittenCount);

    public ReadOnlySpan<byte> WrittenSpan => _array.AsSpan(0, WrittenCount);

    /// <summary>Forgets the first <paramref name="count"/> bytes.</summary>
    public void Take(int count)
    {
        WrittenSpan[count..].CopyTo(_array);
        WrittenCount -= count;
        if (WrittenCount == 0) Clear();
    }

    /// <summary>Forgets all of it. What <see cref="WrittenMemory"/> gave before must not be used any more.</summary>
    public void Clear()
    {
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        (_array, WrittenCount) = ([], 0);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_array.Length - WrittenCount));
        WrittenCount += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(WrittenCount);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(WrittenCount);
    }

    private void Reserve(int room)
    {
        if (_array.Length - WrittenCount >= Math.Max(room, 1)) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(WrittenCount + Math.Max(room, LeastRoom), 2 * WrittenCount));
        WrittenSpan.CopyTo(larger);
        if (_array.Length > 0) ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}
