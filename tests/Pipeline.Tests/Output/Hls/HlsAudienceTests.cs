using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline;
using Sluice.Pipeline.Output.Hls;

namespace Pipeline.Tests.Output.Hls;

public sealed class HlsAudienceTests
{
    private const string Path = "live/show";

    private readonly FakeTimeProvider _time = new();
    private readonly Clients _clients;

    public HlsAudienceTests() => _clients = new Clients(_time);

    [Fact]
    public void Viewers_are_told_apart_by_address_path_and_query_and_forgotten()
    {
        Ask(IPAddress.Loopback);
        Ask(IPAddress.Loopback);
        Ask(IPAddress.Loopback, "key=1");
        Ask(IPAddress.IPv6Loopback);
        Assert.True(_clients.Hls.TryAdmit("live/other", IPAddress.Loopback, "", out _));
        Assert.Equal((3, 1, 4), (_clients.Hls.CountOf(Path), _clients.Hls.CountOf("live/other"), _clients.Hls.Count()));
        _time.Advance(TimeSpan.FromSeconds(8));
        Ask(IPAddress.Loopback);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((1, 0), (_clients.Hls.CountOf(Path), _clients.Hls.CountOf("live/other")));
        Assert.Single(_clients.All);
    }

    /// <summary>A socket that listens for both kinds of address tells IPv4 ones so.</summary>
    [Fact]
    public void An_IPv4_address_is_the_same_however_it_was_told()
    {
        var client = Ask(IPAddress.Parse("::ffff:192.0.2.7"))!;
        Assert.Equal("192.0.2.7", client.Remote!.ToString());
        Assert.Same(client, Ask(IPAddress.Parse("192.0.2.7")));
    }

    [Fact]
    public void A_viewer_is_a_client_with_its_address_and_what_it_was_sent()
    {
        var client = Ask(IPAddress.Parse("192.0.2.7"))!;
        Assert.Same(client, Ask(IPAddress.Parse("192.0.2.7")));
        client.AddServed(1000);
        _clients.AddServed(1000);
        Assert.Equal((ClientKind.Viewer, "hls", Path, "192.0.2.7", 1000L, false),
            (client.Kind, client.Protocol, client.Path, client.Remote!.ToString(), _clients.Find(client.Id)!.BytesOut, client.IsConnection));
        var traffic = Assert.Single(_clients.Traffic());
        Assert.Equal(("hls", 1, 1000L), (traffic.Protocol, traffic.Count, traffic.BytesOut));
        _time.Advance(HlsAudience.Patience);
        traffic = Assert.Single(_clients.Traffic());
        Assert.Equal((0, 1000L), (traffic.Count, traffic.BytesOut));
    }

    [Fact]
    public void One_that_is_closed_is_off_the_list_and_refused_for_a_while()
    {
        var first = Ask(IPAddress.Loopback)!;
        Ask(IPAddress.Loopback, "key=1");
        first.Close("closed by the operator");
        Assert.Equal(1, _clients.Hls.CountOf(Path));
        Assert.Null(_clients.Find(first.Id));
        for (var waited = TimeSpan.Zero; waited < HlsAudience.RefusalTime; waited += TimeSpan.FromSeconds(3))
        {
            Assert.False(_clients.Hls.TryAdmit(Path, IPAddress.Loopback, "", out _));
            Ask(IPAddress.Loopback, "key=1");
            _time.Advance(TimeSpan.FromSeconds(3));
        }
        Assert.NotSame(first, Ask(IPAddress.Loopback));
        Assert.Equal(2, _clients.All.Count);
    }

    [Fact]
    public void The_list_is_bounded_and_the_count_goes_further()
    {
        for (var n = 0; n < 10_100; n++) _clients.Hls.TryAdmit(Path, IPAddress.Loopback, $"key={n}", out _);
        Assert.Equal((10_100, 10_000), (_clients.Hls.CountOf(Path), _clients.All.Count));
        _time.Advance(HlsAudience.Patience);
        Assert.Equal(0, _clients.Hls.CountOf(Path));
        Assert.Empty(_clients.All);
        Assert.NotNull(Ask(IPAddress.Loopback));
    }

    private Client? Ask(IPAddress remote, string query = "")
    {
        Assert.True(_clients.Hls.TryAdmit(Path, remote, query, out var client));
        return client;
    }
}
