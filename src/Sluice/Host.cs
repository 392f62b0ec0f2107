using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Configuration;
using Sluice.Control.Api;
using Sluice.Control.Monitor;
using Sluice.Control.Security;
using Sluice.Pipeline;
using Sluice.Pipeline.Ingest;
using Sluice.Pipeline.Ingest.Rtmp;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Net.Tls;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.HttpFlv;

namespace Sluice;

/// <summary>The running server: the object graph, built by hand, from the egress loops up to the web host.</summary>
public sealed class Host : IAsyncDisposable
{
    /// <summary>How long viewers and pushes may take to get what is muxed when the server stops.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly DataFolder _data;
    private readonly Metrics _metrics;
    private readonly PrometheusText _prometheus;
    private readonly JournalStore _journal;
    private readonly RefusalLog _refusals;
    private readonly HandshakeLog _handshakes;
    private readonly EgressLoops _loops;
    private readonly IngestLoops _ingest = new();
    private readonly Clients _clients;
    private readonly StreamRegistry _registry;
    private readonly LiveFeed _feed;
    private readonly CueFeed _cues;
    private readonly ILoggerFactory _logs;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _pulling = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly List<Acceptor> _acceptors = [];
    private readonly List<(string, EndPoint)> _bound = [];
    private TlsCertificateFiles? _certificate;
    private WebApplication? _web;
    private Task _pulls = Task.CompletedTask;
    private Task? _stopped;

    private Host(SluiceOptions options, ILoggerFactory logs)
    {
        (_logs, _time) = (logs, TimeProvider.System);
        _data = DataFolder.Take(options.Data);
        _metrics = new Metrics(_time);
        _prometheus = new PrometheusText(_metrics.Meter);
        _journal = new JournalStore(options.Data, _metrics, logs.CreateLogger<JournalStore>());
        _refusals = new RefusalLog(_journal, _time, logs.CreateLogger<RefusalLog>());
        _handshakes = new HandshakeLog(_time, logs.CreateLogger<HandshakeLog>());
        _loops = new EgressLoops(options.Egress, _time, logger: logs.CreateLogger<EgressLoops>());
        _clients = new Clients(_time);
        Access = new Access(options.Access, options.For, _refusals, _metrics);
        Context = new PipelineContext
        {
            Access = Access, Journal = _journal, Clients = _clients, Loops = _loops, Egress = options.Egress, Time = _time, Logs = logs,
        };
        _registry = new StreamRegistry(options.Streams.Where(entry => !entry.IsPattern).Select(entry => entry.Name), options.For, Context);
        _feed = new LiveFeed(_registry, _clients, _journal, _time, logs.CreateLogger<LiveFeed>());
        _cues = new CueFeed(_time);
        _metrics.Observe(_registry, _clients, _journal, _loops);
    }

    private Access Access { get; }

    private PipelineContext Context { get; }

    /// <summary>The addresses that are bound, under the names of <c>listen</c>, with the ports that port 0 became.</summary>
    public IReadOnlyList<(string Name, EndPoint Address)> Bound => _bound;

