using System.Buffers;
using System.Buffers.Binary;

namespace Sluice.Wire.Rtmp.Handshake;

/// <summary>The client's half of the handshake (RTMP 1.0 §5.2): offers the complex one and goes on with the simple one where the server does not know it.</summary>
public sealed class ClientHandshake
{
    private const int PartSize = HandshakeDigest.PartSize;
    private const int RandomAt = 8;

    private readonly byte[] _c1 = new byte[PartSize];
    private readonly HandshakeInput _input = new("The server");

    /// <param name="time">Milliseconds of the client's clock, for C1.</param>
    /// <param name="random">1528 bytes, for C1; they need not be secret.</param>
    /// <param name="isComplex">Whether C1 carries a digest.</param>
    public ClientHandshake(uint time, ReadOnlySpan<byte> random, bool isComplex = true)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_c1, time);
        random[..(PartSize - RandomAt)].CopyTo(_c1.AsSpan(RandomAt));
        if (!isComplex) return;
        BinaryPrimitives.WriteUInt32BigEndian(_c1.AsSpan(4), 0x80000702);
        HandshakeDigest.Sign(_c1, schema: 1, isClient: true);
    }

    /// <summary>Why the bytes are no handshake.</summary>
    public string? Error => _input.Error;

    /// <summary>Writes C0 and C1.</summary>
    public void Start(IBufferWriter<byte> output)
    {
        output.GetSpan(1)[0] = HandshakeInput.Version;
        output.Advance(1);
        output.Write(_c1);
    }

    /// <summary>Takes bytes up to the end of S2, and answers S1.</summary>
    /// <returns>Done, NeedMoreData (all bytes were taken), or InvalidData: see <see cref="Error"/>.</returns>
    public OperationStatus Receive(ReadOnlySpan<byte> input, out int consumed, IBufferWriter<byte> output)
    {
        var status = _input.Receive(input, out consumed, out var isFirstComplete);
        if (isFirstComplete) Answer(output);
        return status;
    }

    private void Answer(IBufferWriter<byte> output)
    {
        var s1 = _input.First;
        var c2 = output.GetSpan(PartSize)[..PartSize];
        s1.CopyTo(c2);
        var schema = BinaryPrimitives.ReadUInt32BigEndian(s1[4..]) == 0 ? -1 : HandshakeDigest.FindSchema(s1, isClient: false);
        if (schema >= 0)
        {
            _c1.AsSpan(RandomAt).CopyTo(c2[RandomAt..]);
            HandshakeDigest.SignAnswer(c2, s1.Slice(HandshakeDigest.Position(s1, schema), HandshakeDigest.Size), isClient: true);
        }
        output.Advance(PartSize);
    }
}
