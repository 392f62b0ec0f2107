using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sluice.Bench;

/// <summary>Connecting without waiting, and reading without looking: the load must cost less than the server it measures.</summary>
internal static partial class LoadSocket
{
    private const int Truncate = 0x20;
    private const int DontWait = 0x40;
    private const int AtOnce = 8 << 20;
    private const int Interrupted = 4;
    private const int Again = 11;
    private const int InProgress = 115;

    /// <summary>Begins to connect a non-blocking socket, which is writable when it is connected or refused. Returns null, or what went wrong.</summary>
    public static string? Connect(Socket socket, SocketAddress address)
    {
        if (Connect(Handle(socket), address.Buffer.Span, address.Size) == 0) return null;
        var error = Marshal.GetLastPInvokeError();
        return error == InProgress ? null : Marshal.GetPInvokeErrorMessage(error);
    }

    /// <summary>Throws away what has come, in the kernel. Returns the bytes, 0 where the other side has closed; −1 where there is nothing, or with an <paramref name="error"/>.</summary>
    public static long Discard(Socket socket, out string? error)
    {
        error = null;
        var count = Receive(Handle(socket), 0, AtOnce, Truncate | DontWait);
        if (count < 0 && Marshal.GetLastPInvokeError() is var number && number is not (Again or Interrupted)) error = Marshal.GetPInvokeErrorMessage(number);
        return count;
    }

    private static int Handle(Socket socket) => (int)socket.SafeHandle.DangerousGetHandle();

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(int handle, ReadOnlySpan<byte> address, int length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Receive(int handle, nint buffer, nint length, int flags);
}
