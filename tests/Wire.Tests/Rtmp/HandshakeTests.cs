using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Sluice.Wire.Rtmp.Handshake;

namespace Wire.Tests.Rtmp;

public class HandshakeTests
{
    private static readonly byte[] Random = [.. Enumerable.Range(0, 1528).Select(i => (byte)(11 * i + 5))];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_digests_are_those_of_the_vectors(int schema)
    {
        var vector = RtmpVectors.Of("rtmp_complex_handshake").ElementAt(schema);
        var c1 = Pattern(HandshakeDigest.PartSize, 7, 3);
        BinaryPrimitives.WriteUInt32BigEndian(c1, 1000);
        BinaryPrimitives.WriteUInt32BigEndian(c1.AsSpan(4), 0x80000702);
        HandshakeDigest.Sign(c1, schema, isClient: true);
        var position = HandshakeDigest.Position(c1, schema);
        Assert.Equal(vector.GetProperty("digest_offset").GetInt32(), position);
        Assert.Equal(Text(vector, "c1_digest"), Hex(c1.AsSpan(position, 32)));
        Assert.Equal(Text(vector, "c1_sha256"), Hex(SHA256.HashData(c1)));
        Assert.Equal(schema, HandshakeDigest.FindSchema(c1, isClient: true));
        Assert.Equal(-1, HandshakeDigest.FindSchema(c1, isClient: false));

        var s2 = Pattern(HandshakeDigest.PartSize, 5, 1);
        HandshakeDigest.SignAnswer(s2, c1.AsSpan(position, 32), isClient: false);
        Assert.Equal(Text(vector, "s2_digest"), Hex(s2.AsSpan(1504)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_signed_C1_gets_a_signed_answer_in_its_schema(int schema)
    {
        var c1 = C1(0x80000702);
        HandshakeDigest.Sign(c1, schema, isClient: true);
        var answer = Answer(c1);
        var s1 = answer.AsSpan(1, 1536);
        Assert.Equal(schema, HandshakeDigest.FindSchema(s1, isClient: false));
        var s2 = answer.AsSpan(1537).ToArray();
        var expected = s2.ToArray();
        HandshakeDigest.SignAnswer(expected, c1.AsSpan(HandshakeDigest.Position(c1, schema), 32), isClient: false);
        Assert.Equal(expected, s2);
    }

    [Theory]
    [InlineData(0u)]            // a simple client
    [InlineData(0x09007c02u)]   // says that it is complex, but its digest does not hold
    public void Any_other_C1_is_echoed(uint version)
    {
        var c1 = C1(version);
        var answer = Answer(c1);
        Assert.Equal(3, answer[0]);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(answer.AsSpan(5)));
        Assert.Equal(c1, answer[1537..]);
    }

    [Fact]
    public void Every_split_gives_the_same_answer_and_leaves_what_follows()
    {
        byte[] input = [3, .. C1(0), .. new byte[1536], 0xAA, 0xBB];
        var expected = Answer(C1(0));
        for (var split = 0; split <= input.Length; split++)
        {
            var output = new ArrayBufferWriter<byte>();
            var handshake = new ServerHandshake(1, Random);
            var status = handshake.Receive(input.AsSpan(0, split), out var first, output);
            var second = 0;
            if (status == OperationStatus.NeedMoreData)
            {
                Assert.Equal(split, first);
                status = handshake.Receive(input.AsSpan(first), out second, output);
            }
            Assert.Equal(OperationStatus.Done, status);
            Assert.Equal(ServerHandshake.ClientSize, first + second);
            Assert.Equal(expected, output.WrittenSpan.ToArray());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(0x16)]
    [InlineData('G')]
    public void Another_version_is_refused_at_its_first_byte(byte version)
    {
        var handshake = new ServerHandshake(1, Random);
        Assert.Equal(OperationStatus.InvalidData, handshake.Receive([version], out _, new ArrayBufferWriter<byte>()));
        Assert.NotNull(handshake.Error);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Client_and_server_agree(bool isComplex)
    {
        var (toServer, toClient) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        var client = new ClientHandshake(5, Random, isComplex);
        var server = new ServerHandshake(6, Random);
        client.Start(toServer);
        Assert.Equal(OperationStatus.NeedMoreData, server.Receive(toServer.WrittenSpan, out _, toClient));
        toServer.ResetWrittenCount();
        Assert.Equal(OperationStatus.Done, client.Receive(toClient.WrittenSpan, out var consumed, toServer));
        Assert.Equal(3073, consumed);
        Assert.Equal(OperationStatus.Done, server.Receive(toServer.WrittenSpan, out _, toClient));

        var s1 = toClient.WrittenSpan.Slice(1, 1536).ToArray();
        var c2 = toServer.WrittenSpan.ToArray();
        if (!isComplex)
        {
            Assert.Equal(s1, c2);
            return;
        }
        var expected = c2.ToArray();
        HandshakeDigest.SignAnswer(expected, s1.AsSpan(HandshakeDigest.Position(s1, 1), 32), isClient: true);
        Assert.Equal(expected, c2);
    }

    private static byte[] Answer(byte[] c1)
    {
        var output = new ArrayBufferWriter<byte>();
        new ServerHandshake(1, Random).Receive([3, .. c1], out _, output);
        return output.WrittenSpan.ToArray();
    }

    private static byte[] C1(uint version)
    {
        var c1 = Pattern(1536, 7, 3);
        BinaryPrimitives.WriteUInt32BigEndian(c1.AsSpan(4), version);
        return c1;
    }

    private static byte[] Pattern(int size, int factor, int offset) => [.. Enumerable.Range(0, size).Select(i => (byte)(factor * i + offset))];

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;
}
