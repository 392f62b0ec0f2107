using System.Buffers.Binary;
using System.Net.Sockets;

namespace Sluice.Pipeline.Net;

/// <summary>The TCP options of Linux that .NET has no names for, set where the kernel knows them.</summary>
internal static class TcpOptions
{
    private const int LevelTcp = 6;
    private const int UserTimeout = 18;      // TCP_USER_TIMEOUT, ms
    private const int NotSentLowWater = 25;  // TCP_NOTSENT_LOWAT, bytes
    private const int Info = 11;             // TCP_INFO
    private const int RoundTripOffset = 68;  // tcpi_rtt, µs
    private const int NotSentOffset = 144;   // tcpi_notsent_bytes
    private const int InfoSize = 280;

    /// <summary>How many bytes the kernel may hold unsent before a send would block.</summary>
    public static void SetNotSentLowWater(Socket socket, int bytes) => Set(socket, NotSentLowWater, bytes);

    /// <summary>How long sent data may stay unacknowledged before the connection is given up.</summary>
    public static void SetUserTimeout(Socket socket, TimeSpan timeout) => Set(socket, UserTimeout, (int)timeout.TotalMilliseconds);

    /// <summary>Bytes handed to the kernel and not yet sent; 0 where it does not say.</summary>
    public static int GetNotSent(Socket socket) => GetInfo(socket, NotSentOffset) ?? 0;

    /// <summary>The smoothed round trip of what we send, in milliseconds: on a connection that only receives, of the answers now and then. Null where the kernel does not say.</summary>
    public static double? GetRoundTrip(Socket socket) => GetInfo(socket, RoundTripOffset) is > 0 and var microseconds ? microseconds / 1000.0 : null;

    private static int? GetInfo(Socket socket, int offset)
    {
        if (!OperatingSystem.IsLinux()) return null;
        Span<byte> info = stackalloc byte[InfoSize];
        try
        {
            var length = socket.GetRawSocketOption(LevelTcp, Info, info);
            return length >= offset + sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(info[offset..]) : null;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            return null;   // the connection has just gone; the next use of it says so
        }
    }

    private static void Set(Socket socket, int option, int value)
    {
        if (!OperatingSystem.IsLinux()) return;
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        try
        {
            socket.SetRawSocketOption(LevelTcp, option, bytes);
        }
        catch (SocketException)
        {
            // An option is an improvement: without it, or on a connection that has just gone, all still works.
        }
    }
}
