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
}
