using System.Net;
using Microsoft.Extensions.Time.Testing;
using Sluice.Control.Monitor;
using Sluice.Control.Security;
using Sluice.Pipeline;

namespace Control.Tests.Security;

public sealed class AccessTests : IJournal, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Metrics _metrics;
    private readonly RefusalLog _refusals;
    private readonly CollectedLog<RefusalLog> _log = new();
    private readonly List<JournalEntry> _journal = [];

    public AccessTests()
    {
        _metrics = new Metrics(_time);
        _refusals = new RefusalLog(this, _time, _log);
    }

    void IJournal.Write(JournalEntry entry) => _journal.Add(entry);

    public void Dispose()
    {
        _refusals.Dispose();
        _metrics.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.1", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("::ffff:127.0.0.9", true)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("2001:db8::1", false)]
    public void Loopback_is_this_machine_only(string address, bool allowed) =>
        Assert.Equal(allowed, Ask(With(new AccessOptions { Publish = AccessRule.Loopback }), AccessAction.Publish, "", address).IsAllowed);

    [Fact]
    public void Without_any_rule_publishing_and_the_api_are_for_this_machine_and_playing_is_open()
    {
        var access = With(new AccessOptions());
        Assert.False(Ask(access, AccessAction.Publish).IsAllowed);
        Assert.False(Ask(access, AccessAction.Api).IsAllowed);
        Assert.True(Ask(access, AccessAction.Play).IsAllowed);
    }

    [Fact]
    public async Task An_unknown_address_is_not_this_machine()
    {
        var decision = await With(new AccessOptions()).AuthoriseAsync(new AccessRequest(AccessAction.Publish, "live/show", "", null), default);
        Assert.False(decision.IsAllowed);
    }

    [Theory]
    [InlineData("key=s3cret", true)]
    [InlineData("a=1&key=s3cret&b=2", true)]
    [InlineData("key=%73%33cret", true)]
    [InlineData("key=S3cret", false)]
    [InlineData("key=s3cre", false)]
    [InlineData("key=s3cret1", false)]
    [InlineData("key=", false)]
    [InlineData("xkey=s3cret", false)]
    [InlineData("key=wrong&key=s3cret", false)]
    [InlineData("", false)]
    public void A_key_must_match_exactly(string query, bool allowed) =>
        Assert.Equal(allowed, Ask(With(new AccessOptions { Publish = AccessRule.Key, PublishKey = "s3cret" }), AccessAction.Publish, query).IsAllowed);

    [Fact]
    public void A_plus_in_a_key_stands_for_itself() =>
        Assert.True(Ask(With(new AccessOptions { Play = AccessRule.Key, PlayKey = "a+b=" }), AccessAction.Play, "key=a+b%3D").IsAllowed);

    [Fact]
    public void A_key_rule_without_a_key_lets_nobody_in()
    {
        var access = With(new AccessOptions { Publish = AccessRule.Key });
        Assert.Contains("none is configured", Ask(access, AccessAction.Publish, "key=").Reason);
        Assert.False(Ask(access, AccessAction.Publish).IsAllowed);
    }

    [Fact]
    public void A_streams_rule_and_key_go_before_the_servers()
    {
        var server = new AccessOptions { Publish = AccessRule.Key, PublishKey = "server", Play = AccessRule.Open };
        var access = With(server, new AccessOptions { PublishKey = "stream", Play = AccessRule.Loopback });
        Assert.False(Ask(access, AccessAction.Publish, "key=server").IsAllowed);
        Assert.True(Ask(access, AccessAction.Publish, "key=stream").IsAllowed);
        Assert.False(Ask(access, AccessAction.Play).IsAllowed);
    }

    [Fact]
    public void Refusals_are_counted_by_action_and_reason()
    {
        using var text = new PrometheusText(_metrics.Meter);
        var access = With(new AccessOptions { Publish = AccessRule.Key, PublishKey = "x" });
        Ask(access, AccessAction.Publish, "key=y");
        Ask(access, AccessAction.Publish, "key=y");
        Assert.Contains("sluice_auth_failures_total{action=\"publish\",reason=\"wrong_key\"} 2\n", text.Collect());
    }

    [Fact]
    public void Neither_log_nor_journal_shows_the_key()
    {
        Ask(With(new AccessOptions { Publish = AccessRule.Key, PublishKey = "s3cret" }), AccessAction.Publish, "key=wr0ng&token=t0ken");
        var told = string.Join('\n', _log.Lines) + string.Join('\n', _journal);
        Assert.Contains("the key is wrong", told);
        Assert.DoesNotContain("wr0ng", told);
        Assert.DoesNotContain("s3cret", told);
        Assert.DoesNotContain("t0ken", told);
    }

    [Fact]
    public void One_address_is_told_of_once_a_second_with_the_number_left_out()
    {
        var access = With(new AccessOptions { Publish = AccessRule.Loopback });
        for (var i = 0; i < 50; i++) Ask(access, AccessAction.Publish);
        Assert.Single(_journal);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _journal.Count);
        Assert.Equal("publish refused 49 times", _journal[1].Note);
        Assert.Contains("49 more", _log.Lines.Last());
        Assert.Equal(("access", "live/show", "10.0.0.1:5000"), (_journal[0].Kind, _journal[0].Stream, _journal[0].From));

        Ask(access, AccessAction.Publish);
        Assert.Equal(2, _journal.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, _journal.Count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Ask(access, AccessAction.Publish);
        Assert.Equal(4, _journal.Count);
    }

    [Fact]
    public void Another_address_is_told_of_at_once()
    {
        var access = With(new AccessOptions { Publish = AccessRule.Loopback });
        Ask(access, AccessAction.Publish, "", "10.0.0.1");
        Ask(access, AccessAction.Publish, "", "10.0.0.2");
        Assert.Equal(2, _journal.Count);
    }

    [Fact]
    public void Thousands_of_addresses_share_a_line()
    {
        var access = With(new AccessOptions { Publish = AccessRule.Loopback });
        for (var i = 0; i < 5000; i++) Ask(access, AccessAction.Publish, "", $"10.1.{i / 250}.{i % 250}");
        Assert.InRange(_journal.Count, 1000, 1100);
    }

    private Access With(AccessOptions server, AccessOptions? stream = null) =>
        new(server, _ => new StreamOptions { Access = stream ?? new AccessOptions() }, _refusals, _metrics);

    private static AccessDecision Ask(Access access, AccessAction action, string query = "", string address = "10.0.0.1")
    {
        var asked = access.AuthoriseAsync(new AccessRequest(action, "live/show", query, new IPEndPoint(IPAddress.Parse(address), 5000)), default);
        Assert.True(asked.IsCompletedSuccessfully);
        return asked.Result;
    }
}
