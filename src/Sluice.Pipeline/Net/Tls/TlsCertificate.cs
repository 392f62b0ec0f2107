using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>Which of the two files a problem lies in.</summary>
public enum TlsFile { Cert, Key }

/// <summary>A server's certificate with its chain and private key, out of two PEM files (RFC 7468): the server's own certificate first, then those between it and the root.</summary>
/// <remarks>Connections that were opened with it may live longer than its use for new ones, so it is never disposed.</remarks>
public sealed class TlsCertificate
{
    private const string EncryptedKey = "-----BEGIN ENCRYPTED PRIVATE KEY-----";
    private const string OldEncryptedKey = "Proc-Type: 4,ENCRYPTED";

    private readonly SslStreamCertificateContext _context;

    private TlsCertificate(X509Certificate2 leaf, X509Certificate2Collection chain)
    {
        Leaf = leaf;
        _context = SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    /// <summary>The server's own certificate.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>For the log: whose it is and how long it holds.</summary>
    public string Description => $"{Leaf.GetNameInfo(X509NameType.DnsName, forIssuer: false)}, valid until {Leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";

    /// <summary>What a server says in a handshake: TLS 1.2 or 1.3, no renegotiation.</summary>
    public SslServerAuthenticationOptions ServerOptions() => new()
    {
        ServerCertificateContext = _context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        AllowRenegotiation = false,
        ClientCertificateRequired = false,
    };

    /// <summary>Why clients will refuse it, at <paramref name="now"/>; null where they need not.</summary>
    public string? WarningAt(DateTimeOffset now)
    {
        if (Leaf.NotAfter.ToUniversalTime() < now.UtcDateTime) return $"the certificate has expired on {Leaf.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC";
        return Leaf.NotBefore.ToUniversalTime() > now.UtcDateTime ? $"the certificate is not valid before {Leaf.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC" : null;
    }

    /// <summary>Makes a certificate of the texts of the two files. Null, with what is wrong and in which of them.</summary>
    public static TlsCertificate? Read(string certPem, string keyPem, out TlsFile where, out string? problem)
    {
        (where, problem) = (TlsFile.Cert, null);
        var chain = new X509Certificate2Collection();
        try
        {
            chain.ImportFromPem(certPem);
        }
        catch (CryptographicException error)
        {
            problem = $"holds a certificate that cannot be read: {error.Message}";
            return null;
        }
        if (chain.Count == 0)
        {
            problem = "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)";
            return null;
        }
        where = TlsFile.Key;
        if (keyPem.Contains(EncryptedKey, StringComparison.Ordinal) || keyPem.Contains(OldEncryptedKey, StringComparison.Ordinal))
        {
            problem = "is encrypted; give a key without a passphrase, readable by this server alone";
            return null;
        }
        try
        {
            using var keyless = chain[0];
            chain.RemoveAt(0);
            return new TlsCertificate(X509Certificate2.CreateFromPem(keyless.ExportCertificatePem(), keyPem), chain);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            problem = keyPem.Contains("PRIVATE KEY-----", StringComparison.Ordinal)
                ? "is not the key of the first certificate in tls.cert (the server's own goes first)"
                : "holds no private key in PEM (-----BEGIN PRIVATE KEY-----)";
            return null;
        }
    }

    /// <summary>The same out of files.</summary>
    public static TlsCertificate? Load(string certFile, string keyFile, out TlsFile where, out string? problem)
    {
        where = TlsFile.Cert;
        try
        {
            var cert = File.ReadAllText(certFile);
            where = TlsFile.Key;
            return Read(cert, File.ReadAllText(keyFile), out where, out problem);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problem = $"cannot be read: {error.Message}";
            return null;
        }
    }
}
