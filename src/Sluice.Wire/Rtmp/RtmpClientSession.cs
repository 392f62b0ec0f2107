using System.Buffers;
using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp.Handshake;

namespace Sluice.Wire.Rtmp;

/// <summary>What a client session is for.</summary>
public enum RtmpClientMode : byte { Publish, Play }

/// <summary>
/// The client's end of one connection (RTMP 1.0 §7), to publish to a server or to play from it: bytes and time in, events out, commands into the writer it was given.
/// </summary>
/// <remarks>
/// <code>
/// Handshake ─▶ Connecting ─_result▶ Creating ─_result▶ Starting ─onStatus Publish.Start, Play.Start▶ Started ─Unpublish▶ Drain
/// publish: connect · releaseStream, FCPublish, createStream · publish          play: connect · createStream, FCSubscribe · play, SetBufferLength
/// </code>
/// No I/O, no clock; one caller at a time. Once started, what it writes may go out between any two messages of the media that somebody else writes,
/// in chunks of <see cref="RtmpServerSession.ChunkSize"/>, on other chunk streams than 2, 3 and 5. Redirects are not followed.
/// </remarks>
public sealed class RtmpClientSession : IDisposable
{
    private const double ConnectTransaction = 1;
    private const double ReleaseTransaction = 2;
    private const double FcTransaction = 3;
    private const double CreateTransaction = 4;
    private const double StartTransaction = 5;
    private const double UnpublishTransaction = 6;
    private const double DeleteTransaction = 7;
    private const double CheckTransaction = 8;
    private const uint Window = 2_500_000;
    private const uint BufferMilliseconds = 3000;
    private const double LiveOnly = -1000;

    private readonly RtmpUrl _url;
    private readonly RtmpClientMode _mode;
    private readonly RtmpLimits _limits;
    private readonly IBufferWriter<byte> _output;
    private readonly RtmpLink _link;
    private ClientHandshake? _handshake;
    private State _state = State.Handshake;
    private long _deadline;
    private RtmpEvent _failure;

    private enum State { Handshake, Connecting, Creating, Starting, Started, Drain, Closed }

    /// <summary>Writes the first bytes of the handshake.</summary>
    /// <param name="output">Takes what is to be sent; the caller sends it after the constructor and after each call.</param>
    /// <param name="random">1528 bytes for the handshake.</param>
    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    public RtmpClientSession(RtmpUrl url, RtmpClientMode mode, IBufferWriter<byte> output, RtmpLimits limits, ReadOnlySpan<byte> random, long now)
    {
        (_url, _mode, _output, _limits, _link) = (url, mode, output, limits, new RtmpLink(output, limits));
        _link.IsAuthorised = true;   // we chose this server
        _handshake = new ClientHandshake((uint)now, random);
        _handshake.Start(output);
        _deadline = now + (long)limits.HandshakeTime.TotalMilliseconds;
    }

    /// <summary>The message stream that the server gave; media belongs on it.</summary>
    public uint MessageStreamId { get; private set; }

    /// <summary>Takes bytes up to the next event.</summary>
    /// <param name="consumed">Bytes taken: all of them where the event is <see cref="RtmpEventKind.None"/>; else call again with the rest, if any.</param>
    public RtmpEvent Receive(ReadOnlySpan<byte> input, long now, out int consumed)
    {
        consumed = 0;
        if (_state == State.Closed) return _failure;
        if (_state == State.Drain)
        {
            consumed = input.Length;
            return default;
        }
        if (_handshake is { } handshake)
        {
            var status = handshake.Receive(input, out consumed, _output);
            _link.Count(consumed);
            if (status == OperationStatus.InvalidData) return Fail(null, handshake.Error!);
            if (status == OperationStatus.NeedMoreData) return default;
            _handshake = null;
            _deadline = now + (long)_limits.CommandTime.TotalMilliseconds;
            Connect();
        }
        while (true)
        {
            var status = _link.Read(input[consumed..], out var taken, out var message);
            consumed += taken;
            if (status == OperationStatus.InvalidData) return Fail(null, _link.Error!);
            if (status == OperationStatus.NeedMoreData) return default;
            var happened = OnMessage(message);
            if (happened.Kind != RtmpEventKind.None) return happened;
        }
    }

    /// <summary>Looks at the deadlines up to <see cref="RtmpEventKind.Started"/>; call it about once a second until then.</summary>
    public RtmpEvent Tick(long now)
    {
        if (_state == State.Closed) return _failure;
        if (now < _deadline) return default;
        return Fail(null, $"The server did not answer in time ({_state}).");
    }

    /// <summary>Writes the orderly end of a publish. What still comes is swallowed.</summary>
    /// <remarks>The caller reads on until the server has closed: a socket closed over unread bytes would take the tail of the show with it.</remarks>
    public void Unpublish()
    {
        if (_state != State.Started || _mode != RtmpClientMode.Publish) return;
        _link.Writer.Command(0, "FCUnpublish", UnpublishTransaction, Amf0Value.Null, _url.Name);
        _link.Writer.Command(0, "deleteStream", DeleteTransaction, Amf0Value.Null, MessageStreamId);
        _state = State.Drain;
    }

    /// <summary>Gives back unfinished messages.</summary>
    public void Dispose()
    {
        if (_state != State.Closed) Fail(null, "The session was closed.");
        _link.Dispose();
    }

