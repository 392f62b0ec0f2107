using System.Buffers;
using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp.Handshake;

namespace Sluice.Wire.Rtmp;

/// <summary>
/// The server's end of one connection (RTMP 1.0 §7, Enhanced RTMP v2 <c>connect</c>): bytes and time in, events out, answers into the writer it was given.
/// </summary>
/// <remarks>
/// <code>
/// Handshake ─▶ Connect ─▶ Ready ─publish▶ AnswerPublish ─AcceptPublish▶ Publishing ─FCUnpublish, deleteStream, closeStream▶ Ready
///                           └────play▶ AnswerPlay ─AcceptPlay▶ Playing ─deleteStream, closeStream, EndPlay▶ Drain: what still comes is swallowed
/// any ─bad bytes, deadline, Reject▶ Closed
/// </code>
/// No I/O, no clock; one caller at a time. It writes nothing but answers, so that once it plays, what it writes may go out between any two messages of the
/// media, which somebody else writes on other chunk streams than 2, 3 and 5. Order of commands is that of the client: it is not required to be a known dialect's.
/// </remarks>
public sealed class RtmpServerSession : IDisposable
{
    /// <summary>The size of the chunks that this server sends, media included.</summary>
    public const int ChunkSize = 60_000;

    private const uint Window = 2_500_000;
    private const int MaxMessageStreams = 16;

    private readonly RtmpLimits _limits;
    private readonly IBufferWriter<byte> _output;
    private readonly RtmpLink _link;
    private ServerHandshake? _handshake;
    private State _state = State.Handshake;
    private long _deadline;
    private string? _app;
    private string _tcUrl = "";
    private bool _canReconnect;
    private uint _lastMessageStream;
    private int _commands;
    private string? _error;

    private enum State { Handshake, Connect, Ready, AnswerPublish, AnswerPlay, Publishing, Playing, Drain, Closed }

    /// <param name="output">Takes what is to be sent; the caller sends it after each call.</param>
    /// <param name="random">1528 bytes for the handshake.</param>
    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    public RtmpServerSession(IBufferWriter<byte> output, RtmpLimits limits, ReadOnlySpan<byte> random, long now)
    {
        (_output, _limits, _link) = (output, limits, new RtmpLink(output, limits));
        _handshake = new ServerHandshake((uint)now, random);
        _deadline = now + (long)limits.HandshakeTime.TotalMilliseconds;
    }

    /// <summary>The message stream published or played.</summary>
    public uint MessageStreamId { get; private set; }

    /// <summary>Takes bytes up to the next event.</summary>
    /// <param name="consumed">Bytes taken: all of them where the event is <see cref="RtmpEventKind.None"/>; else call again with the rest, if any.</param>
    public RtmpEvent Receive(ReadOnlySpan<byte> input, long now, out int consumed)
    {
        consumed = 0;
        if (_state == State.Closed) return Failed();
        if (_state == State.Drain)
        {
            consumed = input.Length;
            return default;
        }
        if (_handshake is { } handshake)
        {
            var status = handshake.Receive(input, out consumed, _output);
            _link.Count(consumed);
            if (status == OperationStatus.InvalidData) return Fail(handshake.Error!);
            if (status == OperationStatus.NeedMoreData) return default;
            _handshake = null;
            Enter(State.Connect, now);
        }
        while (true)
        {
            var status = _link.Read(input[consumed..], out var taken, out var message);
            consumed += taken;
            if (status == OperationStatus.InvalidData) return Fail(_link.Error!);
            if (status == OperationStatus.NeedMoreData) return default;
            var happened = OnMessage(message, now);
            if (happened.Kind != RtmpEventKind.None) return happened;
        }
    }

    /// <summary>Looks at the deadlines of handshake and commands; call it about once a second until something is published or played.</summary>
    public RtmpEvent Tick(long now)
    {
        if (_state == State.Closed) return Failed();
        if (now < _deadline) return default;
        return Fail(_state == State.Handshake ? "The handshake took too long." : "Nothing was published or played in time.");
    }

