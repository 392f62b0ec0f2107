using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Sluice.Control.Api;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Control.Monitor;

/// <summary>
/// What pages that stay open are told, twice a second: how the streams are, a sample of each second, and each new entry of the journal.
/// <code>
///   streams, clients, journal ─▶ tick ─▶ issue: bytes for each topic, built once ─▶ every page that follows the topic
/// </code>
/// </summary>
/// <remarks>
/// A topic is one stream (<c>app/name</c>) or, empty, the list of all. An issue is what all pages of a topic write to their connections, the same array; a page follows
/// the chain of issues and misses none. Each is Server-Sent Events text (WHATWG HTML §9.2). Without a page only the samples are taken. Safe from any thread.
/// </remarks>
public sealed partial class LiveFeed : IDisposable
{
    /// <summary>Between two issues.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>Pages that may follow at once.</summary>
    public const int MaxReaders = 500;

    private const int TicksPerSample = 2;
    private const int JournalAtStart = 100;
    private const int MostClients = 100;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private readonly Dictionary<string, History> _histories = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> _text = new();
    private readonly StreamRegistry _registry;
    private readonly Clients _clients;
    private readonly JournalStore _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly string _boot;
    private FeedIssue _last = new();
    private long _journalSeen;
    private long _ticks;
    private bool _isFaulty;   // the last tick failed

    public LiveFeed(StreamRegistry registry, Clients clients, JournalStore journal, TimeProvider time, ILogger<LiveFeed> log)
    {
        (_registry, _clients, _journal, _time, _log) = (registry, clients, journal, time, log);
        _boot = time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", null);
        _journalSeen = journal.Last;
        _timer = time.CreateTimer(_ => Tick(), null, Period, Period);
    }

    /// <summary>Begins to follow a topic.</summary>
    /// <param name="topic"><c>app/name</c>, or empty: the list of all streams.</param>
    /// <param name="lastEventId">The id of the last journal entry that the page has; null: none.</param>
    /// <returns>Null: <see cref="MaxReaders"/> pages follow already.</returns>
    public FeedReader? Open(string topic, string? lastEventId)
    {
        lock (_gate)
        {
            if (_topics.Values.Sum(followed => followed.Readers) >= MaxReaders) return null;
            if (!_topics.TryGetValue(topic, out var its)) _topics[topic] = its = new Topic(_registry.Find(topic));
            its.Readers++;
            return new FeedReader(this, topic, Opening(topic, NumberOf(lastEventId)), _last);
        }
    }

