using System.Buffers;
using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

/// <summary>A server session, what it is sent, and what it says: each message in one line.</summary>
internal sealed class TestPeer : IDisposable
{
    public static readonly byte[] Random = [.. Enumerable.Range(0, 1528).Select(i => (byte)(13 * i + 1))];

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly ChunkReader _reader = new(RtmpLimits.Default) { IsAuthorised = true };
    private int _handshakeLeft = 3073;

    public TestPeer(RtmpLimits? limits = null) => Session = new RtmpServerSession(_output, limits ?? RtmpLimits.Default, Random, 0);

    public RtmpServerSession Session { get; }

    public long Now { get; set; }

    /// <summary>The media it handed out, as text.</summary>
    public List<string> Media { get; } = [];

    public static byte[] Handshake => [3, .. new byte[1536 * 2]];

    public static byte[] Command(uint sid, int csid, params Amf0Value[] values) => Chunks.Message(RtmpMessageType.Command, Amf(values), csid, sid);

    public static byte[] Amf(params Amf0Value[] values)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new Amf0Writer(output);
        foreach (var value in values) writer.Value(value);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>A peer that has been connected to.</summary>
    public static TestPeer Connected(string app = "live", RtmpLimits? limits = null)
    {
        var peer = new TestPeer(limits);
        peer.Send(Handshake);
        peer.Send(Command(0, 3, "connect", 1, Amf0Value.Object(new("app", app), new("tcUrl", $"rtmp://h/{app}"))));
        peer.Said();
        return peer;
    }

    /// <summary>A peer that is being published to as live/show.</summary>
    public static TestPeer Publishing()
    {
        var peer = Connected();
        Assert.Equal(RtmpEventKind.None, peer.Send(Command(0, 3, "createStream", 2, Amf0Value.Null)).Kind);
        Assert.Equal(RtmpEventKind.Publish, peer.Send(Command(1, 4, "publish", 3, Amf0Value.Null, "show", "live")).Kind);
        peer.Session.AcceptPublish(peer.Now);
        peer.Said();
        return peer;
    }

    /// <summary>Sends bytes. Returns the last event that was no media.</summary>
    public RtmpEvent Send(ReadOnlySpan<byte> bytes)
    {
        var last = default(RtmpEvent);
        while (true)
        {
            var happened = Session.Receive(bytes, Now, out var consumed);
            bytes = bytes[consumed..];
            if (happened.Kind == RtmpEventKind.Media)
            {
                Media.Add(Chunks.Text(happened.Message));
                happened.Message.Body.Release();
                continue;
            }
            if (happened.Kind != RtmpEventKind.None) last = happened;
            if (happened.Kind is RtmpEventKind.None or RtmpEventKind.Failed) return last;
            if (bytes.IsEmpty) return last;
        }
    }

    /// <summary>What it said since the last call.</summary>
    public List<string> Said()
    {
        var bytes = _output.WrittenSpan;
        var handshake = Math.Min(_handshakeLeft, bytes.Length);
        _handshakeLeft -= handshake;
        var said = new List<string>();
        bytes = bytes[handshake..];
        while (_reader.Read(bytes, out var consumed, out var message) == OperationStatus.Done)
        {
            said.Add(Describe(message));
            message.Body.Release();
            bytes = bytes[consumed..];
        }
        Assert.Null(_reader.Error);
        _output.ResetWrittenCount();
        return said;
    }

    public void Dispose()
    {
        Session.Dispose();
        _reader.Dispose();
    }

    private static string Describe(in RtmpMessage message) => message.Type is RtmpMessageType.Command or RtmpMessageType.Data
        ? $"{message.MessageStreamId} {string.Join(' ', new Amf0Reader(message.Body.Span).ReadAll())}"
        : $"{message.Type} {Convert.ToHexStringLower(message.Body.Span)}";
}
