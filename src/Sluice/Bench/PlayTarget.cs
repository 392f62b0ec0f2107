using System.Net;
using System.Net.Sockets;
using Sluice.Pipeline.Net;
using Sluice.Wire.Rtmp;

namespace Sluice.Bench;

/// <summary>What is played: the server's address, and how to talk to it.</summary>
internal sealed class PlayTarget
{
    /// <summary>A pair of addresses has some 28,000 ports by default; a machine has many loopback addresses.</summary>
    private const int ViewersPerAddress = 20_000;

    /// <summary>IP_BIND_ADDRESS_NO_PORT: the port is chosen when both ends are known, so that it may be in use towards others.</summary>
    private const int BindAddressNoPort = 24;

    private readonly IPEndPoint _server;
    private readonly Func<SendBuffer, LatencyProbe?, IDialogue> _dialogue;

    private PlayTarget(IPEndPoint server, Func<SendBuffer, LatencyProbe?, IDialogue> dialogue) => (_server, _dialogue, Address) = (server, dialogue, server.Serialize());

    public SocketAddress Address { get; }

    /// <summary>Looks the server's name up. Null, with the reason, where <paramref name="text"/> cannot be played.</summary>
    public static PlayTarget? Find(string text, out string? reason)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return Resolve(url.DnsSafeHost, url.Port, url.Scheme == "https", (output, probe) => new FlvDialogue(url, output, probe), out reason);
        if (RtmpUrl.Parse(text, out reason) is { } rtmp)
            return Resolve(rtmp.Host, rtmp.Port, rtmp.IsTls, (output, probe) => new RtmpDialogue(rtmp, output, probe), out reason);
        reason = $"{text} is no http[s]://….flv, and no rtmp[s]:// address either: {reason}";
        return null;
    }

    /// <summary>The first words of a viewer.</summary>
    public IDialogue Talk(SendBuffer output, LatencyProbe? probe) => _dialogue(output, probe);

    /// <summary>A socket for viewer number <paramref name="index"/>, not connected.</summary>
    public Socket Open(int index)
    {
        var socket = new Socket(_server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { Blocking = false, NoDelay = true };
        var address = index / ViewersPerAddress;
        if (address == 0 || _server.AddressFamily != AddressFamily.InterNetwork || !IPAddress.IsLoopback(_server.Address)) return socket;
        socket.SetRawSocketOption(0, BindAddressNoPort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(new IPAddress([127, 0, 0, (byte)(address + 1)]), 0));
        return socket;
    }

    private static PlayTarget? Resolve(string host, int port, bool isTls, Func<SendBuffer, LatencyProbe?, IDialogue> dialogue, out string? reason)
    {
        reason = null;
        try
        {
            var address = Dns.GetHostAddresses(host).OrderBy(found => found.AddressFamily != AddressFamily.InterNetwork).First();
            return new PlayTarget(new IPEndPoint(address, port), isTls ? (output, probe) => new TlsDialogue(host, output, inner => dialogue(inner, probe)) : dialogue);
        }
        catch (SocketException error)
        {
            reason = $"{host}: {error.Message}";
            return null;
        }
    }
}
