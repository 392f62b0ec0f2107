using System.Collections.Concurrent;

namespace Sluice.Pipeline.Net;

/// <summary>Pinned blocks of one size for bytes on their way out, reused so that a running server takes no new memory.</summary>
internal static class SlabPool
{
    public const int SlabShift = 18;

    /// <summary>Bytes of a slab: 256 KB.</summary>
    public const int SlabSize = 1 << SlabShift;

    private const int MaxPooled = 512;   // 128 MB

    private static readonly ConcurrentQueue<byte[]> Free = new();

    public static byte[] Rent() => Free.TryDequeue(out var slab) ? slab : GC.AllocateUninitializedArray<byte>(SlabSize, pinned: true);

    /// <summary>Takes back a slab that nobody reads or writes any more.</summary>
    public static void Return(byte[] slab)
    {
        if (Free.Count < MaxPooled) Free.Enqueue(slab);
    }
}
