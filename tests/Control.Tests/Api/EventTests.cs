using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Control.Api;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Control.Tests.Api;

/// <summary>The live feed, read off the wire.</summary>
public sealed class EventTests : IAsyncLifetime
{
    private const string OneStream = "/api/v1/events?stream=live/vip/show";

    private TestServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_page_gets_history_journal_and_state_at_once_and_then_each_tick()
    {
        using var lease = await _server.PublishAsync("live/vip/show-a");
        for (var tick = 0; tick < 10; tick++) _server.FeedTime.Advance(LiveFeed.Period);
        using var page = await FeedPage.OpenAsync(_server.Http, OneStream);
        Assert.False((await page.NextAsync("hello")).GetProperty("resumed").GetBoolean());
        var history = await page.NextAsync("history");
        Assert.Equal(5, history.GetProperty("time").GetArrayLength());
        Assert.Equal(["a", "b"], history.GetProperty("sources").EnumerateArray().Select(source => source.GetProperty("name").GetString()));
        Assert.Equal("source", (await page.NextAsync("journal")).GetProperty("kind").GetString());
        var state = await page.NextAsync("stream");
        Assert.Equal("probing", state.GetProperty("stream").GetProperty("sources")[0].GetProperty("state").GetString());
        Assert.Equal("live/vip/show-a", Assert.Single(state.GetProperty("clients").EnumerateArray().ToList()).GetProperty("path").GetString());

        _server.FeedTime.Advance(LiveFeed.Period);
        await page.NextAsync("stream");
        Assert.Equal(1, (await page.NextAsync("sample")).GetProperty("time").GetArrayLength());
    }

    [Fact]
    public async Task Ten_minutes_are_kept_and_no_more()
    {
        for (var tick = 0; tick < 2 * 700; tick++) _server.FeedTime.Advance(LiveFeed.Period);
        using var page = await FeedPage.OpenAsync(_server.Http, OneStream);
        var times = (await page.NextAsync("history")).GetProperty("time").EnumerateArray().Select(time => time.GetInt64()).ToList();
        Assert.Equal(600, times.Count);
        Assert.All(times.Zip(times.Skip(1)), pair => Assert.Equal(1000, pair.Second - pair.First));
    }

    [Fact]
    public async Task The_journal_goes_on_where_a_page_was_cut_off()
    {
        Write("first");
        _server.FeedTime.Advance(LiveFeed.Period);
        string? id;
        using (var page = await FeedPage.OpenAsync(_server.Http, OneStream))
        {
            Assert.Equal("first", (await page.NextAsync("journal")).GetProperty("note").GetString());
            id = page.LastEventId;
        }
        Write("second");
        Write("elsewhere", "live/other");
        _server.FeedTime.Advance(LiveFeed.Period);
        using var again = await FeedPage.OpenAsync(_server.Http, OneStream, id);
        Assert.True((await again.NextAsync("hello")).GetProperty("resumed").GetBoolean());
        Assert.Equal("second", (await again.NextAsync("journal")).GetProperty("note").GetString());
        Write("third");
        _server.FeedTime.Advance(LiveFeed.Period);
        Assert.Equal("third", (await again.NextAsync("journal")).GetProperty("note").GetString());
    }

    [Fact]
    public async Task An_id_of_another_run_begins_anew()
    {
        Write("first");
        _server.FeedTime.Advance(LiveFeed.Period);
        using var page = await FeedPage.OpenAsync(_server.Http, OneStream, "abc-17");
        Assert.False((await page.NextAsync("hello")).GetProperty("resumed").GetBoolean());
        Assert.Equal("first", (await page.NextAsync("journal")).GetProperty("note").GetString());
    }

    [Fact]
    public async Task The_list_is_brief()
    {
        using var list = await FeedPage.OpenAsync(_server.Http, "/api/v1/events");
        var stream = Assert.Single((await list.NextAsync("streams")).GetProperty("streams").EnumerateArray().ToList());
        Assert.Equal(("live/vip/show", "idle", 0), (stream.GetProperty("name").GetString(), stream.GetProperty("state").GetString(), stream.GetProperty("pushesInTrouble").GetInt32()));
    }

