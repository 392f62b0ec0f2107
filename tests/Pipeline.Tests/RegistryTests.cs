using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;

namespace Pipeline.Tests;

public sealed class RegistryTests
{
    private static readonly SimulatedEncoder Encoder = new() { Gop = 25 };

    private static PublishRequest Publisher(string path, Action<string>? close = null) => new(path, "", "test", null, close ?? (_ => { }));

    [Fact]
    public async Task A_second_publisher_is_refused_while_the_first_sends()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        show.Start("live/plain", Encoder);
        show.Run(1000);
        var second = show.Registry.PublishAsync(Publisher("live/plain"), default).AsTask();
        show.Run(200);
        var result = await second;
        Assert.Equal(PublishRefusal.Busy, result.Refusal);
    }

    [Fact]
    public async Task A_second_publisher_takes_over_from_one_that_stays_silent_for_two_seconds()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        string? closed = null;
        var first = await show.Registry.PublishAsync(Publisher("live/plain", reason => closed = reason), default);
        var second = show.Registry.PublishAsync(Publisher("live/plain"), default).AsTask();
        show.Run(1900);
        Assert.False(second.IsCompleted);
        for (var i = 0; i < 20 && !second.IsCompleted; i++)
        {
            show.Run(50);
            await Task.Yield();
        }
        var result = await second;
        Assert.NotNull(result.Lease);
        Assert.Contains("took over", closed);

        first.Lease!.Close("closed");
        Assert.Equal(PublishRefusal.None, result.Refusal);
        Assert.Same(show.Clients.All.Single(), result.Lease.Client);
    }

    [Fact]
    public async Task A_second_publisher_gets_the_name_as_soon_as_the_first_leaves()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        var first = await show.Registry.PublishAsync(Publisher("live/plain"), default);
        var second = show.Registry.PublishAsync(Publisher("live/plain"), default).AsTask();
        first.Lease!.Dispose();
        Assert.NotNull((await second).Lease);
    }

    [Fact]
    public async Task A_stream_with_sources_cannot_be_published_to_by_its_own_name()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        var result = await show.Registry.PublishAsync(Publisher("live/show"), default);
        Assert.Equal(PublishRefusal.NotPublishable, result.Refusal);
        Assert.Contains("sources", result.Reason);
    }

    [Theory]
    [InlineData("")]
    [InlineData("live")]
    [InlineData("live/")]
    [InlineData("/show")]
    [InlineData("live/../etc")]
    [InlineData("live/sh ow")]
    [InlineData("live/a\nb")]
    public async Task A_bad_path_is_refused(string path)
    {
        await using var show = new SimulatedShow(new StreamOptions());
        Assert.Equal(PublishRefusal.NotPublishable, (await show.Registry.PublishAsync(Publisher(path), default)).Refusal);
        Assert.Equal(PlayRefusal.NotFound, (await show.Registry.PlayAsync(new PlayRequest(path, "", "test", null), default)).Refusal);
    }

    [Fact]
    public async Task A_source_is_watched_at_its_own_path_and_is_no_entry_of_the_list()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", Encoder);
        show.Run(500);
        var play = await show.Registry.PlayAsync(new PlayRequest("live/show-a", "", "test", null), default);
        Assert.Equal("live/show-a", play.Stream!.Name);
        show.Run(1100);
        Assert.NotEmpty(play.Stream.Log.JoinPoints);
        Assert.NotNull(play.Stream.Log.Headers.Video);
        Assert.Equal("live/show", Assert.Single(show.Registry.Streams).Name);

        show.Run(3000);
        Assert.Null(show.Registry.Find("live/show-a"));
    }

    [Fact]
    public async Task Nobody_publishes_is_not_found()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        Assert.Equal(PlayRefusal.NotFound, (await show.Registry.PlayAsync(new PlayRequest("live/show", "", "test", null), default)).Refusal);
        Assert.Equal(PlayRefusal.NotFound, (await show.Registry.PlayAsync(new PlayRequest("live/other", "", "test", null), default)).Refusal);
    }

    [Fact]
    public async Task Play_wait_holds_the_viewer_until_somebody_publishes()
    {
        await using var show = new SimulatedShow(new StreamOptions { Play = new PlayOptions { Wait = TimeSpan.FromSeconds(5) } }, "live/plain");
        var play = show.Registry.PlayAsync(new PlayRequest("live/plain", "", "test", null), default).AsTask();
        show.Run(2000);
        Assert.False(play.IsCompleted);
        show.Start("live/plain", Encoder);
        show.Run(100);
        Assert.NotNull((await play).Stream);
    }

    [Fact]
    public async Task An_unconfigured_stream_is_forgotten_when_it_has_ended()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        show.Start("live/plain", Encoder);
        show.Run(2000);
        show.Kill("live/plain");
        show.Run(20_000);
        Assert.NotNull(show.Registry.Find("live/plain"));
        show.Run(13_000);
        Assert.Null(show.Registry.Find("live/plain"));
    }

    [Fact]
    public async Task Of_two_publishers_that_wait_for_a_silent_one_only_one_takes_over()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        await show.Registry.PublishAsync(Publisher("live/plain"), default);
        string? closed = null;
        Task<PublishResult>[] waiting =
        [
            show.Registry.PublishAsync(Publisher("live/plain", reason => closed = reason), default).AsTask(),
            show.Registry.PublishAsync(Publisher("live/plain", reason => closed = reason), default).AsTask(),
        ];
        for (var i = 0; i < 100 && !waiting.Any(task => task.IsCompleted); i++)
        {
            show.Run(50);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        var taken = await await Task.WhenAny(waiting);
        for (var i = 0; i < 10; i++)
        {
            show.Run(50);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
        Assert.NotNull(taken.Lease);
        Assert.Null(closed);
        Assert.Same(taken.Lease.Client, show.Clients.All.Single());
        taken.Lease.Client.AddBytesIn(1);
        show.Run(100);
        Assert.Equal(PublishRefusal.Busy, (await waiting.Single(task => task.Result != taken)).Refusal);
    }

    [Fact]
    public async Task A_stream_with_a_connected_publisher_is_not_forgotten_however_long_that_is_silent()
    {
        await using var show = new SimulatedShow(new StreamOptions { Switch = new SwitchOptions { End = TimeSpan.FromSeconds(2) } }, "live/plain");
        show.Start("live/plain", Encoder);
        show.Run(2000);
        show.Freeze("live/plain");
        show.Run(8000);
        Assert.True(show.Ended);
        show.Thaw("live/plain");
        show.Run(2000);
        Assert.True(show.Registry.Find("live/plain")!.IsOnAir);
    }

    [Fact]
    public async Task A_preview_that_is_forgotten_gives_back_every_body()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        var lease = show.Start("live/show-a", Encoder);
        show.Run(500);
        Assert.NotNull((await show.Registry.PlayAsync(new PlayRequest("live/show-a", "", "test", null), default)).Stream);
        show.Freeze("live/show-a");
        List<Frame> sent = [];
        foreach (var (_, frame) in Encoder.Frames(show.Now, show.Now + 3000))
        {
            lease.OnFrame(frame);
            sent.Add(frame);
        }
        show.Run(3000);
        lease.Close("closed");
        show.Run(31_000);
        foreach (var (_, frame) in show.Output) frame.Body.Release();
        Assert.DoesNotContain(sent, frame => frame.Body.References != 1);
    }

    [Fact]
    public async Task A_preview_tells_the_journal_nothing()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(2));
        show.Start("live/show-a", Encoder);
        show.Run(500);
        Assert.NotNull((await show.Registry.PlayAsync(new PlayRequest("live/show-a", "", "test", null), default)).Stream);
        show.Run(3000);
        Assert.NotEmpty(show.Journal);
        Assert.All(show.Journal, entry => Assert.Equal("live/show", entry.Stream));
    }

    [Fact]
    public async Task Nobody_can_publish_where_a_pulled_source_plays()
    {
        await using var show = new SimulatedShow(new StreamOptions { Sources = [new SourceOptions { Name = "b", Pull = "rtmp://127.0.0.1:1/live/x" }] });
        var result = await show.Registry.PublishAsync(Publisher("live/show@b"), default);
        Assert.Equal(PublishRefusal.NotPublishable, result.Refusal);
        Assert.Contains("is pulled", result.Reason);
        Assert.Equal("live/show@b", show.Stream.Snapshot().Sources[0].Path);
        Assert.Equal(PlayRefusal.NotFound, (await show.Registry.PlayAsync(new PlayRequest("live/show@b", "", "test", null), default)).Refusal);
    }

    [Fact]
    public async Task A_server_that_stops_lets_no_show_begin()
    {
        var show = new SimulatedShow(new StreamOptions(), "live/plain");
        var lease = show.Start("live/plain", Encoder);
        show.Run(2000);
        await show.DisposeAsync();
        Assert.True(show.Ended);
        foreach (var (_, frame) in Encoder.Frames(show.Now, show.Now + 2000)) lease.OnFrame(frame);
        Assert.False(show.Stream.IsOnAir);
        Assert.Equal(PublishRefusal.Busy, (await show.Registry.PublishAsync(Publisher("live/other"), default)).Refusal);
    }

    [Fact]
    public async Task A_frame_that_overlaps_the_end_of_its_session_is_not_kept()
    {
        await using var show = new SimulatedShow(SimulatedShow.WithSources(1));
        var lease = show.Start("live/show-a", Encoder);
        show.Run(1000);
        lease.Close("closed");
        foreach (var (_, frame) in Encoder.Frames(show.Now, show.Now + 1000))
        {
            show.Stream.OnFrame(show.Stream.Sources[0], frame);
            Assert.Equal(1, frame.Body.References);
        }
    }

    [Fact]
    public async Task Who_does_not_wait_for_a_publisher_hears_at_once_that_there_is_none()
    {
        await using var show = new SimulatedShow(new StreamOptions { Play = new PlayOptions { Wait = TimeSpan.FromSeconds(10) } });
        var request = new PlayRequest(show.Name, "", "test", null);
        var waiting = show.Registry.PlayAsync(request, default).AsTask();
        Assert.Equal(PlayRefusal.NotFound, (await show.Registry.PlayAsync(request with { Waits = false }, default)).Refusal);
        Assert.False(waiting.IsCompleted);
        show.Start(show.Name, Encoder);
        for (var i = 0; i < 40 && !waiting.IsCompleted; i++)
        {
            show.Run(50);
            await Task.Yield();
        }
        Assert.NotNull((await waiting).Stream);
    }

    /// <summary>All streams are ticked by one timer, whose callback nobody else catches.</summary>
    [Fact]
    public async Task A_stream_whose_tick_fails_holds_up_no_other()
    {
        await using var show = new SimulatedShow(new StreamOptions(), "live/plain");
        show.Start("live/a", Encoder);
        show.Start("live/plain", Encoder);
        show.Run(2000);
        show.Kill("live/a");
        show.Kill("live/plain");
        show.BrokenJournal = "live/a";
        show.Run(35_000);
        Assert.Single(show.Journal, entry => entry is { Stream: "live/plain", Kind: "end" });
        show.BrokenJournal = null;
    }
}
