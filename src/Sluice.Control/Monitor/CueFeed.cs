using System.Buffers;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Control.Monitor;

/// <summary>
/// What viewers' pages are told beside a show's media: whether it is dark, and its cues, each as it is added or moved, and at the start those to come.
/// <code>
///   news of a show ─▶ bytes, built once ─▶ the queue of each reader of the show ─▶ its connection
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
    private readonly Dictionary<StreamLog, HashSet<CueReader>> _shows = [];
    private readonly ITimer _timer;
    private int _count;
    private int _slot;
    private bool _isClosed;

    public CueFeed(TimeProvider time) => _timer = time.CreateTimer(_ => Tick(), null, Turn, Turn);

    /// <summary>Begins to follow a stream's present show.</summary>
    /// <returns>Null: <see cref="MaxReaders"/> follow already.</returns>
    public CueReader? Open(LiveStream stream)
    {
        var show = stream.Log;
        lock (_gate)
        {
            if (_count == MaxReaders) return null;
            var reader = new CueReader(this, show, _slot);
            _count++;
            if (!_shows.TryGetValue(show, out var readers))
            {
                _shows[show] = readers = [];
                _ = FollowAsync(stream.Name, show);
            }
            readers.Add(reader);
            // What comes from here on is told, too: nothing is missed, and a cue may come twice.
            reader.TryTell(OpeningOf(stream, show.News.IsDark));
            if (_isClosed) reader.End();
            return reader;
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

    /// <summary>Tells the readers of a show.</summary>
    internal void Tell(StreamLog show, ReadOnlyMemory<byte> text)
    {
        lock (_gate)
        {
            if (!_shows.TryGetValue(show, out var readers)) return;
            foreach (var reader in readers) reader.TryTell(text);
        }
    }

    /// <summary>Passes on a show's news from here on, and ends its readers with it.</summary>
    private async Task FollowAsync(string stream, StreamLog show)
    {
        for (var news = show.News; await news.Next.ConfigureAwait(ConfigureAwaitOptions.ForceYielding) is { } next; news = next) Tell(show, TextOf(stream, next));
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

    private static byte[] OpeningOf(LiveStream stream, bool isDark)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write(Sign);
        WriteState(text, isDark);
        foreach (var cue in stream.ToldCues()) WriteCue(text, stream.Name, cue);
        return text.WrittenSpan.ToArray();
    }

    private static byte[] TextOf(string stream, News news)
    {
        var text = new ArrayBufferWriter<byte>();
        if (news.Cue is { } cue) WriteCue(text, stream, cue);
        else WriteState(text, news.IsDark);
        return text.WrittenSpan.ToArray();
    }

    private static void WriteState(ArrayBufferWriter<byte> text, bool isDark) => SseText.Write(text, "state", null, isDark ? "{\"dark\":true}"u8 : "{\"dark\":false}"u8);

    private static void WriteCue(ArrayBufferWriter<byte> text, string stream, Cue cue) => SseText.Write(text, Uri.EscapeDataString(cue.Id), stream, cue);
}