    [Fact]
    public async Task A_cue_is_told_to_those_who_follow_its_stream_and_to_no_others()
    {
        using var lease = await _server.PublishAsync("live/vip/one");
        _server.Run(lease);
        using var page = await FeedPage.OpenAsync(_server.Http, "/api/v1/events?stream=live/vip/one");
        using var list = await FeedPage.OpenAsync(_server.Http, "/api/v1/events");
        using var other = await FeedPage.OpenAsync(_server.Http, OneStream);
        (await _server.Http.PostAsJsonAsync("/api/v1/streams/live%2Fvip/one/cues", new { id = "draw-1" })).EnsureSuccessStatusCode();
        _server.FeedTime.Advance(LiveFeed.Period);
        Assert.Equal("draw-1", (await page.NextAsync("cue")).GetProperty("id").GetString());
        _server.FeedTime.Advance(LiveFeed.Period);
        Assert.DoesNotContain("cue", await NamesAsync(list, "streams"));
        Assert.DoesNotContain("cue", await NamesAsync(other, "stream"));

        // Up to the third state: the one at the start, and those of the two ticks.
        static async Task<List<string>> NamesAsync(FeedPage page, string state)
        {
            List<string> names = [];
            while (names.Count(name => name == state) < 3) names.Add((await page.NextAsync()).Name);
            return names;
        }
    }

    [Fact]
    public async Task The_clients_that_are_listed_lag_most_and_keep_their_places_while_lags_change()
    {
        using var _ = await _server.PublishAsync("live/vip/show-a");
        var viewers = Enumerable.Range(0, 120).Select(i => _server.Clients.Add(ClientKind.Viewer, "flv", "live/vip/show", null)).ToList();
        using var push = _server.Clients.Add(ClientKind.Push, "rtmp", "live/vip/show", null);
        using var page = await FeedPage.OpenAsync(_server.Http, OneStream);
        await page.NextAsync("stream");
        for (var turn = 0; turn < 3; turn++)
        {
            for (var i = 0; i < viewers.Count; i++) viewers[i].SetLag((i * 77 + turn * 31) % 120);
            _server.FeedTime.Advance(LiveFeed.Period);
            var listed = (await page.NextAsync("stream")).GetProperty("clients").EnumerateArray().ToList();
            Assert.Equal(["publisher", "push"], listed.Take(2).Select(client => client.GetProperty("kind").GetString()));
            var most = viewers.OrderByDescending(viewer => viewer.LagMs).Take(98).Select(viewer => viewer.Id).Order();
            Assert.Equal(most, listed.Skip(2).Select(client => client.GetProperty("id").GetInt64()));
        }
        foreach (var viewer in viewers) viewer.Dispose();
    }

    [Fact]
    public async Task A_page_that_falls_too_far_behind_is_dropped()
    {
        using var prompt = _server.Feed.Open("", null)!;
        using var late = _server.Feed.Open("", null)!;
        using var slow = _server.Feed.Open("", null)!;
        for (var tick = 0; tick <= FeedReader.MaxBehind; tick++)
        {
            _server.FeedTime.Advance(LiveFeed.Period);
            Assert.NotNull(await prompt.NextAsync(default));
        }
        Assert.NotNull(await late.NextAsync(default));
        Assert.False(late.IsDropped);
        _server.FeedTime.Advance(LiveFeed.Period);
        Assert.Null(await slow.NextAsync(default));
        Assert.True(slow.IsDropped);
        Assert.NotNull(await prompt.NextAsync(default));
    }

