namespace Sluice.Pipeline.Output;

/// <summary>The last times written before a place in a MuxLog, per time line of the container: sound with data, and pictures. Milliseconds of the stream.</summary>
internal readonly record struct TrackTimes(long Sound, long Picture);

/// <summary>Where a message begins.</summary>
/// <param name="Dts">Its own time.</param>
/// <param name="Before">The times of the messages before it.</param>
internal readonly record struct MessageMark(long Position, long Dts, TrackTimes Before);

/// <summary>The starts of the messages that a MuxLog holds, oldest first: where private bytes may go between, and how far behind a cursor is.</summary>
internal sealed class MessageMarks
{
    private MessageMark[] _ring = new MessageMark[256];
    private long _head;
    private long _tail;

    public void Add(in MessageMark mark)
    {
        if (_tail - _head == _ring.Length) Grow();
        _ring[_tail++ & (_ring.Length - 1)] = mark;
    }

    public void RemoveBelow(long position)
    {
        while (_head < _tail && At(_head).Position < position) _head++;
    }

    /// <summary>The first message that begins at or after <paramref name="position"/>; null when none does.</summary>
    public MessageMark? FirstFrom(long position)
    {
        var (low, high) = (_head, _tail);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (At(middle).Position < position) low = middle + 1;
            else high = middle;
        }
        return low < _tail ? At(low) : null;
    }

    private ref MessageMark At(long index) => ref _ring[index & (_ring.Length - 1)];

    private void Grow()
    {
        var larger = new MessageMark[_ring.Length * 2];
        for (var index = _head; index < _tail; index++) larger[index & (larger.Length - 1)] = At(index);
        _ring = larger;
    }
}
