using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Fixtures;

/// <summary>A private authority, made for one test, and the servers' certificates that it signs; in a folder of its own.</summary>
public sealed class TestCertificates : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-tls-").FullName;
    private readonly X509Certificate2 _authority;

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Sluice test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2));
        File.WriteAllText(CaFile, _authority.ExportCertificatePem());
        Write("server");
        (Cert, Key) = (FileOf("server.crt"), FileOf("server.key"));
    }

    /// <summary>The authority's certificate, for those who are to trust it.</summary>
    public string CaFile => FileOf("ca.crt");

    /// <summary>For localhost and 127.0.0.1, valid.</summary>
    public string Cert { get; }

    public string Key { get; }

    /// <summary>A file of the folder.</summary>
    public string FileOf(string name) => Path.Combine(_folder, name);

    /// <summary>A new pair as <c>NAME.crt</c> and <c>NAME.key</c>. Returns the certificate's thumbprint.</summary>
    public string Write(string name, string host = "localhost", TimeSpan? endsIn = null, string? password = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost") names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        using var certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddYears(-1), DateTimeOffset.UtcNow + (endsIn ?? TimeSpan.FromDays(90)), RandomNumberGenerator.GetBytes(16));
        var encryption = new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);
        Put($"{name}.crt", certificate.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem() + "\n");
        Put($"{name}.key", password is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(password, encryption));
        return certificate.Thumbprint;
    }

    /// <summary>Replaces a file by a rename, as careful programs do.</summary>
    public void Put(string name, string text)
    {
        File.WriteAllText(FileOf(name + ".new"), text);
        File.Move(FileOf(name + ".new"), FileOf(name), overwrite: true);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
