using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>Whose certificates we believe where we are the client: those that the system believes, or those of one file; always for the server's own name.</summary>
public sealed record TlsTrust
{
    /// <summary>The system's authorities.</summary>
    public static readonly TlsTrust System = new();

    /// <summary>PEM file of authorities that count instead of the system's; null: the system's. Read at each connection.</summary>
    public string? CaFile { get; init; }

    /// <summary>Any certificate will do: the connection is encrypted, but to whom is not known.</summary>
    public bool Insecure { get; init; }

    /// <summary>The authorities in a PEM file. Null, with what is wrong.</summary>
    public static X509Certificate2Collection? Load(string caFile, out string? problem)
    {
        problem = null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(caFile);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            problem = $"cannot be read: {error.Message}";
            return null;
        }
        if (authorities.Count > 0) return authorities;
        problem = "holds no certificate in PEM (-----BEGIN CERTIFICATE-----)";
        return null;
    }

    /// <summary>What a client says in a handshake with <paramref name="host"/>, whose name is sent (SNI) and must stand in the certificate: TLS 1.2 or 1.3.</summary>
    /// <exception cref="IOException">The file of authorities is of no use.</exception>
    public SslClientAuthenticationOptions ClientOptions(string host)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (CaFile is not null && !Insecure)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(Load(CaFile, out var problem) ?? throw new IOException($"caFile {CaFile} {problem}"));
        }
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                Insecure || (errors == SslPolicyErrors.None ? true : throw new AuthenticationException(Describe(host, certificate, chain, errors))),
        };
    }

    /// <summary>The reason within what a failed handshake threw, in a sentence.</summary>
    public static string Describe(Exception error)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
            if (inner is AuthenticationException { InnerException: null }) return inner.Message;
        return error.InnerException is { } cause ? $"{error.Message.TrimEnd('.')}: {cause.Message}" : error.Message;
    }

    private static string Describe(string host, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 shown) return "the server shows no certificate";
        var reasons = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)) reasons.Add($"it is not for {host} but for {shown.GetNameInfo(X509NameType.DnsName, forIssuer: false)}");
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
            reasons.AddRange(chain.ChainStatus.Select(status => status.StatusInformation.TrimEnd('.')).Distinct());
        return $"the server's certificate does not hold: {string.Join("; ", reasons)}";
    }
}
