using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Pipeline;

namespace Sluice.Control.Monitor;

/// <summary>
/// Keeps the journal: the newest entries in memory, where queries find them, and all of them in a file, which outlives the server.
/// <code>
///   Write ─▶ ring (memory) ─▶ Query
///     └────▶ channel ─▶ writer ─▶ journal.jsonl
/// </code>
/// </summary>
/// <remarks>
/// <see cref="Write"/> neither waits nor throws: where the disk can't follow, entries stay in memory only, which is counted and logged. Safe from any thread.
/// </remarks>
public sealed partial class JournalStore : IJournal, IAsyncDisposable
{
    /// <summary>Entries kept in memory.</summary>
    public const int Capacity = 10_000;

    private const int MaxQueued = 4096;
    private const long MaxFileBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly JournalEntry[] _ring = new JournalEntry[Capacity];
    private readonly Channel<JournalEntry> _queue = Channel.CreateBounded<JournalEntry>(new BoundedChannelOptions(MaxQueued) { SingleReader = true });
    private readonly JournalFile _file;
    private readonly Metrics _metrics;
    private readonly ILogger _log;
    private readonly Task _writer;
    private long _count;
    private long _lost;
    private long _reportedLost;
    private bool _failing;

    /// <param name="directory">The data directory; made when the first entry is written.</param>
    /// <param name="maxFileBytes">Size at which the file is set aside and a new one begun.</param>
    public JournalStore(string directory, Metrics metrics, ILogger<JournalStore> log, long maxFileBytes = MaxFileBytes)
    {
        (_file, _metrics, _log) = (new JournalFile(directory, maxFileBytes), metrics, log);
        Load();
        _writer = Task.Run(WriteAllAsync);
    }

    /// <summary>Entries that are not in the file because the disk did not take them.</summary>
    public long Lost => Volatile.Read(ref _lost);

    public void Write(JournalEntry entry)
    {
        Keep(entry);
        _metrics.Count(entry);
        if (!_queue.Writer.TryWrite(entry)) Interlocked.Increment(ref _lost);
    }

    /// <summary>The newest entries, newest first.</summary>
    /// <param name="stream"><c>app/name</c>; null: of all streams.</param>
    public IReadOnlyList<JournalEntry> Query(string? stream, int limit)
    {
        var (ring, count) = Copy();
        var found = new List<JournalEntry>(Math.Min(limit, 100));
        for (var at = count - 1; at >= 0 && count - at <= Capacity && found.Count < limit; at--)
        {
            var entry = ring[at % Capacity];
            if (stream is null || entry.Stream == stream) found.Add(entry);
        }
        return found;
    }

    /// <summary>The number of the newest entry; entries are numbered from 1 on, anew with each start of the server. 0: there is none.</summary>
    public long Last
    {
        get { lock (_gate) return _count; }
    }

    /// <summary>The entries after number <paramref name="after"/> up to <paramref name="last"/>, oldest first, as far as they are in memory.</summary>
    public IReadOnlyList<(long Number, JournalEntry Entry)> Between(long after, long last)
    {
        lock (_gate)
        {
            var first = Math.Max(after, _count - Capacity);
            var found = new List<(long, JournalEntry)>((int)Math.Max(0, last - first));
            for (var at = first; at < last; at++) found.Add((at + 1, _ring[at % Capacity]));
            return found;
        }
    }

    /// <summary>Writes what is still waiting and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writer;
    }

    private void Load()
    {
        try
        {
            var entries = _file.Load(Capacity, out var broken);
            foreach (var entry in entries) Keep(entry);
            if (broken > 0) Log.BrokenLines(_log, broken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.Unreadable(_log, error.Message);
        }
    }

    private void Keep(JournalEntry entry)
    {
        lock (_gate) _ring[_count++ % Capacity] = entry;
    }

    /// <summary>A copy to search outside the lock: a writer under a stream's lock is held up for microseconds only.</summary>
    private (JournalEntry[] Ring, long Count) Copy()
    {
        lock (_gate) return ([.. _ring], _count);
    }

    private async Task WriteAllAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            var unsure = 0;
            try
            {
                while (_queue.Reader.TryRead(out var entry))
                {
                    unsure++;
                    _file.Append(entry);
                }
                _file.Flush();
                ReportLost();
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                Fail(error, unsure);
            }
        }
        Close();
    }

    private void ReportLost()
    {
        _failing = false;
        var lost = Lost;
        if (lost != _reportedLost) Log.Lost(_log, lost);
        _reportedLost = lost;
    }

    private void Fail(Exception error, int lost)
    {
        Interlocked.Add(ref _lost, lost);
        if (!_failing) Log.WriteFailed(_log, error.Message);
        _failing = true;
        Close();
    }

    private void Close()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException error)
        {
            Log.WriteFailed(_log, error.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The journal's file has {Count} broken lines; they are passed over")]
        public static partial void BrokenLines(ILogger logger, int count);

        [LoggerMessage(2, LogLevel.Warning, "The journal's file can't be read, so it begins empty: {Error}")]
        public static partial void Unreadable(ILogger logger, string error);

        [LoggerMessage(3, LogLevel.Error, "The journal can't be written; its entries stay in memory only: {Error}")]
        public static partial void WriteFailed(ILogger logger, string error);

        [LoggerMessage(4, LogLevel.Warning, "The journal is written; {Lost} entries since the start are not in its file")]
        public static partial void Lost(ILogger logger, long lost);
    }
}
