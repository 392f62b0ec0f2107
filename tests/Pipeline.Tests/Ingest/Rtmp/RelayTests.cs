using Sluice.Pipeline;
using Sluice.Wire.Rtmp;

namespace Pipeline.Tests.Ingest.Rtmp;

/// <summary>Pushes and pulls between two servers of our own.</summary>
public sealed class RelayTests
{
    [Fact]
    public async Task A_push_delivers_the_whole_show_and_says_goodbye()
    {
        await using var cdn = new LoopbackServer();
        await using var server = new LoopbackServer(new StreamOptions { Push = [new PushOptions("cdn", cdn.Url("{app}/{name}-out?{query}"))] });
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/show?key=k"));
        await publisher.SendShowAsync(10);
        await LoopbackServer.UntilAsync(() => cdn.Registry.Find("live/show-out")?.IsOnAir == true);
        Assert.Equal("key=k", cdn.LastQuery);
        await LoopbackServer.UntilAsync(() => cdn.Registry.Find("live/show-out")?.Log.Tail >= 13);
        using var player = await LoopbackClient.PlayAsync(cdn.Url("live/show-out"));
        for (var n = 10; n < 40; n++) await publisher.SendPictureAsync(n, size: 100_000);
        await publisher.UnpublishAsync();

        Assert.Equal(Enumerable.Range(0, 40), await player.PicturesAsync(40));
        Assert.Equal(RtmpEventKind.Ended, (await player.NextAsync()).Kind);
        Assert.Contains(cdn.Journal, entry => entry is { Kind: "source", Reason: "unpublished" });
        await LoopbackServer.UntilAsync(() => server.Journal.Any(entry => entry is { Kind: "push", To: "cdn stopped" }));
        Assert.Equal(["cdn connected", "cdn stopped"], server.Journal.Where(entry => entry.Kind == "push").Select(entry => entry.To));
    }

    [Fact]
    public async Task A_push_that_is_refused_tells_why_and_waits()
    {
        await using var cdn = new LoopbackServer { Refusal = "no such customer" };
        await using var server = new LoopbackServer(new StreamOptions { Push = [new PushOptions("cdn", cdn.Url("live/y"))] });
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/show"));
        await publisher.SendShowAsync(3);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/show")!.Snapshot().Push[0].LastError is not null);
        Assert.Contains("no such customer", server.Registry.Find("live/show")!.Snapshot().Push[0].LastError);
        await LoopbackServer.UntilAsync(() => server.Journal.Any(entry => entry is { Kind: "push", From: "cdn connecting", To: "cdn waiting" }));

        cdn.Refusal = null;
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/show")!.Snapshot().Push[0].State == PushState.Connected);
    }

    [Fact]
    public async Task A_push_that_is_stopped_and_started_in_quick_succession_does_what_was_wanted_last()
    {
        await using var cdn = new LoopbackServer();
        await using var server = new LoopbackServer(new StreamOptions { Push = [new PushOptions("cdn", cdn.Url("live/y"))] });
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/show"));
        await publisher.SendShowAsync(3);
        var stream = server.Registry.Find("live/show")!;
        for (var round = 0; round < 12; round++)
        {
            stream.StopPush("cdn");
            await Task.Delay(round % 4, TestContext.Current.CancellationToken);
            stream.StartPush("cdn");
            await Task.Delay(round % 3 * 5, TestContext.Current.CancellationToken);
        }
        await LoopbackServer.UntilAsync(() => stream.Snapshot().Push[0].State == PushState.Connected);
        await LoopbackServer.UntilAsync(() => cdn.Clients.All.Count == 1 && server.Clients.All.Count(client => client.Kind == ClientKind.Push) == 1);

        stream.StopPush("cdn");
        await LoopbackServer.UntilAsync(() => stream.Snapshot().Push[0].State == PushState.Stopped);
        await LoopbackServer.UntilAsync(() => cdn.Clients.All.Count == 0);
    }

