using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Sluice.Wire.WebSockets;

namespace Sluice.Pipeline.Output.WsFlv;

/// <summary>One viewer by FLV over WebSocket, once the handshake is done: the bytes of HTTP-FLV, in binary messages cut anywhere.</summary>
/// <remarks>
/// The connection stays its caller's, who closes it: in order where the stream or the viewer ended it, else at once and without a word. Players take every Close, whatever
/// its code, for the end of the show; a connection that is cut off they make anew.
/// </remarks>
public sealed class WsFlvViewer
{
    /// <summary>Under what it is counted.</summary>
    public const string Protocol = "ws-flv";

    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    private readonly WebSocketReader _reader = new();
    private readonly byte[] _incoming = new byte[128];
    private readonly Stream _connection;
    private readonly WebSocketSink _sink;
    private string? _left;

    /// <summary>On a socket of its own.</summary>
    public WsFlvViewer(Socket socket)
        : this(new NetworkStream(socket), new SocketSink(socket))
    {
    }

    /// <summary>On a connection that the web host keeps, upgraded.</summary>
    public WsFlvViewer(Stream connection)
        : this(connection, new PipeSink(PipeWriter.Create(connection)))
    {
    }

    private WsFlvViewer(Stream connection, IByteSink sink) => (_connection, _sink) = (connection, new WebSocketSink(sink));

    /// <summary>Feeds it to the end, which <see cref="SubscriberEnd.Reason"/> says was in order or not.</summary>
    public async Task<SubscriberEnd> WatchAsync(LiveStream stream, Client client, TimeProvider time, CancellationToken stop)
    {
        var subscriber = stream.Output.Open(_sink, new SubscribeRequest
        {
            Container = Container.Flv, Protocol = Protocol, Client = client, Join = stream.Options.Play.Join,
        });
        using var stopping = stop.UnsafeRegister(static state => ((Subscriber)state!).Stop("the server stops"), subscriber);
        var reading = ReadAsync(subscriber);
        var end = await subscriber.Finished;
        if (end.Reason == EndReason.StreamEnded) await reading.WaitAsync(DrainTime, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _left is null ? end : end with { Text = _left };
    }

    /// <summary>Takes what it sends until it has closed the connection.</summary>
    private async Task ReadAsync(Subscriber subscriber)
    {
        try
        {
            while (await _connection.ReadAsync(_incoming) is var count and > 0)
                if (_left is null) Take(_incoming.AsSpan(0, count), subscriber);
            subscriber.Stop("the viewer left");
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            subscriber.Stop($"the viewer left: {error.Message}");
        }
    }

    private void Take(ReadOnlySpan<byte> bytes, Subscriber subscriber)
    {
        while (_left is null)
        {
            var status = _reader.Read(bytes, out var consumed, out var opcode);
            bytes = bytes[consumed..];
            if (status == OperationStatus.NeedMoreData) return;
            if (status == OperationStatus.InvalidData) End(subscriber, WebSocketCloseCode.ProtocolError, _reader.Error!);
            else if (opcode == WebSocketOpcode.Close) End(subscriber, WebSocketCloseCode.Normal, "the viewer left");
            else if (opcode == WebSocketOpcode.Ping) Answer(subscriber);
        }
    }

    private void Answer(Subscriber subscriber)
    {
        _sink.Answer(WebSocketFrame.Pong(_reader.Payload));
        subscriber.Attend();
    }

    private void End(Subscriber subscriber, WebSocketCloseCode code, string reason)
    {
        (_left, _sink.CloseCode) = (reason, code);
        subscriber.EndEarly();
    }
}