    /// <summary>Ends every reader.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        lock (_gate) _last.End();
    }

    /// <summary>The number of the last issue. Any thread.</summary>
    internal long Newest => Volatile.Read(ref _last).Number;

    internal void Leave(string topic)
    {
        lock (_gate)
        {
            if (--_topics[topic].Readers == 0) _topics.Remove(topic);
        }
    }

    /// <summary>A fault of ours leaves out what the pages would have been told; uncaught, on the timer's thread, it would end the show.</summary>
    private void Tick()
    {
        lock (_gate)
        {
            try
            {
                TellAll();
                _isFaulty = false;
            }
            catch (Exception error)
            {
                if (!_isFaulty) Log.CannotTell(_log, error);
                _isFaulty = true;
            }
        }
    }

    private void TellAll()
    {
        var isSample = _ticks++ % TicksPerSample == 0;
        if (!isSample && _topics.Count == 0) return;
        var (now, streams) = (_time.GetUtcNow(), Snapshots());
        if (isSample) Sample(streams, now);

        var last = _journal.Last;
        var entries = _topics.Count == 0 ? [] : _journal.Between(_journalSeen, last);
        var clients = new Lazy<ILookup<string, Client>>(ClientsByPath);
        var bytes = new Dictionary<string, ReadOnlyMemory<byte>>(_topics.Count, StringComparer.Ordinal);
        foreach (var (topic, its) in _topics)
        {
            _text.ResetWrittenCount();
            WriteState(topic, streams, clients, now);
            if (isSample && _histories.TryGetValue(topic, out var history)) Write("sample", history.Newest(topic, 1), ApiJson.Default.SampleColumns);
            WriteJournal(topic, streams, entries);
            foreach (var cue in its.TakeCues(_registry.Find(topic))) SseText.Write(_text, null, topic, cue);
            bytes[topic] = _text.WrittenSpan.ToArray();
        }
        _journalSeen = last;
        Volatile.Write(ref _last, _last.Follow(bytes));
    }

    private ILookup<string, Client> ClientsByPath() => _clients.All.ToLookup(client => client.Path, StringComparer.Ordinal);

    private IReadOnlyList<StreamSnapshot> Snapshots() => [.. _registry.Streams.Select(stream => stream.Snapshot())];

    private void Sample(IReadOnlyList<StreamSnapshot> streams, DateTimeOffset now)
    {
        foreach (var stream in streams)
        {
            if (!_histories.TryGetValue(stream.Name, out var history)) _histories[stream.Name] = history = new History(stream.Sources);
            history.Add(stream, now);
        }
        if (_histories.Count == streams.Count) return;
        var names = streams.Select(stream => stream.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _histories.Keys.Where(name => !names.Contains(name)).ToList()) _histories.Remove(gone);
    }

    /// <summary>What a page gets first: where it stands, the last minutes, what the journal had up to the last issue, how things are, and the cues to come.</summary>
    private byte[] Opening(string topic, long? after)
    {
        _text.ResetWrittenCount();
        Write("hello", new HelloEvent(Metrics.Version, _boot, after is not null), ApiJson.Default.HelloEvent);
        if (_histories.TryGetValue(topic, out var history)) Write("history", history.Newest(topic, History.Capacity), ApiJson.Default.SampleColumns);
        var streams = Snapshots();
        var paths = PathsOf(topic, streams);
        var entries = _journal.Between(after ?? 0, _journalSeen).Where(pair => Concerns(paths, pair.Entry)).ToList();
        WriteEntries(after is null ? entries.TakeLast(JournalAtStart) : entries);
        WriteState(topic, streams, new Lazy<ILookup<string, Client>>(ClientsByPath), _time.GetUtcNow());
        foreach (var cue in _registry.Find(topic)?.ToldCues() ?? []) SseText.Write(_text, null, topic, cue);
        return _text.WrittenSpan.ToArray();
    }

    private void WriteState(string topic, IReadOnlyList<StreamSnapshot> streams, Lazy<ILookup<string, Client>> byPath, DateTimeOffset now)
    {
        if (topic.Length == 0)
        {
            Write("streams", new StreamsEvent(now, [.. streams.Select(StreamSummary.Of)]), ApiJson.Default.StreamsEvent);
            return;
        }
        var clients = PathsOf(topic, streams)!.SelectMany(path => byPath.Value[path]).ToList();
        var audience = clients.Where(client => client is { Kind: ClientKind.Viewer, IsConnection: true } && client.Path == topic).GroupBy(client => client.Protocol)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => LagOf(group.Key, [.. group.Select(client => client.LagMs).Order()]));
        var state = new StreamEvent(now, streams.FirstOrDefault(stream => stream.Name == topic), [.. audience], [.. Listed(clients)], clients.Count);
        Write("stream", state, ApiJson.Default.StreamEvent);
    }

    /// <summary>Publishers, pulls and pushes, then the viewers that lag most. Each part goes by id, as lag changes with each look and rows are not to jump.</summary>
    private static IEnumerable<ClientState> Listed(List<Client> clients)
    {
        IEnumerable<Client> listed = clients;
        if (clients.Count > MostClients)
            listed = clients.OrderBy(client => client.Kind == ClientKind.Viewer).ThenByDescending(client => client.Kind == ClientKind.Viewer ? client.LagMs : 0).ThenBy(client => client.Id).Take(MostClients);
        return listed.OrderBy(client => client.Kind == ClientKind.Viewer).ThenBy(client => client.Id).Select(ClientState.Of);
    }

    private static AudienceLag LagOf(string protocol, List<int> lags) => new(protocol, lags.Count, lags[lags.Count / 2], lags[^1]);

    private void WriteJournal(string topic, IReadOnlyList<StreamSnapshot> streams, IReadOnlyList<(long Number, JournalEntry Entry)> entries)
    {
        if (entries.Count == 0) return;
        var paths = PathsOf(topic, streams);
        WriteEntries(entries.Where(pair => Concerns(paths, pair.Entry)));
    }

    private void WriteEntries(IEnumerable<(long Number, JournalEntry Entry)> entries)
    {
        foreach (var (number, entry) in entries)
            SseText.Write(_text, "journal", $"{_boot}-{number}", JsonSerializer.SerializeToUtf8Bytes(entry, ApiJson.Default.JournalEntry));
    }

    /// <summary>A stream's own path and those of its sources; null: all there are.</summary>
    private static HashSet<string>? PathsOf(string topic, IReadOnlyList<StreamSnapshot> streams) =>
        topic.Length == 0 ? null : [topic, .. streams.FirstOrDefault(stream => stream.Name == topic)?.Sources.Select(source => source.Path) ?? []];

    private static bool Concerns(HashSet<string>? paths, JournalEntry entry) => paths is null || paths.Contains(entry.Stream);

    private void Write<T>(string name, T data, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        SseText.Write(_text, name, null, JsonSerializer.SerializeToUtf8Bytes(data, type));

    /// <summary>The number in an id of this run of the server; null where it is of another, or none.</summary>
    private long? NumberOf(string? id) =>
        id is not null && id.StartsWith(_boot + "-", StringComparison.Ordinal) && long.TryParse(id.AsSpan(_boot.Length + 1), out var number) && number >= 0 && number <= _journalSeen ? number : null;

    /// <summary>What pages follow, and how far they have been told of its cues.</summary>
    private sealed class Topic(LiveStream? stream)
    {
        private StreamLog? _show = stream?.Log;
        private News? _told = stream?.Log.News;

        public int Readers { get; set; }

        /// <summary>The cues since the last call; of a show that has begun since, all that it is told.</summary>
        public List<Cue> TakeCues(LiveStream? stream)
        {
            if (stream is null) return [];
            var show = stream.Log;
            if (show != _show)
            {
                (_show, _told) = (show, show.News);
                return [.. stream.ToldCues()];
            }
            List<Cue> cues = [];
            while (_told!.Next is { IsCompletedSuccessfully: true, Result: { } next })
            {
                _told = next;
                if (next.Cue is { } cue) cues.Add(cue);
            }
            return cues;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The feed of open pages failed; tried again twice a second")]
        public static partial void CannotTell(ILogger logger, Exception error);
    }
}