    /// <summary>Lets the peer publish: media follows as events.</summary>
    public void AcceptPublish(long now)
    {
        Expect(State.AnswerPublish);
        _link.IsAuthorised = true;
        _link.Writer.UserControl(UserControlEvent.StreamBegin, MessageStreamId);
        OnStatus("status", RtmpStatus.PublishStart, "Started publishing stream.");
        Enter(State.Publishing, now);
    }

    /// <summary>Lets the peer play: its media may be written behind what this writes, on <see cref="MessageStreamId"/>.</summary>
    public void AcceptPlay(long now)
    {
        Expect(State.AnswerPlay);
        _link.Writer.UserControl(UserControlEvent.StreamBegin, MessageStreamId);
        OnStatus("status", RtmpStatus.PlayReset, "Resetting the stream.");
        OnStatus("status", RtmpStatus.PlayStart, "Started playing stream.");
        _link.Writer.Data(MessageStreamId, "|RtmpSampleAccess", true, true);
        (_app, _tcUrl) = (null, "");   // it plays nothing else: thousands of these would be kept for nothing
        Enter(State.Playing, now);
    }

    /// <summary>Refuses the publish or play that waits for its answer. The caller sends this, then closes the sending side and waits a little: a reset makes encoders report a network fault.</summary>
    public void Reject(string code, string description)
    {
        if (_state != State.AnswerPublish) Expect(State.AnswerPlay);
        OnStatus("error", code, description);
        Close(description);
    }

    /// <summary>Tells a player that the show is over; nothing where it has left just now. Written behind the last of the media; players leave at once.</summary>
    /// <remarks>The caller reads on until the player has closed: a socket closed over unread bytes would take the tail of the show with it.</remarks>
    public void EndPlay()
    {
        if (_state != State.Playing) return;
        _link.Writer.UserControl(UserControlEvent.StreamEof, MessageStreamId);
        OnStatus("status", RtmpStatus.PlayUnpublishNotify, "The stream has ended.");
        _state = State.Drain;
    }

    /// <summary>Asks an Enhanced RTMP peer to connect anew; false where the peer has not said that it can.</summary>
    /// <param name="tcUrl">Where to; null: the same place.</param>
    public bool RequestReconnect(string? tcUrl, string description)
    {
        if (!_canReconnect || _state == State.Closed) return false;
        var info = RtmpStatus.Info("status", RtmpStatus.ReconnectRequest, description);
        _link.Writer.Command(0, "onStatus", 0, Amf0Value.Null, tcUrl is null ? info : info.With("tcUrl", tcUrl));
        return true;
    }

    /// <summary>Gives back unfinished messages.</summary>
    public void Dispose()
    {
        Close("The session was closed.");
        _link.Dispose();
    }

    private RtmpEvent OnMessage(in RtmpMessage message, long now)
    {
        if (message.Type is RtmpMessageType.Command or RtmpMessageType.Amf3Command)
        {
            var command = RtmpCommand.Parse(message, out var reason);
            message.Body.Release();
            return command is null ? Fail(reason!) : OnCommand(command, now);
        }
        if (_state == State.Publishing) return new RtmpEvent(RtmpEventKind.Media, message);
        message.Body.Release();
        return default;
    }

