using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Pipeline.Net;
using Sluice.Pipeline.Output.Hls;
using Sluice.Pipeline.Output.HttpFlv;
using Sluice.Pipeline.Output.Rtmp;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output;

/// <summary>
/// Where one show's viewers and pushes get their bytes: the show's log muxed once for each container that somebody wants, and the cursors in it.
/// </summary>
/// <remarks>
/// A MuxLog is made when the first subscriber of its container comes and kept <see cref="IdleTime"/> after the last. A subscriber of a stream without a
/// keyframe yet is held, with only its opening bytes sent.
/// </remarks>
public sealed partial class StreamOutput
{
    /// <summary>How long muxed bytes are kept after the last subscriber.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    private const string FlvProtocol = "flv";
    private const string RtmpProtocol = "rtmp";

    private readonly StreamLog _log;
    private readonly EgressLoops _loops;
    private readonly TimeProvider _time;
    private readonly MuxLog?[] _muxes = new MuxLog?[2];
    private long? _flvOrigin;
    private int _subscribers;
    private int _flvViewers;
    private int _wsFlvViewers;
    private int _rtmpViewers;
    private long _drops;

    public StreamOutput(StreamLog log, string name, EgressOptions egress, EgressLoops loops, TimeProvider time, PlayOptions? play = null, ILogger<StreamOutput>? logger = null)
    {
        (_log, Name, Egress, _loops, _time) = (log, name, egress, loops, time);
        Hls = new HlsOutput(log, play ?? new PlayOptions(), time, error => Log.CannotPackage(logger ?? NullLogger<StreamOutput>.Instance, error, name));
    }

    /// <summary><c>app/name</c>.</summary>
    public string Name { get; }

    /// <summary>Playlists and media for those who fetch instead of being fed.</summary>
    public HlsOutput Hls { get; }

    /// <summary>Viewers and pushes, waiting ones too.</summary>
    public int SubscriberCount => Volatile.Read(ref _subscribers);

    /// <summary>Those who are fed, by protocol; pushes are none.</summary>
    public ViewerCounts Viewers => new() { Flv = Volatile.Read(ref _flvViewers), WsFlv = Volatile.Read(ref _wsFlvViewers), Rtmp = Volatile.Read(ref _rtmpViewers) };

    /// <summary>How often a subscriber was too slow: moved forward, or closed.</summary>
    public long Drops => Volatile.Read(ref _drops);

    internal EgressOptions Egress { get; }

    /// <summary>A subscriber that cannot be moved forward, because no keyframe came or it does not take the message it is in, is given up beyond this: it keeps those bytes.</summary>
    internal long MaxBytesBehind { get; init; } = 128 << 20;

    /// <summary>Feeds a connected socket from now on. The owner goes on reading from it, writes no more, and disposes it after <see cref="Subscriber.Finished"/>.</summary>
    public Subscriber Open(Socket socket, SubscribeRequest request) => Open(new SocketSink(socket), request);

    /// <summary>The same for an RTMP session, plain or under TLS.</summary>
    public Subscriber Open(RtmpSocket connection, SubscribeRequest request) =>
        Open(connection.Tls is { } tls ? new TlsSink(connection.Socket, tls) : new SocketSink(connection.Socket), request);

    /// <summary>Feeds a connection that the web host keeps.</summary>
    public Subscriber Open(PipeWriter writer, SubscribeRequest request) => Open(new PipeSink(writer), request);

    internal Subscriber Open(IByteSink sink, SubscribeRequest request)
    {
        MuxLog mux;
        lock (_log.Gate)
        {
            mux = MuxFor(request.Container);
            mux.Users++;
        }
        Count(request.Protocol, 1);
        var loop = _loops.Choose();
        var subscriber = new Subscriber(this, mux, request, sink, loop);
        loop.Add(subscriber);
        request.Client?.OnClose(subscriber.Stop);
        return subscriber;
    }

    /// <summary>The loop has let go of a subscriber.</summary>
    internal void Close(Subscriber subscriber)
    {
        Count(subscriber.Protocol, -1);
        var mux = subscriber.Mux;
        lock (_log.Gate)
        {
            if (--mux.Users > 0) return;
            if (mux.Ended || !_muxes.Contains(mux)) Drop(mux);
            else mux.IdleTimer = _time.CreateTimer(_ => DropIfIdle(mux), null, IdleTime, Timeout.InfiniteTimeSpan);
        }
    }

    internal void CountDrop() => Interlocked.Increment(ref _drops);

    private MuxLog MuxFor(Container container)
    {
        ref var mux = ref _muxes[(int)container];
        if (mux is { Muxer: FlvMuxer flv } && flv.IsSpent(mux.LastDts))
        {
            // Those who watch it go on with it; the next ones count their times from here.
            _flvOrigin = null;
            if (mux.Users == 0) Drop(mux);
            mux = null;
        }
        if (mux is { Ended: true, Users: 0 }) mux = null;
        mux?.StopIdleTimer();
        if (mux is not null) return mux;
        if (_flvOrigin is { } origin && _log.LastDts - origin >= FlvMuxer.MaxAge) _flvOrigin = null;
        Muxer muxer = container == Container.Flv ? new FlvMuxer(_flvOrigin) : new RtmpMuxer();
        mux = new MuxLog(_log, muxer, _loops, _time);
        _log.Attach(mux);
        return mux;
    }

    private void DropIfIdle(MuxLog mux)
    {
        lock (_log.Gate)
        {
            if (mux.Users == 0) Drop(mux);
        }
    }

    private void Drop(MuxLog mux)
    {
        mux.StopIdleTimer();
        if (mux.Muxer is FlvMuxer flv && _muxes[(int)Container.Flv] == mux) _flvOrigin = flv.Origin;
        for (var i = 0; i < _muxes.Length; i++)
            if (_muxes[i] == mux) _muxes[i] = null;
        _log.Detach(mux);
        mux.Release();
    }

    private void Count(string protocol, int change)
    {
        Interlocked.Add(ref _subscribers, change);
        if (protocol == FlvProtocol) Interlocked.Add(ref _flvViewers, change);
        if (protocol == WsFlv.WsFlvViewer.Protocol) Interlocked.Add(ref _wsFlvViewers, change);
        if (protocol == RtmpProtocol) Interlocked.Add(ref _rtmpViewers, change);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "{Stream}: its packaging as HLS failed; all else goes on")]
        public static partial void CannotPackage(ILogger logger, Exception error, string stream);
    }
}
