using System.Net;

namespace Sluice.Pipeline.Net;

/// <summary>An address for the <see cref="FrontDoor"/>, under the name that it has in <c>listen</c>.</summary>
public sealed class DoorAddress(string name, IPEndPoint address, bool isTls) : IPEndPoint(address.Address, address.Port)
{
    public string Name => name;

    /// <summary>Only TLS is let in, and all of it is the web host's.</summary>
    public bool IsTls => isTls;
}