    [Fact]
    public async Task A_page_that_takes_nothing_is_cut_off()
    {
        var context = new DefaultHttpContext();
        using var aborted = new CancellationTokenSource();
        context.Features.Set<IHttpRequestLifetimeFeature>(new Lifetime(aborted));
        Assert.True(await EventAnswers.SendAsync(context, new byte[1], _server.FeedTime));

        using var stuck = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 1)).Writer.AsStream();
        context.Response.Body = stuck;
        var sending = EventAnswers.SendAsync(context, new byte[100], _server.FeedTime);
        _server.FeedTime.Advance(EventAnswers.SendTime - TimeSpan.FromMilliseconds(1));
        Assert.False(sending.IsCompleted);
        Assert.False(aborted.IsCancellationRequested);
        _server.FeedTime.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(await sending);
        Assert.True(aborted.IsCancellationRequested);
    }

    [Fact]
    public async Task A_page_that_comes_later_is_told_of_the_cues_to_come_and_its_journal_goes_on_as_before()
    {
        using var lease = await _server.PublishAsync("live/vip/one");
        _server.Run(lease);
        Write("first", "live/vip/one");
        _server.FeedTime.Advance(LiveFeed.Period);
        (await _server.Http.PostAsJsonAsync("/api/v1/streams/live%2Fvip/one/cues", new { id = "draw-1", payload = "go" })).EnsureSuccessStatusCode();
        using var page = await FeedPage.OpenAsync(_server.Http, "/api/v1/events?stream=live/vip/one");
        var cue = await page.NextAsync("cue");
        Assert.Equal(("live/vip/one", "draw-1", "go"), (cue.GetProperty("stream").GetString(), cue.GetProperty("id").GetString(), cue.GetProperty("payload").GetString()));
        Assert.StartsWith("0-", page.LastEventId);
    }

    [Fact]
    public async Task All_pages_of_a_topic_are_sent_the_same_bytes()
    {
        using var feed = new LiveFeed(_server.Registry, _server.Clients, _server.Journal, _server.FeedTime, NullLogger<LiveFeed>.Instance);
        using var first = feed.Open("", null)!;
        using var second = feed.Open("", null)!;
        _server.FeedTime.Advance(LiveFeed.Period);
        var (left, right) = (await first.NextAsync(default), await second.NextAsync(default));
        Assert.False(left!.Value.IsEmpty);
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(left.Value, out var one));
        Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(right!.Value, out var other));
        Assert.Same(one.Array, other.Array);
    }

    [Fact]
    public async Task A_fault_ends_neither_the_server_nor_the_feed_and_loses_nothing_of_the_journal()
    {
        var (time, log) = (new FaultyTime(), new CollectedLog<LiveFeed>());
        using var feed = new LiveFeed(_server.Registry, _server.Clients, _server.Journal, time, log);
        using var reader = feed.Open("live/vip/show", null)!;
        Write("while it fails");
        time.Fails = true;
        time.Advance(LiveFeed.Period);
        time.Advance(LiveFeed.Period);
        Assert.Equal(["Error: The feed of open pages failed; tried again twice a second"], log.Lines);
        time.Fails = false;
        time.Advance(LiveFeed.Period);
        var next = await reader.NextAsync(default).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Contains("while it fails", Encoding.UTF8.GetString(next!.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_pages_than_the_feed_bears_are_let_in()
    {
        var readers = Enumerable.Range(0, LiveFeed.MaxReaders).Select(_ => _server.Feed.Open("", null)!).ToList();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _server.Http.GetAsync("/api/v1/events")).StatusCode);
        foreach (var reader in readers) reader.Dispose();
        using var page = await FeedPage.OpenAsync(_server.Http, "/api/v1/events");
        await page.NextAsync("streams");
    }

    private sealed class Lifetime(CancellationTokenSource aborted) : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; } = aborted.Token;

        public void Abort() => aborted.Cancel();
    }

    private sealed class FaultyTime : FakeTimeProvider
    {
        public bool Fails { get; set; }

        public override DateTimeOffset GetUtcNow() => Fails ? throw new InvalidOperationException("no time") : base.GetUtcNow();
    }

    private void Write(string note, string stream = "live/vip/show") =>
        _server.Journal.Write(new JournalEntry { Time = DateTimeOffset.UnixEpoch, Stream = stream, Kind = "config", Note = note });
}
