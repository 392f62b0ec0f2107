using System.Net;
using Sluice.Pipeline;
using Sluice.Pipeline.Net.Tls;

namespace Sluice.Configuration;

/// <summary>Whether the certificates that the configuration names are there and fit.</summary>
internal static class TlsChecks
{
    /// <summary><c>listen</c> and <c>tls</c>.</summary>
    public static void CheckServer(Place root, SluiceOptions options)
    {
        var (listen, tls) = (root.At("listen"), root.At("tls"));
        CheckSecure("rtmps", options.Listen.Rtmps);
        CheckSecure("https", options.Listen.Https);
        if (options.Tls.Cert is null != options.Tls.Key is null) tls.Report("needs both cert and key, or neither");
        CheckFile("cert", options.Tls.Cert);
        CheckFile("key", options.Tls.Key);
        if (options.Tls is not { Cert: { } cert, Key: { } key } || !File.Exists(cert) || !File.Exists(key)) return;
        var certificate = TlsCertificate.Load(cert, key, out var where, out var problem);
        if (certificate is null) tls.At(where == TlsFile.Cert ? "cert" : "key").Report($"'{(where == TlsFile.Cert ? cert : key)}' {problem}");
        else if (certificate.WarningAt(DateTimeOffset.UtcNow) is { } warning) tls.At("cert").Warn($"{warning}; clients will refuse it");

        void CheckSecure(string name, IPEndPoint? endpoint)
        {
            if (endpoint is not null && (options.Tls.Cert is null || options.Tls.Key is null)) listen.At(name).Report("needs tls.cert and tls.key");
        }

        void CheckFile(string name, string? file)
        {
            if (file is not null && !File.Exists(file)) tls.At(name).Report($"there is no file '{file}'");
        }
    }

    public static void CheckPushes(Place list, IReadOnlyList<PushOptions> pushes)
    {
        for (var i = 0; i < pushes.Count; i++) CheckTrust(list.Item(i), pushes[i].Url, pushes[i].Trust);
    }

    /// <summary>What a push or pull says about the other side's certificate.</summary>
    public static void CheckTrust(Place place, string? url, TlsTrust trust)
    {
        var isTls = url is not null && (url.StartsWith("rtmps:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https:", StringComparison.OrdinalIgnoreCase));
        if (trust.CaFile is { } file)
        {
            if (!isTls) place.At("caFile").Report("is for rtmps:// and https:// only");
            else if (trust.Insecure) place.At("caFile").Report("says whom to trust, but insecure: true trusts everybody; leave one of them out");
            else if (TlsTrust.Load(file, out var problem) is null) place.At("caFile").Report($"'{file}' {problem}");
        }
        if (!trust.Insecure) return;
        if (!isTls) place.At("insecure").Report("is for rtmps:// and https:// only");
        else place.At("insecure").Warn("anybody between here and there can read and change the stream; caFile trusts one authority alone");
    }
}
