using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Control.Api;
using Sluice.Control.Monitor;
using Sluice.Control.Security;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Control.Tests.Api;

/// <summary>The control plane on a real web host, over a real pipeline with one configured stream: <c>live/vip/show</c> of the sources <c>a</c> and <c>b</c>.</summary>
public sealed class TestServer : IAsyncDisposable
{
    public const string Stream = "/api/v1/streams/live%2Fvip/show";

    /// <summary>Of 640x360 at 25 pictures a second.</summary>
    public const string AvcConfig = "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20";

    private readonly TemporaryDirectory _data = new();
    private readonly FakeTimeProvider _time = new();
    private readonly WebApplication _app;
    private readonly Metrics _metrics = new(TimeProvider.System);
    private readonly PrometheusText _text;
    private readonly RefusalLog _refusals;
    private readonly EgressLoops _loops = new(new EgressOptions(), TimeProvider.System, 1);

    private TestServer(AccessOptions rules)
    {
        Clients = new Clients(_time);
        _text = new PrometheusText(_metrics.Meter);
        Journal = new JournalStore(_data.Path, _metrics, NullLogger<JournalStore>.Instance);
        _refusals = new RefusalLog(Journal, TimeProvider.System, NullLogger<RefusalLog>.Instance);
        var options = new StreamOptions
        {
            Sources = [new SourceOptions { Name = "a", Publish = "live/vip/show-a" }, new SourceOptions { Name = "b", Publish = "live/vip/show-b" }],
        };
        var access = new Access(rules, _ => new StreamOptions(), _refusals, _metrics);
        Registry = new StreamRegistry(["live/vip/show"], path => path == "live/vip/show" ? options : new StreamOptions(), new PipelineContext
        {
            Access = access, Journal = Journal, Clients = Clients, Loops = _loops, Egress = new EgressOptions(), Time = _time,
        });
        Feed = new LiveFeed(Registry, Clients, Journal, FeedTime, NullLogger<LiveFeed>.Instance);
        Cues = new CueFeed(FeedTime);
        _metrics.Observe(Registry, Clients, Journal, _loops);

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddControlPlane();
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            if (From is { } address) context.Connection.RemoteIpAddress = address;
            return next(context);
        });
        _app.UseFlvPlayback(Registry, Clients);
        _app.UseHlsPlayback(Registry, Clients);
        _app.UseCuePlayback(Registry, Cues, TimeProvider.System);
        _app.MapControlPlane(new ControlledServer(Registry, Clients, Journal, Feed, access, _text, TimeProvider.System));
    }

    public HttpClient Http { get; } = new();

    public StreamRegistry Registry { get; }

    /// <summary>The clock of the feeds.</summary>
    public FakeTimeProvider FeedTime { get; } = new(DateTimeOffset.UnixEpoch);

    public LiveFeed Feed { get; }

    public CueFeed Cues { get; }

    public Clients Clients { get; }

    public JournalStore Journal { get; }

    /// <summary>Where requests seem to come from; null: from where they do.</summary>
    public IPAddress? From { get; set; }

    /// <summary>Lets the pipeline's own clock go on while nothing is sent.</summary>
    public void Pass(TimeSpan time) => _time.Advance(time);

    /// <summary>The wall time of the pipeline's own clock.</summary>
    public DateTimeOffset Now => _time.GetUtcNow();

    public IServiceProvider Services => _app.Services;

    public static async Task<TestServer> StartAsync(AccessOptions? rules = null)
    {
        var server = new TestServer(rules ?? new AccessOptions());
        await server._app.StartAsync();
        var address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        server.Http.BaseAddress = new Uri(address);
        return server;
    }

    /// <summary>Publishes two pictures, the first a keyframe.</summary>
    /// <param name="avcC">The codec configuration: one that only looks like one, or <see cref="AvcConfig"/>.</param>
    public async Task<PublishLease> PublishAsync(string path, Action<string>? close = null, string avcC = "0164001f")
    {
        var result = await Registry.PublishAsync(new PublishRequest(path, "", "rtmp", new IPEndPoint(IPAddress.Loopback, 4000), close ?? (_ => { })), default);
        Assert.NotNull(result.Lease);
        Send(result.Lease, FrameFlags.Header, 0, [0x17, 0, 0, 0, 0, .. Convert.FromHexString(avcC)]);
        Send(result.Lease, FrameFlags.Key, 0, [0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65]);
        Send(result.Lease, FrameFlags.None, 40, [0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41]);
        return result.Lease;
    }

    /// <summary>Sends 25 pictures a second, a keyframe each second, in time of the pipeline's own clock: two seconds, until the stream is on, or others.</summary>
    public void Run(PublishLease lease, int from = 2, int to = 52)
    {
        for (var picture = from; picture < to; picture++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(40));
            var isKey = picture % 25 == 0;
            Send(lease, isKey ? FrameFlags.Key : FrameFlags.None, picture * 40, [(byte)(isKey ? 0x17 : 0x27), 1, 0, 0, 0, 0, 0, 0, 1, (byte)(isKey ? 0x65 : 0x41)]);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Registry.DisposeAsync();
        Feed.Dispose();
        Cues.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _loops.Dispose();
        _refusals.Dispose();
        await Journal.DisposeAsync();
        _text.Dispose();
        _metrics.Dispose();
        _data.Dispose();
    }

    private static void Send(PublishLease lease, FrameFlags flags, long dts, byte[] bytes)
    {
        var body = SharedBuffer.CopyOf(bytes);
        lease.OnFrame(new Frame(TrackKind.Video, flags, Codec.Avc, dts, 0, body, 5, 2));
        lease.Client.AddBytesIn(bytes.Length);
        body.Release();
    }
}