    [Fact]
    public async Task A_push_that_an_operator_stops_and_starts_has_no_error_and_the_journal_says_who_it_was()
    {
        await using var cdn = new LoopbackServer();
        await using var server = new LoopbackServer(new StreamOptions { Push = [new PushOptions("cdn", cdn.Url("live/y"))] });
        using var publisher = await LoopbackClient.PublishAsync(server.Url("live/show"));
        await publisher.SendShowAsync(3);
        var stream = server.Registry.Find("live/show")!;
        await LoopbackServer.UntilAsync(() => stream.Snapshot().Push[0].State == PushState.Connected);
        stream.StopPush("cdn");
        await LoopbackServer.UntilAsync(() => stream.Snapshot().Push[0].State == PushState.Stopped);
        stream.StartPush("cdn");
        await LoopbackServer.UntilAsync(() => stream.Snapshot().Push[0].State == PushState.Connected);
        Assert.Equal((0, null), (stream.Snapshot().Push[0].Reconnects, stream.Snapshot().Push[0].LastError));
        await LoopbackServer.UntilAsync(() => server.Journal.Count(entry => entry.To == "cdn connected") == 2);
        Assert.Equal([("cdn connected", null), ("cdn stopped", "operator"), ("cdn connecting", "operator"), ("cdn connected", null)],
            server.Journal.Where(entry => entry.Kind == JournalKinds.Push).Select(entry => (entry.To, entry.Reason)));
    }

    [Theory]
    [InlineData("rtmp://127.0.0.1:1/live/x")]
    [InlineData("http://127.0.0.1:1/live/x.flv")]
    public async Task A_pull_that_gets_no_connection_tells_why_and_the_journal_once(string url)
    {
        await using var server = new LoopbackServer(new StreamOptions { Sources = [new SourceOptions { Name = "a", Pull = url }] });
        var stream = server.Registry.Find("live/show")!;
        await LoopbackServer.UntilAsync(() => stream.Snapshot().Sources[0].LastError is not null);
        var source = stream.Snapshot().Sources[0];
        Assert.Contains("Connection refused", source.LastError);
        Assert.Equal($"its pull failed: {source.LastError}; it is tried again", source.Complaint);
        await Task.Delay(700, TestContext.Current.CancellationToken);   // more attempts
        var entry = server.Journal.Single(entry => entry.Kind == "source");
        Assert.Equal(("a absent", "unreachable", source.LastError), (entry.To, entry.Reason, entry.Note));
    }

    [Fact]
    public async Task A_pull_that_is_cut_tells_the_journal_why()
    {
        await using var origin = new LoopbackServer();
        await using var server = new LoopbackServer(new StreamOptions { Sources = [new SourceOptions { Name = "a", Pull = origin.Url("live/x") }] });
        using var publisher = await LoopbackClient.PublishAsync(origin.Url("live/x"));
        await publisher.SendShowAsync(10);
        await LoopbackServer.UntilAsync(() => server.Registry.Find("live/show")?.Log.Tail >= 13);
        Assert.DoesNotContain("pull failed", server.Registry.Find("live/show")!.Snapshot().Sources[0].Complaint ?? "");
        server.Clients.All.Single(client => client.Kind == ClientKind.Pull).Close("closed by the operator");
        await LoopbackServer.UntilAsync(() => server.Journal.Any(entry => entry is { Kind: "source", Reason: "closed" }));
        Assert.Contains("its pull failed: closed by the operator", server.Journal.Last(entry => entry is { Kind: "source", Reason: "closed" }).Note);
    }

    [Fact]
    public async Task A_pull_fetches_the_show_and_comes_back_after_its_end()
    {
        await using var origin = new LoopbackServer();
        await using var server = new LoopbackServer(new StreamOptions { Sources = [new SourceOptions { Name = "a", Pull = origin.Url("live/x") }] });
        for (var round = 0; round < 2; round++)
        {
            using var publisher = await LoopbackClient.PublishAsync(origin.Url("live/x"));
            await publisher.SendShowAsync(10);
            await LoopbackServer.UntilAsync(() => server.Clients.All.Any(client => client.Kind == ClientKind.Pull));
            await LoopbackServer.UntilAsync(() => server.Registry.Find("live/show")?.Log.Tail >= 13);
            using var player = await LoopbackClient.PlayAsync(server.Url("live/show"));
            Assert.Equal(Enumerable.Range(0, 10), await player.PicturesAsync(10));
            await publisher.UnpublishAsync();
            await LoopbackServer.UntilAsync(() => !server.Registry.Find("live/show")!.IsOnAir && origin.Registry.Find("live/x")?.IsOnAir != true);
        }
    }
}
