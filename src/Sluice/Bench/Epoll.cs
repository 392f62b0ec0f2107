using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Bench;

/// <summary>Which of many sockets have something to say (epoll(7), level-triggered), and reading without looking: the load must cost less than the server it measures.</summary>
/// <remarks>One thread. A socket that is closed leaves by itself.</remarks>
internal sealed partial class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Modify = 3;
    private const uint In = 1;
    private const uint Out = 4;
    private const int Most = 512;
    private const int Truncate = 0x20;
    private const int DontWait = 0x40;
    private const int AtOnce = 8 << 20;
    private const int Interrupted = 4;
    private const int Again = 11;
    private const int InProgress = 115;

    // struct epoll_event is packed on x86 only: 32 bits of events, then 64 bits that are ours.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 12 : 16;

    private readonly byte[] _events = new byte[Most * 16];
    private readonly int _handle = Create(CloseOnExec);

    /// <summary>Begins to connect <paramref name="socket"/>, which then is ready once when it is connected or refused. Returns null, or what went wrong.</summary>
    /// <param name="id">What <see cref="Wait(int)"/> calls it.</param>
    public string? Connect(Socket socket, SocketAddress address, int id)
    {
        var handle = Handle(socket);
        if (Connect(handle, address.Buffer.Span, address.Size) != 0 && Marshal.GetLastPInvokeError() is var error && error != InProgress)
            return Marshal.GetPInvokeErrorMessage(error);
        return Control(Add, handle, In | Out, id) == 0 ? null : Marshal.GetLastPInvokeErrorMessage();
    }

    /// <summary>From now on the socket is ready when there is something to read, or when it has ended.</summary>
    public void Listen(Socket socket, int id) => _ = Control(Modify, Handle(socket), In, id);

    /// <summary>Waits up to <paramref name="milliseconds"/>. Returns how many are ready; <see cref="Ready"/> says which.</summary>
    public int Wait(int milliseconds) => Math.Max(0, Wait(_handle, _events, Most, milliseconds));

    public int Ready(int index) => BitConverter.ToInt32(_events, index * EventSize + EventSize - sizeof(long));

    /// <summary>Throws away what has come, in the kernel. Returns the bytes, 0 where the other side has closed; −1 where there is nothing, or with an <paramref name="error"/>.</summary>
    public static long Discard(Socket socket, out string? error)
    {
        error = null;
        var count = Receive(Handle(socket), 0, AtOnce, Truncate | DontWait);
        if (count < 0 && Marshal.GetLastPInvokeError() is var number && number is not (Again or Interrupted)) error = Marshal.GetPInvokeErrorMessage(number);
        return count;
    }

    public void Dispose() => _ = Close(_handle);

    private static int Handle(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    private int Control(int operation, int handle, uint events, int id)
    {
        Span<byte> bytes = stackalloc byte[EventSize];
        bytes.Clear();
        BitConverter.TryWriteBytes(bytes, events);
        BitConverter.TryWriteBytes(bytes[(EventSize - sizeof(long))..], id);
        return Control(_handle, operation, handle, bytes);
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int handle, ReadOnlySpan<byte> value);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int epoll, Span<byte> events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int handle, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int handle, nint buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
