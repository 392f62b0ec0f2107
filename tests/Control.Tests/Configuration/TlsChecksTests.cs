using Fixtures;
using Sluice.Configuration;

namespace Control.Tests.Configuration;

/// <summary>What <c>check</c> and <c>serve</c> say about the certificates that a configuration names.</summary>
public sealed class TlsChecksTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public void A_good_pair_is_good()
    {
        var load = Load("server.crt", "server.key");
        Assert.Empty(load.Problems);
        Assert.Equal(_certificates.Cert, load.Options!.Tls.Cert);
    }

    [Fact]
    public void An_expired_certificate_is_a_warning_and_the_server_starts()
    {
        _certificates.Write("old", endsIn: TimeSpan.FromDays(-2));
        var load = Load("old.crt", "old.key");
        Assert.NotNull(load.Options);
        Assert.StartsWith("f.yaml:2: tls.cert: warning: the certificate has expired on ", Assert.Single(load.Problems).ToString());
    }

    [Fact]
    public void A_key_that_does_not_fit_or_is_encrypted_is_told_at_its_key()
    {
        _certificates.Write("other");
        _certificates.Write("locked", password: "secret");
        Assert.Contains("f.yaml:2: tls.key: ", Assert.Single(Load("server.crt", "other.key").Problems).ToString());
        Assert.Contains("is not the key of the first certificate", Assert.Single(Load("server.crt", "other.key").Problems).ToString());
        Assert.Contains("is encrypted", Assert.Single(Load("server.crt", "locked.key").Problems).ToString());
        Assert.Null(Load("server.crt", "locked.key").Options);
    }

    [Fact]
    public void Trust_in_one_authority_or_in_everybody_goes_into_push_and_source()
    {
        var load = ConfigLoader.LoadText($$"""
            streams:
              live/a:
                sources: [ { name: s, pull: "https://h/a/b.flv", insecure: true } ]
                push: [ { name: c, url: "rtmps://h/a/b", caFile: {{_certificates.CaFile}} } ]
            """, "f.yaml", [], []);
        Assert.StartsWith("f.yaml:3: streams[live/a].sources[s].insecure: warning: ", Assert.Single(load.Problems).ToString());
        var stream = load.Options!.For("live/a");
        Assert.True(stream.Sources[0].Trust.Insecure);
        Assert.Equal(_certificates.CaFile, stream.Push[0].Trust.CaFile);
    }

    private ConfigLoad Load(string cert, string key) => ConfigLoader.LoadText(
        $"listen: {{ rtmps: \"127.0.0.1:0\" }}\ntls: {{ cert: {_certificates.FileOf(cert)}, key: {_certificates.FileOf(key)} }}", "f.yaml", [], []);
}
