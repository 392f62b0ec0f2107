using System.Runtime.InteropServices;

namespace Sluice.Pipeline.Net;

/// <summary>The calls of Linux that cost less when made directly, or that .NET has no names for (send(2), sendmsg(2), tcp(7)).</summary>
/// <remarks>The caller answers for the descriptor: it must stay open, and the same connection, while a call is made.</remarks>
internal static unsafe partial class Libc
{
    public const int TryAgain = 11;       // EAGAIN
    public const int Interrupted = 4;     // EINTR
    public const int NoBuffers = 105;     // ENOBUFS

    private const int DontWait = 0x40;    // MSG_DONTWAIT
    private const int NoSignal = 0x4000;  // MSG_NOSIGNAL
    private const nuint NotSentQueue = 0x894B;   // SIOCOUTQNSD

    /// <summary>Offers bytes without waiting. Returns how many were taken, −1 with the reason in <see cref="Marshal.GetLastPInvokeError"/>.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes) return (int)Send(socket, first, (nuint)bytes.Length, DontWait | NoSignal);
    }

    /// <summary>The same without the reason, which costs a little: any negative number says that nothing was taken.</summary>
    public static int TrySend(int socket, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes) return (int)TrySend(socket, first, (nuint)bytes.Length, DontWait | NoSignal);
    }

    /// <summary><see cref="Send(int, ReadOnlySpan{byte})"/> for two pieces at once.</summary>
    public static int Send(int socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> more)
    {
        fixed (byte* first = bytes, second = more)
        {
            var pieces = stackalloc Piece[] { new() { Start = first, Length = (nuint)bytes.Length }, new() { Start = second, Length = (nuint)more.Length } };
            var message = new Message { Pieces = pieces, Count = 2 };
            return (int)SendMessage(socket, &message, DontWait | NoSignal);
        }
    }

    /// <summary>Bytes handed to the kernel and not sent for the first time yet; 0 where it does not say.</summary>
    public static int GetNotSent(int socket)
    {
        var count = 0;
        return Control(socket, NotSentQueue, &count) == 0 ? count : 0;
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    private static partial nint TrySend(int socket, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(int socket, Message* message, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int socket, nuint request, int* value);

    private struct Piece
    {
        public byte* Start;
        public nuint Length;
    }

    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Piece* Pieces;
        public nuint Count;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