    /// <summary>Binds every address and starts what the configuration names.</summary>
    /// <param name="logs">Not disposed here. Null: nothing is logged.</param>
    /// <exception cref="IOException">Another server uses the data folder, an address cannot be bound, or there is no usable certificate; the message names the key.</exception>
    public static async Task<Host> StartAsync(SluiceOptions options, ILoggerFactory? logs = null, CancellationToken stop = default)
    {
        var host = new Host(options, logs ?? NullLoggerFactory.Instance);
        try
        {
            host.OpenCertificate(options);
            if (options.Listen.Rtmp is { } rtmp) host.ListenRtmp("rtmp", rtmp, socket => host.ServeRtmpAsync(socket, host._closing.Token));
            if (options.Listen.Rtmps is { } rtmps) host.ListenRtmp("rtmps", rtmps, socket => host.ServeRtmpsAsync(socket, host._closing.Token));
            if (options.Listen.Http is not null || options.Listen.Https is not null) await host.ListenHttpAsync(options.Listen, stop);
            host._pulls = Task.WhenAll(host._registry.MakePulls().Select(pull => pull.RunAsync(host._pulling.Token)));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends publishers, pushes and viewers in order, then closes the addresses. Idempotent.</summary>
    public Task StopAsync() => _stopped ??= StopOnceAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _pulling.Dispose();
        _closing.Dispose();
        _prometheus.Dispose();
        _metrics.Dispose();
    }

    private void OpenCertificate(SluiceOptions options)
    {
        if (options.Listen is { Rtmps: null, Https: null }) return;
        if (options.Tls is not { Cert: { } cert, Key: { } key }) throw new IOException("listen.rtmps and listen.https need tls.cert and tls.key");
        _certificate = TlsCertificateFiles.Open(cert, key, _journal, _time, _logs.CreateLogger<TlsCertificateFiles>());
    }

    private void ListenRtmp(string name, IPEndPoint address, Func<Socket, Task> serve)
    {
        try
        {
            var acceptor = Acceptor.Listen(address, socket => _ = serve(socket), _logs.CreateLogger<Acceptor>(), _time);
            _acceptors.Add(acceptor);
            _bound.Add((name, acceptor.EndPoint));
        }
        catch (SocketException error)
        {
            throw new IOException($"listen.{name}: {address} cannot be bound: {error.Message}", error);
        }
    }

    private async Task ListenHttpAsync(ListenOptions listen, CancellationToken stop)
    {
        var door = new FrontDoor(ServeRtmpAsync, ServeFlvAsync, _handshakes, _logs, _time);
        _web = Web.Build(listen, door, () => _certificate!.Current, _handshakes, _logs);
        _web.UseFlvPlayback(_registry, _clients);
        _web.UseHlsPlayback(_registry, _clients);
        _web.UseCuePlayback(_registry, _cues, _time);
        _web.UseConsole();
        _web.MapControlPlane(new ControlledServer(_registry, _clients, _journal, _feed, Access, _prometheus, _time));
        await _web.StartAsync(stop);
        _bound.AddRange(Web.Bound(_web, listen));
    }

    private Task ServeRtmpAsync(Socket socket, CancellationToken stop) => ServeRtmpAsync(socket, null, stop);

    private Task ServeRtmpAsync(Socket socket, TlsLink? tls, CancellationToken stop) => new RtmpConnection(_registry, _ingest, Context).RunAsync(socket, tls, stop);

    private Task ServeRtmpsAsync(Socket socket, CancellationToken stop) =>
        new TlsDoor(() => _certificate!.Current, ServeRtmpAsync, _handshakes, _logs.CreateLogger<TlsDoor>(), _time).ReceiveAsync(socket, stop);

    private Task ServeFlvAsync(Socket socket, CancellationToken stop) =>
        new FlvConnection(_registry, _clients, _logs.CreateLogger<FlvConnection>(), _time).RunAsync(socket, stop);

    private async Task StopOnceAsync()
    {
        foreach (var acceptor in _acceptors) await acceptor.DisposeAsync();
        await _pulling.CancelAsync();
        await _pulls;
        Close(_clients.All.Where(client => client.Kind is ClientKind.Publisher));
        await _registry.DisposeAsync();
        await DrainedAsync();
        Close(_clients.All);
        await _closing.CancelAsync();
        _feed.Dispose();
        _cues.Dispose();
        if (_web is not null) await _web.DisposeAsync();
        _loops.Dispose();
        _ingest.Dispose();
        _refusals.Dispose();
        _handshakes.Dispose();
        _certificate?.Dispose();
        await _journal.DisposeAsync();
        _data.Dispose();
    }

    private static void Close(IEnumerable<Client> clients)
    {
        foreach (var client in clients) client.Close("the server stops");
    }

    /// <summary>Until every viewer and push has its last byte, or time is up.</summary>
    private async Task DrainedAsync()
    {
        var began = _time.GetTimestamp();
        while (_clients.All.Any(client => client.IsConnection && client.Kind is ClientKind.Viewer or ClientKind.Push) && _time.GetElapsedTime(began) < DrainTime)
            await Task.Delay(TimeSpan.FromMilliseconds(20), _time);
    }
}
