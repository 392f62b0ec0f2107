using System.Buffers.Binary;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.Output.WsFlv;
using Sluice.Wire.WebSockets;

namespace Pipeline.Tests.Output;

/// <summary>Frames on a connection that takes what it likes.</summary>
public sealed class WebSocketSinkTests
{
    [Fact]
    public void Whatever_the_connection_takes_the_frames_are_whole_and_carry_every_byte()
    {
        var random = new Random(1);
        for (var round = 0; round < 300; round++)
        {
            var connection = new MemorySink();
            var sink = new WebSocketSink(connection);
            var sent = new List<byte>();
            var pings = 0;
            for (var turn = 0; turn < 30; turn++)
            {
                connection.Room = random.Next(4) == 0 ? long.MaxValue : random.Next(0, 12);
                connection.Bite = random.Next(1, 300);
                if (random.Next(5) == 0) sink.Answer(WebSocketFrame.Pong([(byte)++pings]));
                var bytes = new byte[random.Next(1, 400)];
                random.NextBytes(bytes);
                // What was offered and not taken is offered again, with what came since.
                var offered = (byte[])[.. bytes];
                var taken = ((IByteSink)sink).Send(offered);
                sent.AddRange(offered.AsSpan(0, taken));
                while (taken < offered.Length)
                {
                    connection.Room = random.Next(1, 500);
                    var more = random.Next(2) == 0 ? sink.Send(offered.AsMemory(taken)) : ((IByteSink)sink).Send(offered.AsMemory(taken), new byte[] { 1 });
                    sent.AddRange(offered.AsSpan(taken, Math.Min(more, offered.Length - taken)));
                    if (more > offered.Length - taken) sent.Add(1);
                    taken += more;
                }
                if (random.Next(3) == 0) sink.Flush();
            }
            connection.Room = long.MaxValue;
            while (!sink.Flush())
            {
                // A head may be owed.
            }
            while (!sink.Finish())
            {
                // The close may be in pieces.
            }
            var frames = Frames(connection.Bytes);
            Assert.Equal(sent, frames.Where(frame => frame.Opcode == WebSocketOpcode.Binary).SelectMany(frame => frame.Payload));
            var pongs = frames.Where(frame => frame.Opcode == WebSocketOpcode.Pong).Select(frame => Assert.Single(frame.Payload)).ToList();
            Assert.Equal(pongs.Order(), pongs);
            if (pings > 0) Assert.Equal(pings, pongs[^1]);
            Assert.Equal([0x03, 0xE8], frames[^1].Payload);
            Assert.Single(frames, frame => frame.Opcode == WebSocketOpcode.Close);
            Assert.True(connection.IsFinished);
        }
    }

    [Fact]
    public void Nothing_is_said_inside_a_frame()
    {
        var connection = new MemorySink { Room = 10 };
        var sink = new WebSocketSink(connection);
        Assert.Equal(8, sink.Send(new byte[100]));
        sink.Answer(WebSocketFrame.Pong([]));
        connection.Room = 1000;
        Assert.True(sink.Flush());
        Assert.Equal(10, connection.Bytes.Length);
        Assert.Equal(92, sink.Send(new byte[92]));
        Assert.True(sink.Flush());
        Assert.True(sink.Finish());
        Assert.Equal([WebSocketOpcode.Binary, WebSocketOpcode.Pong, WebSocketOpcode.Close], Frames(connection.Bytes).Select(frame => frame.Opcode));
    }

    /// <summary>Reads what a server sends, strictly.</summary>
    private static List<(WebSocketOpcode Opcode, byte[] Payload)> Frames(ReadOnlySpan<byte> bytes)
    {
        var frames = new List<(WebSocketOpcode, byte[])>();
        while (bytes.Length > 0)
        {
            Assert.Equal(0x80, bytes[0] & 0xF0);
            var (head, length) = bytes[1] switch
            {
                126 => (4, BinaryPrimitives.ReadUInt16BigEndian(bytes[2..])),
                127 => (10, (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..])),
                var small => (2, small),
            };
            frames.Add(((WebSocketOpcode)(bytes[0] & 15), bytes.Slice(head, length).ToArray()));
            bytes = bytes[(head + length)..];
        }
        return frames;
    }
}
