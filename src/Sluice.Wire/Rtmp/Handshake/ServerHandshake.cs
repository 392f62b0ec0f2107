using System.Buffers;
using System.Buffers.Binary;

namespace Sluice.Wire.Rtmp.Handshake;

/// <summary>
/// The server's half of the handshake (RTMP 1.0 §5.2), complex where the client's C1 carries a digest that holds, else simple.
/// </summary>
/// <remarks>
/// <code>
/// C0 C1 ──▶            03 | time 32, version 32, 1528 random bytes
///       ◀── S0 S1 S2   03 | S1 like C1 | S2: simple: C1 again, complex: signed
/// C2    ──▶            taken unread: ffmpeg's does not hold
/// </code>
/// </remarks>
public sealed class ServerHandshake
{
    private const int PartSize = HandshakeDigest.PartSize;
    private const int RandomAt = 8;

    private readonly HandshakeInput _input = new("It");
    private readonly byte[] _s1 = new byte[PartSize];

    /// <param name="time">Milliseconds of the server's clock, for S1.</param>
    /// <param name="random">1528 bytes, for S1; they need not be secret.</param>
    public ServerHandshake(uint time, ReadOnlySpan<byte> random)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_s1, time);
        random[..(PartSize - RandomAt)].CopyTo(_s1.AsSpan(RandomAt));
    }

    /// <summary>The bytes of C0, C1 and C2.</summary>
    public static int ClientSize => HandshakeInput.Size;

    /// <summary>Why the bytes are no handshake.</summary>
    public string? Error => _input.Error;

    /// <summary>Takes bytes up to the end of C2, and answers C1.</summary>
    /// <returns>Done, NeedMoreData (all bytes were taken), or InvalidData: see <see cref="Error"/>.</returns>
    public OperationStatus Receive(ReadOnlySpan<byte> input, out int consumed, IBufferWriter<byte> output)
    {
        var status = _input.Receive(input, out consumed, out var isFirstComplete);
        if (isFirstComplete) Answer(output);
        return status;
    }

    private void Answer(IBufferWriter<byte> output)
    {
        var c1 = _input.First;
        var span = output.GetSpan(1 + 2 * PartSize);
        span[0] = HandshakeInput.Version;
        var s1 = span.Slice(1, PartSize);
        var s2 = span.Slice(1 + PartSize, PartSize);
        _s1.CopyTo(s1);
        c1.CopyTo(s2);
        var schema = BinaryPrimitives.ReadUInt32BigEndian(c1[4..]) == 0 ? -1 : HandshakeDigest.FindSchema(c1, isClient: true);
        if (schema >= 0)
        {
            // Any version but zero; with zero a client takes the simple path.
            BinaryPrimitives.WriteUInt32BigEndian(s1[4..], 0x04050001);
            HandshakeDigest.Sign(s1, schema, isClient: false);
            _s1.AsSpan(RandomAt).CopyTo(s2[RandomAt..]);
            HandshakeDigest.SignAnswer(s2, c1.Slice(HandshakeDigest.Position(c1, schema), HandshakeDigest.Size), isClient: false);
        }
        output.Advance(1 + 2 * PartSize);
    }
}
