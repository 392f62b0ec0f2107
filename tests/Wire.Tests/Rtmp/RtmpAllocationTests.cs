using System.Buffers;
using Sluice.Wire.Rtmp;

namespace Wire.Tests.Rtmp;

[Collection(nameof(Alone))]
public class RtmpAllocationTests
{
    [Fact]
    public void A_message_costs_no_allocation()
    {
        using var reader = new ChunkReader(RtmpLimits.Default) { IsAuthorised = true };
        byte[] bytes =
        [
            .. Chunks.Message(RtmpMessageType.Video, new byte[40_000], 6, 1, 40), .. Chunks.Message(RtmpMessageType.Audio, new byte[300], 4, 1, 40),
        ];
        long allocated = 0;
        for (var round = 0; round < 200; round++)
        {
            if (round == 20) allocated = GC.GetAllocatedBytesForCurrentThread();
            var rest = bytes.AsSpan();
            while (rest.Length > 0)
            {
                if (reader.Read(rest[..Math.Min(4096, rest.Length)], out var consumed, out var message) == OperationStatus.Done) message.Body.Release();
                rest = rest[consumed..];
            }
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }

    [Fact]
    public void Media_costs_no_allocation()
    {
        using var peer = TestPeer.Publishing();
        var bytes = Chunks.Message(RtmpMessageType.Video, new byte[5000], 6, 1);
        long allocated = 0;
        for (var round = 0; round < 100; round++)
        {
            if (round == 10) allocated = GC.GetAllocatedBytesForCurrentThread();
            peer.Session.Receive(bytes, 0, out _).Message.Body.Release();
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - allocated);
    }
}
