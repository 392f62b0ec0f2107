using System.Buffers;
using BenchmarkDotNet.Attributes;
using Sluice.Wire.Rtmp;

namespace Sluice.Micro;

/// <summary>RTMP chunks to messages, as a publisher's bytes come from its socket: 5000-byte pictures in pieces of one read each.</summary>
[MemoryDiagnoser, InProcess]
public class ChunkReading
{
    private const int Size = 5000;

    private readonly ChunkReader _reader = new(RtmpLimits.Default) { IsAuthorised = true };
    private byte[] _first = [];
    private byte[] _next = [];

    [Params(128, 4096)]
    public int ChunkSize { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        byte[] setChunkSize = [2, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 0, 0, (byte)(ChunkSize >> 8), (byte)ChunkSize];
        _first = [.. setChunkSize, .. Chunks([6, 0, 0, 0, Size >> 16, Size >> 8 & 0xFF, Size & 0xFF, 9, 1, 0, 0, 0])];
        _next = Chunks([1 << 6 | 6, 0, 0, 40, Size >> 16, Size >> 8 & 0xFF, Size & 0xFF, 9]);
        if (Take(_first) != 1) throw new InvalidOperationException("The benchmark's own bytes are no message.");
    }

    [Benchmark]
    public int Picture() => Take(_next);

    private int Take(ReadOnlySpan<byte> bytes)
    {
        var messages = 0;
        while (bytes.Length > 0)
        {
            if (_reader.Read(bytes, out var consumed, out var message) == OperationStatus.Done)
            {
                message.Body.Release();
                messages++;
            }
            bytes = bytes[consumed..];
        }
        return messages;
    }

    private byte[] Chunks(byte[] header)
    {
        List<byte> bytes = [.. header];
        for (var at = 0; at < Size; at += ChunkSize)
        {
            if (at > 0) bytes.Add(3 << 6 | 6);
            bytes.AddRange(new byte[Math.Min(ChunkSize, Size - at)]);
        }
        return [.. bytes];
    }
}
