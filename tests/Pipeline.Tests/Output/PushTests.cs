using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.Push;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Rtmp;

namespace Pipeline.Tests.Output;

/// <summary>A push to a CDN that takes the publish and then reads no more; its patience is on a fake clock.</summary>
public sealed class PushTests : IAccess, IJournal
{
    [Fact]
    public async Task A_CDN_that_does_not_read_at_the_end_of_the_show_is_let_go()
    {
        var time = new FakeTimeProvider();
        using var loops = new EgressLoops(new EgressOptions(), TimeProvider.System, count: 1);
        var context = new PipelineContext
        {
            Access = this, Journal = this, Clients = new Clients(time), Loops = loops, Egress = new EgressOptions(), Time = time,
        };
        var log = new StreamLog(new PlayOptions());
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var push = new PushTarget(new PushOptions("cdn", $"rtmp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/live/x"), "live/show", context);
        push.Begin(new StreamOutput(log, "live/show", context.Egress, loops, TimeProvider.System), "");
        using var cdn = new RtmpSocket(await listener.AcceptSocketAsync(TestContext.Current.CancellationToken));
        await AcceptPublishAsync(cdn);

        Append(log, OutputRig.VideoHeader(1));
        for (var n = 0; n < 40; n++) Append(log, OutputRig.Picture(n * 40, key: n == 0, size: 1_000_000));
        while (context.Clients.All.SingleOrDefault() is not { BytesOut: > 100_000 }) await Task.Delay(10, TestContext.Current.CancellationToken);
        lock (log.Gate) log.End();
        push.End();
        for (var tries = 0; tries < 200 && !push.Finished.IsCompleted; tries++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
        Assert.True(push.Finished.IsCompletedSuccessfully);
        Assert.Empty(context.Clients.All);
        Assert.Equal(PushState.Stopped, push.Snapshot().State);
    }

    ValueTask<AccessDecision> IAccess.AuthoriseAsync(AccessRequest request, CancellationToken stop) => new(AccessDecision.Allowed);

    void IJournal.Write(JournalEntry entry)
    {
    }

    private static void Append(StreamLog log, in Sluice.Pipeline.Media.Frame frame)
    {
        lock (log.Gate) log.Append(frame);
        frame.Body.Release();
    }

    private static async Task AcceptPublishAsync(RtmpSocket connection)
    {
        using var session = new RtmpServerSession(connection.Output, RtmpLimits.Default, new byte[1528], 0);
        while (true)
        {
            while (!connection.Unread.IsEmpty)
            {
                var happened = session.Receive(connection.Unread, 0, out var consumed);
                connection.Take(consumed);
                if (happened.Kind != RtmpEventKind.Publish) continue;
                session.AcceptPublish(0);
                await connection.FlushAsync(TestContext.Current.CancellationToken);
                return;
            }
            await connection.FlushAsync(TestContext.Current.CancellationToken);
            await connection.ReceiveAsync(TestContext.Current.CancellationToken);
        }
    }
}