    private void Connect()
    {
        _state = State.Connecting;
        var codecs = Amf0Value.Object(new Amf0Member("*", 7));
        var connect = Amf0Value.Object(
            new("app", _url.App), new("type", "nonprivate"), new("flashVer", _mode == RtmpClientMode.Publish ? "FMLE/3.0 (compatible; Sluice)" : "LNX 9,0,124,2"),
            new("tcUrl", _url.TcUrl), new("fourCcList", Amf0Value.StrictArray("*")), new("videoFourCcInfoMap", codecs), new("audioFourCcInfoMap", codecs));
        if (_mode == RtmpClientMode.Play)
            connect = connect.With("fpad", false).With("capabilities", 15).With("audioCodecs", 4071).With("videoCodecs", 252).With("videoFunction", 1);
        _link.Writer.Command(0, "connect", ConnectTransaction, connect);
    }

    private RtmpEvent OnMessage(in RtmpMessage message)
    {
        if (message.Type is RtmpMessageType.Command or RtmpMessageType.Amf3Command)
        {
            var command = RtmpCommand.Parse(message, out var reason);
            message.Body.Release();
            return command is null ? Fail(null, reason!) : OnCommand(command);
        }
        if (_state == State.Started && _mode == RtmpClientMode.Play) return new RtmpEvent(RtmpEventKind.Media, message);
        message.Body.Release();
        return default;
    }

    private RtmpEvent OnCommand(RtmpCommand command)
    {
        switch (command.Name)
        {
            case "_result":
                return OnResult(command);
            case "_error" when command.Transaction is ConnectTransaction or CreateTransaction or StartTransaction && _state != State.Started:
                return Fail(command.At(3)["code"].AsString, command.At(3)["description"].AsString ?? $"The server refused ({_state}).");
            case "onStatus":
                return OnStatus(command.At(3));
            case "onBWDone":
                _link.Writer.Command(0, "_checkbw", CheckTransaction, Amf0Value.Null);
                return default;
            case "close":
                return Fail(null, "The server closed the connection.");
            default:
                return default;
        }
    }

    private RtmpEvent OnResult(RtmpCommand command)
    {
        if (_state == State.Connecting && command.Transaction == ConnectTransaction)
        {
            _state = State.Creating;
            // The window is what the server's Set Peer Bandwidth would have us say; older ones wait for it.
            _link.Writer.WindowAckSize(Window);
            _link.Writer.SetChunkSize(RtmpServerSession.ChunkSize);
            if (_mode == RtmpClientMode.Publish)
            {
                _link.Writer.Command(0, "releaseStream", ReleaseTransaction, Amf0Value.Null, _url.Name);
                _link.Writer.Command(0, "FCPublish", FcTransaction, Amf0Value.Null, _url.Name);
            }
            _link.Writer.Command(0, "createStream", CreateTransaction, Amf0Value.Null);
            return default;
        }
        if (_state == State.Creating && command.Transaction == CreateTransaction)
        {
            if (command.At(3).AsNumber is not { } stream) return Fail(null, "The server's answer to createStream names no message stream.");
            MessageStreamId = (uint)stream;
            Start();
            return default;
        }
        // Some servers answer play with a result alone.
        if (_state == State.Starting && command.Transaction == StartTransaction && _mode == RtmpClientMode.Play) return Started();
        return default;
    }

    private void Start()
    {
        _state = State.Starting;
        if (_mode == RtmpClientMode.Publish)
        {
            _link.Writer.Command(MessageStreamId, "publish", StartTransaction, Amf0Value.Null, _url.Name, "live");
            return;
        }
        _link.Writer.Command(0, "FCSubscribe", FcTransaction, Amf0Value.Null, _url.Name);
        _link.Writer.Command(MessageStreamId, "play", StartTransaction, Amf0Value.Null, _url.Name, LiveOnly);
        _link.Writer.UserControl(UserControlEvent.SetBufferLength, MessageStreamId, BufferMilliseconds);
    }

    private RtmpEvent Started()
    {
        _state = State.Started;
        _deadline = long.MaxValue;
        return new RtmpEvent(RtmpEventKind.Started);
    }

    private RtmpEvent OnStatus(Amf0Value info)
    {
        var code = info["code"].AsString;
        var description = info["description"].AsString ?? code ?? "The server gave no reason.";
        if (info["level"].AsString == "error") return Fail(code, description);
        switch (code)
        {
            case RtmpStatus.PublishStart when _state == State.Starting && _mode == RtmpClientMode.Publish:
            case RtmpStatus.PlayStart when _state == State.Starting && _mode == RtmpClientMode.Play:
                return Started();
            case RtmpStatus.PlayStop or RtmpStatus.PlayComplete or RtmpStatus.PlayUnpublishNotify when _state == State.Started && _mode == RtmpClientMode.Play:
                _state = State.Closed;
                return _failure = new RtmpEvent(RtmpEventKind.Ended, Code: code, Reason: description);
            default:
                return default;
        }
    }

    private RtmpEvent Fail(string? code, string reason)
    {
        _state = State.Closed;
        return _failure = new RtmpEvent(RtmpEventKind.Failed, Code: code, Reason: reason);
    }
}
