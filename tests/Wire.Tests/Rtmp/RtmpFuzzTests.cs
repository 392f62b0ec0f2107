using System.Buffers;
using Sluice.Wire.Amf0;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

/// <summary>Hurts the inputs of <c>Corpus/rtmp</c> (a line each: name, hex; handshakes left out) in a repeatable way; a crasher found is added there as a line.</summary>
public class RtmpFuzzTests
{
    private const int Rounds = 6_000;

    [Fact]
    public void Chunks_never_throw_and_always_move_on()
    {
        var random = new Random(1);
        foreach (var bytes in Mutations("chunks.hex", Rounds * 4))
        {
            using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = random.Next(2) == 0 };
            Drain(bytes, random, (ReadOnlySpan<byte> piece, out int consumed) =>
            {
                var status = reader.Read(piece, out consumed, out var message);
                if (status == OperationStatus.Done) message.Body.Release();
                if (status == OperationStatus.NeedMoreData) Assert.Equal(piece.Length, consumed);
                if (status == OperationStatus.InvalidData) Assert.NotNull(reader.Error);
                return status != OperationStatus.InvalidData;
            });
        }
    }

    [Fact]
    public void A_server_session_never_throws_and_accepts_or_fails_with_a_reason()
    {
        var random = new Random(2);
        foreach (var bytes in Mutations("chunks.hex"))
        {
            var output = new ArrayBufferWriter<byte>();
            using var session = new RtmpServerSession(output, RtmpLimits.Default, TestPeer.Random, 0);
            session.Receive(TestPeer.Handshake, 0, out _);
            Drain(bytes, random, (ReadOnlySpan<byte> piece, out int consumed) =>
            {
                var happened = session.Receive(piece, 0, out consumed);
                switch (happened.Kind)
                {
                    case RtmpEventKind.None: Assert.Equal(piece.Length, consumed); break;
                    case RtmpEventKind.Publish: session.AcceptPublish(0); break;
                    case RtmpEventKind.Play: session.AcceptPlay(0); break;
                    case RtmpEventKind.Media: happened.Message.Body.Release(); break;
                    case RtmpEventKind.Failed: Assert.NotNull(happened.Reason); break;
                }
                return happened.Kind != RtmpEventKind.Failed;
            });
        }
    }

    [Fact]
    public void A_client_session_never_throws_and_starts_or_fails_with_a_reason()
    {
        var random = new Random(3);
        var url = RtmpUrl.Parse("rtmp://h/live/show", out _)!;
        foreach (var bytes in Mutations("answers.hex"))
        {
            var output = new ArrayBufferWriter<byte>();
            using var session = new RtmpClientSession(url, random.Next(2) == 0 ? RtmpClientMode.Play : RtmpClientMode.Publish, output, RtmpLimits.Default, TestPeer.Random, 0);
            session.Receive([3, .. new byte[3072]], 0, out _);
            Drain(bytes, random, (ReadOnlySpan<byte> piece, out int consumed) =>
            {
                var happened = session.Receive(piece, 0, out consumed);
                if (happened.Kind == RtmpEventKind.Media) happened.Message.Body.Release();
                if (happened.Kind == RtmpEventKind.Failed) Assert.NotNull(happened.Reason);
                return happened.Kind is not (RtmpEventKind.Failed or RtmpEventKind.Ended);
            });
        }
    }

    [Fact]
    public void Amf0_never_throws()
    {
        foreach (var bytes in Mutations("amf0.hex", Rounds * 4))
        {
            var reader = new Amf0Reader(bytes);
            reader.ReadAll();
            Assert.InRange(reader.Position, 0, bytes.Length);
        }
    }

    private delegate bool Step(ReadOnlySpan<byte> piece, out int consumed);

    private static void Drain(byte[] bytes, Random random, Step step)
    {
        var rest = bytes.AsSpan();
        var idle = 0;
        while (rest.Length > 0 && idle < 3)
        {
            if (!step(rest[..random.Next(1, rest.Length + 1)], out var consumed)) return;
            idle = consumed == 0 ? idle + 1 : 0;
            rest = rest[consumed..];
        }
        Assert.True(rest.IsEmpty, "It takes no bytes and does not say why.");
    }

    private static IEnumerable<byte[]> Mutations(string file, int rounds = Rounds)
    {
        var seeds = File.ReadLines(Path.Combine(RtmpVectors.Folder(), "Corpus", "rtmp", file)).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => Convert.FromHexString(line.Split(' ')[^1])).ToArray();
        Assert.NotEmpty(seeds);
        foreach (var seed in seeds) yield return seed;
        var random = new Random(20_261_122);
        for (var round = 0; round < rounds; round++)
        {
            var bytes = seeds[random.Next(seeds.Length)].ToArray();
            for (var changes = random.Next(1, 5); changes > 0 && bytes.Length > 0; changes--)
            {
                var at = random.Next(bytes.Length);
                switch (random.Next(6))
                {
                    case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                    case 1: bytes[at] = (byte)random.Next(256); break;
                    case 2: bytes[at] = random.Next(2) == 0 ? (byte)0 : (byte)255; break;
                    case 3: bytes = bytes[..at]; break;
                    case 4: bytes = [.. bytes, .. seeds[random.Next(seeds.Length)]]; break;
                    default: bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]]; break;
                }
            }
            yield return bytes;
        }
    }
}
