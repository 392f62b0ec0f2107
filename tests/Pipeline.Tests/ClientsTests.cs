using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline;

namespace Pipeline.Tests;

public sealed class ClientsTests
{
    private readonly List<string> _closed = [];

    [Fact]
    public void A_client_is_closed_by_whoever_owns_it()
    {
        using var client = new Clients(new FakeTimeProvider()).Add(ClientKind.Viewer, "flv", "live/show", null);
        client.OnClose(_closed.Add);
        client.Close("operator");
        Assert.Equal(["operator"], _closed);
    }

    [Fact]
    public void What_was_asked_before_the_owner_listens_is_told_as_soon_as_it_does()
    {
        using var client = new Clients(new FakeTimeProvider()).Add(ClientKind.Viewer, "flv", "live/show", null);
        client.Close("operator");
        client.Close("somebody else");
        client.OnClose(_closed.Add);
        Assert.Equal(["operator"], _closed);
    }

    [Theory]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8::7", "2001:db8::7")]
    [InlineData("192.0.2.7", "192.0.2.7")]
    public void A_client_is_listed_under_its_plain_address(string from, string listed)
    {
        using var client = new Clients(new FakeTimeProvider()).Add(ClientKind.Push, "rtmp", "live/show", new IPEndPoint(IPAddress.Parse(from), 1935));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(listed), 1935), client.Remote);
    }
}