    private RtmpEvent OnCommand(RtmpCommand command, long now)
    {
        if (_state is State.Connect or State.Ready && ++_commands > _limits.MaxCommands) return Fail($"More than {_limits.MaxCommands} commands came before publish or play.");
        switch (command.Name)
        {
            case "connect":
                return OnConnect(command);
            case "createStream" when _state != State.Connect:
                if (_lastMessageStream == MaxMessageStreams) return Fail($"More than {MaxMessageStreams} message streams are used.");
                Answer(command, ++_lastMessageStream);
                return default;
            case "publish" when _state == State.Ready:
                return OnRequest(command, RtmpEventKind.Publish, State.AnswerPublish, now);
            case "play" when _state == State.Ready:
                return OnRequest(command, RtmpEventKind.Play, State.AnswerPlay, now);
            case "publish" or "play" or "createStream":
                return Fail($"'{command.Name}' came at the wrong time ({_state}).");
            case "FCPublish":
                Answer(command, Amf0Value.Undefined);
                _link.Writer.Command(0, "onFCPublish", 0, Amf0Value.Null, RtmpStatus.Info("status", RtmpStatus.PublishStart, command.At(3).AsString ?? ""));
                return default;
            case "FCUnpublish":
                _link.Writer.Command(0, "onFCUnpublish", 0, Amf0Value.Null, RtmpStatus.Info("status", RtmpStatus.UnpublishSuccess, command.At(3).AsString ?? ""));
                Answer(command, Amf0Value.Undefined);
                return OnEnd("FCUnpublish", now);
            case "deleteStream" when MessageStreamId != 0 && command.At(3).AsNumber is { } deleted && (uint)deleted != MessageStreamId:
                return default;
            case "deleteStream" or "closeStream":
                return OnEnd(command.Name, now);
            case "getStreamLength":
                Answer(command, 0);
                return default;
            case "pause":
                // A live stream goes on; the player only wants to hear that it was understood.
                var pauses = command.At(3).AsBoolean == true;
                OnStatus("status", pauses ? RtmpStatus.PauseNotify : RtmpStatus.UnpauseNotify, pauses ? "Paused stream." : "Unpaused stream.");
                return default;
            case "_result" or "_error" or "onStatus":
                return default;
            default:
                Answer(command, Amf0Value.Undefined);
                return default;
        }
    }

    private RtmpEvent OnConnect(RtmpCommand command)
    {
        if (_state != State.Connect) return Fail("A second 'connect' came.");
        // The rest of it is not kept: it would be the largest part of what a viewer costs.
        var connect = command.At(2);
        (_app, _tcUrl) = (connect["app"].AsString, connect["tcUrl"].AsString ?? "");
        _canReconnect = ((int)(connect["capsEx"].AsNumber ?? 0) & ConnectAnswer.CapsReconnect) != 0;
        _link.Writer.WindowAckSize(Window);
        _link.Writer.PeerBandwidth(Window);
        _link.Writer.SetChunkSize(ChunkSize);
        _link.Writer.Command(0, "_result", command.Transaction, ConnectAnswer.Properties, ConnectAnswer.Info(connect));
        _state = State.Ready;
        return default;
    }

    private RtmpEvent OnRequest(RtmpCommand command, RtmpEventKind kind, State next, long now)
    {
        // Clients that never called createStream speak on message stream 0.
        MessageStreamId = command.MessageStreamId;
        if (command.At(3).AsString is not { } name) return Fail($"'{command.Name}' names no stream.");
        Enter(next, now);
        return new RtmpEvent(kind, Request: RtmpRequest.From(_app, _tcUrl, name, MessageStreamId));
    }

    private RtmpEvent OnEnd(string how, long now)
    {
        if (_state is not (State.Publishing or State.Playing)) return default;
        if (_state == State.Publishing) OnStatus("status", RtmpStatus.UnpublishSuccess, "Stream is now unpublished.");
        _link.IsAuthorised = false;
        Enter(_state == State.Publishing ? State.Ready : State.Drain, now);
        return new RtmpEvent(RtmpEventKind.Ended, Reason: how);
    }

    private void OnStatus(string level, string code, string description) =>
        _link.Writer.Command(MessageStreamId, "onStatus", 0, Amf0Value.Null, RtmpStatus.Info(level, code, description));

    private void Answer(RtmpCommand command, Amf0Value value)
    {
        if (command.Transaction != 0) _link.Writer.Command(0, "_result", command.Transaction, Amf0Value.Null, value);
    }

    private void Enter(State state, long now)
    {
        _state = state;
        _deadline = state is State.Connect or State.Ready ? now + (long)_limits.CommandTime.TotalMilliseconds : long.MaxValue;
    }

    private void Expect(State state)
    {
        if (_state != state) throw new InvalidOperationException($"The session is in state {_state}, not {state}.");
    }

    private void Close(string reason)
    {
        _error ??= reason;
        _state = State.Closed;
    }

    private RtmpEvent Fail(string reason)
    {
        Close(reason);
        return Failed();
    }

    private RtmpEvent Failed() => new(RtmpEventKind.Failed, Reason: _error);
}
