using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sluice.Pipeline.Net;

/// <summary>Which of many sockets have something to say (epoll(7)).</summary>
/// <remarks>One thread waits; any may add and change. A socket that is closed leaves by itself.</remarks>
public sealed partial class Epoll : IDisposable
{
    /// <summary>There is something to read, or the other side has closed (EPOLLIN).</summary>
    public const uint Readable = 1;

    /// <summary>There is room to write, or a connection is made (EPOLLOUT).</summary>
    public const uint Writable = 4;

    /// <summary>Is told once, until it is asked for anew (EPOLLONESHOT).</summary>
    public const uint Once = 1u << 30;

    private const int CloseOnExec = 0x80000;
    private const int AddOperation = 1;
    private const int RemoveOperation = 2;
    private const int ModifyOperation = 3;
    private const int Most = 512;

    // struct epoll_event is packed on x86 only: 32 bits of events, then 64 bits that are ours.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 12 : 16;

    private readonly byte[] _events = new byte[Most * 16];
    private readonly SafeFileHandle _handle = new(Create(CloseOnExec), ownsHandle: true);

    /// <summary>Begins to look at <paramref name="socket"/>, level-triggered. Returns null, or what went wrong.</summary>
    /// <param name="id">What <see cref="Ready"/> calls it.</param>
    public string? Add(Socket socket, uint events, int id) => Control(AddOperation, socket, events, id) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();

    /// <summary>From now on the socket is ready by these <paramref name="events"/>; errors and the end it is told of in any case.</summary>
    public void Modify(Socket socket, uint events, int id) => _ = Control(ModifyOperation, socket, events, id);

    /// <summary>Looks at <paramref name="socket"/> no more. It may have been closed, or be closed meanwhile.</summary>
    public void Remove(Socket socket)
    {
        try
        {
            if (!_handle.IsClosed) _ = Control(RemoveOperation, socket, 0, 0);
        }
        catch (ObjectDisposedException)
        {
            // It was closed, and so it has left.
        }
    }

    /// <summary>Waits up to <paramref name="milliseconds"/>. Returns how many are ready; <see cref="Ready"/> says which.</summary>
    public int Wait(int milliseconds) => Math.Max(0, Wait(_handle, _events, Most, milliseconds));

    public int Ready(int index) => BitConverter.ToInt32(_events, index * EventSize + EventSize - sizeof(long));

    public void Dispose() => _handle.Dispose();

    private int Control(int operation, Socket socket, uint events, int id)
    {
        Span<byte> bytes = stackalloc byte[EventSize];
        bytes.Clear();
        BitConverter.TryWriteBytes(bytes, events);
        BitConverter.TryWriteBytes(bytes[(EventSize - sizeof(long))..], id);
        return Control(_handle, operation, socket.SafeHandle, bytes);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(SafeFileHandle epoll, int operation, SafeSocketHandle socket, ReadOnlySpan<byte> value);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static partial int Wait(SafeFileHandle epoll, Span<byte> events, int most, int milliseconds);
}
