using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Pipeline;
using Sluice.Pipeline.Ingest;
using Sluice.Pipeline.Ingest.Rtmp;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Ingest.Rtmp;

/// <summary>The data plane behind one RTMP port on the loopback interface, with one configured stream.</summary>
internal sealed class LoopbackServer : IAccess, IJournal, IAsyncDisposable
{
    private readonly EgressLoops _loops = new(new EgressOptions(), TimeProvider.System, count: 1);
    private readonly IngestLoops _ingest = new(count: 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly Acceptor _acceptor;
    private readonly Task _pulls;

    public LoopbackServer(StreamOptions? options = null)
    {
        var settings = options ?? new StreamOptions();
        settings = settings with { Switch = settings.Switch with { End = TimeSpan.FromMilliseconds(200), Delay = TimeSpan.Zero } };
        Clients = new Clients(TimeProvider.System);
        Context = new PipelineContext
        {
            Access = this, Journal = this, Clients = Clients, Loops = _loops, Egress = new EgressOptions(), Time = TimeProvider.System,
        };
        Registry = new StreamRegistry(settings.Sources.Count > 0 || settings.Push.Count > 0 ? ["live/show"] : [], _ => settings, Context);
        _acceptor = Acceptor.Listen(
            new IPEndPoint(IPAddress.Loopback, 0), socket => _ = new RtmpConnection(Registry, _ingest, Context).RunAsync(socket, null, _stop.Token), NullLogger.Instance, TimeProvider.System);
        _pulls = Task.WhenAll(Registry.MakePulls().Select(pull => pull.RunAsync(_stop.Token)));
    }

    public PipelineContext Context { get; }

    public StreamRegistry Registry { get; }

    public Clients Clients { get; }

    public ConcurrentQueue<JournalEntry> Journal { get; } = [];

    /// <summary>Why nobody may do anything; null: everybody may.</summary>
    public string? Refusal { get; set; }

    public string? LastQuery { get; private set; }

    public string Url(string path) => $"rtmp://127.0.0.1:{_acceptor.EndPoint.Port}/{path}";

    public int Port => _acceptor.EndPoint.Port;

    ValueTask<AccessDecision> IAccess.AuthoriseAsync(AccessRequest request, CancellationToken stop)
    {
        LastQuery = request.Query;
        return new(Refusal is null ? AccessDecision.Allowed : AccessDecision.Refused(Refusal));
    }

    void IJournal.Write(JournalEntry entry) => Journal.Enqueue(entry);

    public async ValueTask DisposeAsync()
    {
        await _acceptor.DisposeAsync();
        await Registry.DisposeAsync();
        await _stop.CancelAsync();
        await _pulls;
        _loops.Dispose();
        _ingest.Dispose();
        _stop.Dispose();
    }

    /// <summary>Waits for something that happens on another thread; ten seconds at most.</summary>
    public static async Task UntilAsync(Func<bool> happened)
    {
        for (var tries = 0; !happened(); tries++)
        {
            Assert.True(tries < 1000, "It did not happen in time.");
            await Task.Delay(10);
        }
    }
}
