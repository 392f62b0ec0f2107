using System.Buffers;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;

namespace Sluice.Control.Monitor;

/// <summary>
/// The cues of a show for viewers whose stream brings them none: each as it is added, and at the start those to come.
/// <code>
///   cue ─▶ bytes, built once ─▶ the queue of each reader of the show ─▶ its connection
/// </code>
/// </summary>
/// <remarks>A reader that leaves its queue full is dropped; all of a show end with it. Server-Sent Events text (WHATWG HTML §9.2). Safe from any thread.</remarks>
public sealed class CueFeed : IDisposable
{
    /// <summary>Viewers that may follow at once.</summary>
    public const int MaxReaders = 20_000;

    /// <summary>A connection on which nothing comes for so long is told that it lives: proxies close silent ones.</summary>
    public static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Each second those whose turn it is, so that not all are written to at once.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(1);

    /// <summary>A comment.</summary>
    private static readonly byte[] Sign = [.. ":\n\n"u8];

    private readonly Lock _gate = new();
    private readonly Dictionary<CueLine, HashSet<CueReader>> _shows = [];
    private readonly ITimer _timer;
    private int _count;
    private int _slot;
    private bool _isClosed;

    public CueFeed(TimeProvider time) => _timer = time.CreateTimer(_ => Tick(), null, Turn, Turn);

    /// <summary>Begins to follow the cues of a stream's present show.</summary>
    /// <returns>Null: <see cref="MaxReaders"/> follow already.</returns>
    public CueReader? Open(LiveStream stream)
    {
        var show = stream.Log.Cues;
        CueReader reader;
        lock (_gate)
        {
            if (_count == MaxReaders) return null;
            reader = new CueReader(this, show, _slot);
            _count++;
            if (!_shows.TryGetValue(show, out var readers))
            {
                _shows[show] = readers = [];
                show.Ended.ContinueWith(_ => End(show), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
            readers.Add(reader);
            if (_isClosed) reader.End();
        }
        // Those that come from here on are told, too: none is missed, and one may come twice.
        reader.TryTell(TextOf(stream.Name, stream.ToldCues()));
        return reader;
    }

    /// <summary>Tells the readers of the stream's present show of a cue that was added to it.</summary>
    public void Tell(LiveStream stream, Cue cue)
    {
        var text = TextOf(stream.Name, [cue]);
        lock (_gate)
        {
            if (!_shows.TryGetValue(stream.Log.Cues, out var readers)) return;
            foreach (var reader in readers) reader.TryTell(text);
        }
    }

    /// <summary>Ends every reader.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate)
        {
            _isClosed = true;
            foreach (var reader in _shows.Values.SelectMany(readers => readers)) reader.End();
        }
    }

    internal void Leave(CueReader reader)
    {
        lock (_gate)
        {
            _count--;
            if (_shows.TryGetValue(reader.Show, out var readers)) readers.Remove(reader);
        }
    }

    private void End(CueLine show)
    {
        lock (_gate)
        {
            if (!_shows.Remove(show, out var readers)) return;
            foreach (var reader in readers) reader.End();
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            _slot = (_slot + 1) % (int)(KeepAlive / Turn);
            foreach (var readers in _shows.Values)
                foreach (var reader in readers)
                    if (reader.Slot == _slot) reader.TryTell(Sign);
        }
    }

    private static byte[] TextOf(string stream, IReadOnlyList<Cue> cues)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(Sign);
        foreach (var cue in cues) SseText.Write(text, Uri.EscapeDataString(cue.Id), stream, cue);
        return text.WrittenSpan.ToArray();
    }
}
