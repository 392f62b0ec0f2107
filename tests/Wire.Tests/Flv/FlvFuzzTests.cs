using System.Buffers;
using System.Runtime.CompilerServices;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;
using Sluice.Wire.Flv;

namespace Wire.Tests.Flv;

/// <summary>Hurts the bodies of <c>Corpus/flv</c> (a line each: name, hex) in a repeatable way; a crasher found is added there as a line.</summary>
public class FlvFuzzTests
{
    private const int Rounds = 100_000;

    [Fact]
    public void Video_bodies_never_throw_and_never_point_outside()
    {
        foreach (var bytes in Mutations("video.hex"))
        {
            var body = SharedBuffer.CopyOf(bytes);
            var tag = VideoTag.Normalise(body);
            if (tag.Content == TagContent.Invalid) Assert.NotNull(tag.Reason);
            if (tag.Content is TagContent.Frame or TagContent.Header) Assert.InRange(tag.PayloadOffset, 1, body.Length - 1);
            if (tag.CtsOffset >= 0) Assert.Equal(tag.Cts, VideoTag.ReadSigned24(body.Span[tag.CtsOffset..]));
            body.Release();
        }
    }

    [Fact]
    public void Audio_bodies_never_throw_and_never_point_outside()
    {
        foreach (var bytes in Mutations("audio.hex"))
        {
            var body = SharedBuffer.CopyOf(bytes);
            var tag = AudioTag.Normalise(body);
            if (tag.Content == TagContent.Invalid) Assert.NotNull(tag.Reason);
            if (tag.Content is TagContent.Frame or TagContent.Header) Assert.InRange(tag.PayloadOffset, 1, body.Length);
            body.Release();
        }
    }

    [Fact]
    public void Codec_configurations_never_throw_and_give_a_value_or_a_reason()
    {
        foreach (var bytes in Mutations("configs.hex"))
        {
            Assert.NotEqual(AvcConfig.Parse(bytes, out var reason) is null, reason is null);
            Assert.NotEqual(HevcConfig.Parse(bytes, out reason) is null, reason is null);
            Assert.NotEqual(AacConfig.Parse(bytes, out reason) is null, reason is null);
            Assert.NotEqual(OpusHead.Parse(bytes, out reason) is null, reason is null);
            Mp3Frame.Parse(bytes);
            Assert.InRange(OpusPacket.Samples(bytes), 0, 5760);
        }
    }

    [Fact]
    public void Streams_never_throw_and_always_move_on()
    {
        var random = new Random(4);
        foreach (var bytes in Mutations("stream.hex", Rounds / 10))
        {
            using var reader = new FlvReader();
            var rest = bytes.AsSpan();
            while (rest.Length > 0)
            {
                var piece = rest[..random.Next(1, rest.Length + 1)];
                var status = reader.Read(piece, out var consumed, out var tag);
                if (status == OperationStatus.Done) tag.Body.Release();
                if (status == OperationStatus.NeedMoreData) Assert.Equal(piece.Length, consumed);
                if (status == OperationStatus.InvalidData)
                {
                    Assert.NotNull(reader.Error);
                    break;
                }
                rest = rest[consumed..];
            }
        }
    }

    private static IEnumerable<byte[]> Mutations(string file, int rounds = Rounds)
    {
        var seeds = File.ReadLines(Path.Combine(CorpusFolder(), file)).Where(line => line.Length > 0 && line[0] != '#')
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
                switch (random.Next(5))
                {
                    case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                    case 1: bytes[at] = (byte)random.Next(256); break;
                    case 2: bytes[at] = random.Next(2) == 0 ? (byte)0 : (byte)255; break;
                    case 3: bytes = bytes[..at]; break;
                    default: bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]]; break;
                }
            }
            yield return bytes;
        }
    }

    private static string CorpusFolder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "Corpus", "flv");
}
