using System.Buffers.Binary;
using System.Net.Sockets;

namespace Sluice.Pipeline.Net;

/// <summary>The TCP options of Linux that .NET has no names for, set where the kernel knows them.</summary>
internal static class TcpOptions
{
    private const int LevelTcp = 6;
    private const int UserTimeout = 18;      // TCP_USER_TIMEOUT, ms
    private const int NotSentLowWater = 25;  // TCP_NOTSENT_LOWAT, bytes

    /// <summary>How many bytes the kernel may hold unsent before a send would block.</summary>
    public static void SetNotSentLowWater(Socket socket, int bytes) => Set(socket, NotSentLowWater, bytes);

    /// <summary>How long sent data may stay unacknowledged before the connection is given up.</summary>
    public static void SetUserTimeout(Socket socket, TimeSpan timeout) => Set(socket, UserTimeout, (int)timeout.TotalMilliseconds);

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
