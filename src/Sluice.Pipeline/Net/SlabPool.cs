namespace Sluice.Pipeline.Net;

/// <summary>Pinned blocks of one size for bytes on their way out, reused so that a running server takes no new memory.</summary>
/// <remarks>A stack, so that the block used last, which the caches may still hold, is used next.</remarks>
internal static class SlabPool
{
    public const int SlabShift = 18;

    /// <summary>Bytes of a slab: 256 KB.</summary>
    public const int SlabSize = 1 << SlabShift;

    private static readonly byte[][] Free = new byte[512][];   // 128 MB
    private static readonly Lock Gate = new();
    private static int _count;

    public static byte[] Rent()
    {
        lock (Gate)
        {
            if (_count > 0) return Free[--_count];
        }
        return GC.AllocateUninitializedArray<byte>(SlabSize, pinned: true);
    }

    /// <summary>Takes back a slab that nobody reads or writes any more.</summary>
    public static void Return(byte[] slab)
    {
        lock (Gate)
        {
            if (_count < Free.Length) Free[_count++] = slab;
        }
    }
}
