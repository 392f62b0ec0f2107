using System.Security.Cryptography;

namespace Sluice.Wire.Rtmp.Handshake;

/// <summary>
/// The digests of the "complex" handshake, which Flash players and their servers use to know each other; not in RTMP 1.0, the field's common knowledge.
/// </summary>
/// <remarks>
/// C1 and S1 hold, behind time and version, a key block and a digest block of 764 bytes each, in one of two orders (schema 0: key first).
/// The 32 digest bytes stand at a place that the sum of the digest block's four offset bytes gives.
/// </remarks>
internal static class HandshakeDigest
{
    /// <summary>Bytes of C1, C2, S1 and S2.</summary>
    public const int PartSize = 1536;

    public const int Size = 32;
    public const int SchemaCount = 2;

    private const int BlockSize = 764;
    private const int OffsetModulus = BlockSize - Size - 4;
    private const int BlocksAt = 8;

    /// <summary>With this, 30 bytes of the client key or 36 of the server key, C1 and S1 are signed; with the whole key C2 and S2.</summary>
    private static ReadOnlySpan<byte> Secret =>
    [
        0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57,
        0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
    ];

    private static readonly byte[] ClientName = [.. "Genuine Adobe Flash Player 001"u8];
    private static readonly byte[] ServerName = [.. "Genuine Adobe Flash Media Server 001"u8];
    private static readonly byte[] ClientKey = [.. ClientName, .. Secret];
    private static readonly byte[] ServerKey = [.. ServerName, .. Secret];

    /// <summary>Where the digest stands in a C1 or S1.</summary>
    public static int Position(ReadOnlySpan<byte> part, int schema)
    {
        var block = BlocksAt + (schema == 0 ? BlockSize : 0);
        var sum = part[block] + part[block + 1] + part[block + 2] + part[block + 3];
        return block + 4 + sum % OffsetModulus;
    }

    /// <summary>The schema by which a C1 or S1 is signed, or −1.</summary>
    public static int FindSchema(ReadOnlySpan<byte> part, bool isClient)
    {
        Span<byte> digest = stackalloc byte[Size];
        for (var schema = 0; schema < SchemaCount; schema++)
        {
            var position = Position(part, schema);
            Compute(part, position, isClient, digest);
            if (digest.SequenceEqual(part.Slice(position, Size))) return schema;
        }
        return -1;
    }

    /// <summary>Signs a C1 or S1 in place.</summary>
    public static void Sign(Span<byte> part, int schema, bool isClient)
    {
        var position = Position(part, schema);
        Compute(part, position, isClient, part.Slice(position, Size));
    }

    /// <summary>Signs an S2 or C2 in place, as the answer to the digest in the peer's C1 or S1.</summary>
    public static void SignAnswer(Span<byte> part, ReadOnlySpan<byte> peerDigest, bool isClient)
    {
        Span<byte> key = stackalloc byte[Size];
        HMACSHA256.HashData(isClient ? ClientKey : ServerKey, peerDigest, key);
        HMACSHA256.HashData(key, part[..^Size], part[^Size..]);
    }

    private static void Compute(ReadOnlySpan<byte> part, int position, bool isClient, Span<byte> digest)
    {
        Span<byte> rest = stackalloc byte[PartSize - Size];
        part[..position].CopyTo(rest);
        part[(position + Size)..].CopyTo(rest[position..]);
        HMACSHA256.HashData(isClient ? ClientName : ServerName, rest, digest);
    }
}
