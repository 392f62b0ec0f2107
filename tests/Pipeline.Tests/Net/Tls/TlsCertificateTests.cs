using Fixtures;
using Sluice.Pipeline.Net.Tls;

namespace Pipeline.Tests.Net.Tls;

public sealed class TlsCertificateTests : IDisposable
{
    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public void A_pair_with_its_chain_is_read_and_needs_no_warning()
    {
        var certificate = TlsCertificate.Load(_certificates.Cert, _certificates.Key, out _, out var problem);
        Assert.Null(problem);
        Assert.True(certificate!.Leaf.HasPrivateKey);
        Assert.StartsWith("localhost, valid until ", certificate.Description);
        Assert.Null(certificate.WarningAt(DateTimeOffset.UtcNow));
    }

    [Fact]
    public void One_that_has_expired_or_is_not_valid_yet_is_read_with_a_warning()
    {
        var certificate = TlsCertificate.Load(_certificates.Cert, _certificates.Key, out _, out _)!;
        Assert.StartsWith("the certificate has expired on ", certificate.WarningAt(DateTimeOffset.UtcNow.AddYears(1)));
        Assert.StartsWith("the certificate is not valid before ", certificate.WarningAt(DateTimeOffset.UtcNow.AddYears(-2)));
    }

    [Fact]
    public void What_is_wrong_is_told_with_the_file_it_lies_in()
    {
        _certificates.Write("other");
        _certificates.Write("locked", password: "secret");
        _certificates.Put("empty", "");
        _certificates.Put("broken", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        var (good, key) = (_certificates.Cert, _certificates.Key);
        Assert.Equal((TlsFile.Cert, "cannot be read: "), Problem("missing", key));
        Assert.Equal((TlsFile.Key, "cannot be read: "), Problem(good, "missing"));
        Assert.Equal((TlsFile.Cert, "holds no certificate in PEM "), Problem("empty", key));
        Assert.Equal((TlsFile.Cert, "holds no certificate in PEM "), Problem(key, key));
        Assert.Equal((TlsFile.Cert, "holds a certificate that cannot be read: "), Problem("broken", key));
        Assert.Equal((TlsFile.Key, "holds no private key in PEM "), Problem(good, "empty"));
        Assert.Equal((TlsFile.Key, "is not the key of the first certificate in tls.cert "), Problem(good, "other.key"));
        Assert.Equal((TlsFile.Key, "is encrypted; "), Problem(good, "locked.key"));
    }

    /// <summary>The problem up to where its details begin.</summary>
    private (TlsFile, string) Problem(string cert, string key)
    {
        Assert.Null(TlsCertificate.Load(_certificates.FileOf(cert), _certificates.FileOf(key), out var where, out var problem));
        var end = problem!.IndexOfAny([':', ';', '(']);
        return (where, problem[end] == '(' ? problem[..end] : problem[..(end + 2)]);
    }
}
