using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Control.Tests.Monitor;

public sealed class JournalStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _data = new();
    private readonly Metrics _metrics = new(TimeProvider.System);

    public void Dispose()
    {
        _metrics.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Entries_outlive_a_restart_in_order()
    {
        await using (var store = Open())
        {
            for (var i = 0; i < 500; i++) store.Write(Entry(i));
        }
        await using var again = Open();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => 499 - i), again.Query(null, 1000).Select(entry => entry.DetectMs!.Value));
        Assert.Equal(Entry(499), again.Query(null, 1)[0]);
    }

    [Fact]
    public async Task A_query_gives_the_newest_of_its_stream_first()
    {
        await using var store = Open();
        for (var i = 0; i < 10; i++) store.Write(Entry(i, i % 2 == 0 ? "live/a" : "live/b"));
        Assert.Equal([9, 7, 5], store.Query("live/b", 3).Select(entry => entry.DetectMs!.Value));
        Assert.Empty(store.Query("live/c", 3));
    }

    [Fact]
    public async Task Memory_holds_the_newest_ten_thousand()
    {
        await using var store = Open();
        for (var i = 0; i < JournalStore.Capacity + 7; i++) store.Write(Entry(i));
        var all = store.Query(null, int.MaxValue);
        Assert.Equal(JournalStore.Capacity, all.Count);
        Assert.Equal(7, all[^1].DetectMs);
    }

    [Fact]
    public async Task A_line_is_json_with_the_names_of_the_api_and_milliseconds()
    {
        await using (var store = Open())
        {
            store.Write(new JournalEntry { Time = Noon.AddMilliseconds(7.9), Stream = "live/a", Kind = "switch", From = "a", To = "b", Reason = "silent", Method = "keyframe", DetectMs = 401, GapMs = 20 });
        }
        Assert.Equal(
            """{"time":"2026-11-22T12:00:00.007Z","stream":"live/a","kind":"switch","from":"a","to":"b","reason":"silent","method":"keyframe","detectMs":401,"gapMs":20}""" + "\n",
            File.ReadAllText(_data.File("journal.jsonl")));
    }

    [Fact]
    public async Task Broken_lines_are_passed_over_and_counted_and_a_cut_line_spoils_no_other()
    {
        await using (var store = Open()) store.Write(Entry(1));
        File.AppendAllText(_data.File("journal.jsonl"), "not json\n{\"time\":\"2026-11-22T12:00:00.000Z\",\"stream\":\"li");
        var log = new CollectedLog<JournalStore>();
        await using (var store = new JournalStore(_data.Path, _metrics, log))
        {
            Assert.Single(store.Query(null, 10));
            Assert.Contains(log.Lines, line => line.Contains("2 broken lines", StringComparison.Ordinal));
            store.Write(Entry(2));
        }
        await using var again = Open();
        Assert.Equal([2, 1], again.Query(null, 10).Select(entry => entry.DetectMs!.Value));
    }

    [Fact]
    public async Task A_full_file_is_set_aside_and_one_old_one_is_kept()
    {
        await using (var store = new JournalStore(_data.Path, _metrics, NullLogger<JournalStore>.Instance, maxFileBytes: 4096))
        {
            for (var i = 0; i < 200; i++) store.Write(Entry(i));
        }
        Assert.InRange(new FileInfo(_data.File("journal.jsonl")).Length, 1, 4096);
        Assert.InRange(new FileInfo(_data.File("journal.1.jsonl")).Length, 3000, 4096);
        Assert.Equal(2, Directory.GetFiles(_data.Path).Length);

        await using var again = Open();
        var kept = again.Query(null, 1000).Select(entry => entry.DetectMs!.Value).ToList();
        Assert.Equal(Enumerable.Range(0, kept.Count).Select(i => 199 - i), kept);
        Assert.True(kept.Count > 40);
    }

    [Fact]
    public async Task Where_the_disk_takes_nothing_memory_goes_on_and_the_loss_is_counted()
    {
        File.WriteAllText(_data.File("blocked"), "a file where the directory should be");
        var log = new CollectedLog<JournalStore>();
        var store = new JournalStore(_data.File("blocked"), _metrics, log);
        for (var i = 0; i < 3; i++) store.Write(Entry(i));
        Assert.Equal(3, store.Query(null, 10).Count);
        await store.DisposeAsync();
        Assert.Equal(3, store.Lost);
        Assert.Single(log.Lines, line => line.Contains("can't be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queries_work_while_others_write()
    {
        await using var store = Open();
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 5000; i++) store.Write(Entry(i, $"live/{writer}"));
        })).ToList();
        var all = Task.WhenAll(writers);
        do
        {
            var seen = store.Query("live/0", 5000).Select(entry => entry.DetectMs!.Value).ToList();
            for (var i = 1; i < seen.Count; i++) Assert.Equal(seen[i - 1] - 1, seen[i]);
        }
        while (!all.IsCompleted);
        Assert.Equal(5000, store.Query("live/1", 20_000).Count);
    }

    private JournalStore Open() => new(_data.Path, _metrics, NullLogger<JournalStore>.Instance);

    private static JournalEntry Entry(int number, string stream = "live/show") => new()
    {
        Time = Noon.AddMilliseconds(number), Stream = stream, Kind = "switch", From = "a", To = "b", Reason = "silent", DetectMs = number, Note = "ü \"quoted\"",
    };
}
