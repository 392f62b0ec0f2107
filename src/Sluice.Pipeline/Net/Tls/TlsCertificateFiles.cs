using Microsoft.Extensions.Logging;

namespace Sluice.Pipeline.Net.Tls;

/// <summary>The certificate that is in force: it follows its two files. New connections get the newest good pair; running ones go on with theirs.</summary>
/// <remarks>
/// The files' contents are compared every two seconds, not their times or names: so it is all one whether they are written over, renamed (certbot), or
/// swapped by a link further up (Kubernetes). A pair that is bad once may be half written; bad twice and unchanged, it is reported, and the old one stays.
/// </remarks>
public sealed partial class TlsCertificateFiles : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly string _certFile;
    private readonly string _keyFile;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private volatile TlsCertificate _current;
    private (string? Cert, string? Key) _inForce;
    private (string? Cert, string? Key) _refused;
    private bool _isReported;

    private TlsCertificateFiles(string certFile, string keyFile, TlsCertificate first, (string?, string?) text, IJournal journal, TimeProvider time, ILogger log)
    {
        (_certFile, _keyFile, _current, _inForce, _journal, _time, _log) = (certFile, keyFile, first, text, journal, time, log);
        Log.Loaded(_log, first.Description);
        Warn(first);
        _timer = time.CreateTimer(_ => Look(), null, Period, Period);
    }

    /// <summary>What the next connection gets. Any thread.</summary>
    public TlsCertificate Current => _current;

    /// <exception cref="IOException">The files hold no usable pair; the message names the key.</exception>
    public static TlsCertificateFiles Open(string certFile, string keyFile, IJournal journal, TimeProvider time, ILogger log)
    {
        var text = (TextOf(certFile), TextOf(keyFile));
        var certificate = TlsCertificate.Load(certFile, keyFile, out var where, out var problem);
        return certificate is null
            ? throw new IOException($"tls.{where.ToString().ToLowerInvariant()}: {(where == TlsFile.Cert ? certFile : keyFile)} {problem}")
            : new TlsCertificateFiles(certFile, keyFile, certificate, text, journal, time, log);
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            var text = (Cert: TextOf(_certFile), Key: TextOf(_keyFile));
            if (text == _inForce)
            {
                _refused = default;
                _isReported = false;
                return;
            }
            var certificate = TlsCertificate.Read(text.Cert ?? "", text.Key ?? "", out var where, out var problem);
            if (certificate is null) Refuse(text, where, problem!);
            else Take(certificate, text);
        }
    }

    private void Take(TlsCertificate certificate, (string?, string?) text)
    {
        (_current, _inForce, _refused, _isReported) = (certificate, text, default, false);
        Log.Reloaded(_log, certificate.Description);
        Write(JournalReasons.Reloaded, certificate.Description);
        Warn(certificate);
    }

    private void Refuse((string? Cert, string? Key) text, TlsFile where, string problem)
    {
        if (_refused != text)
        {
            (_refused, _isReported) = (text, false);
            return;
        }
        if (_isReported) return;
        _isReported = true;
        var (name, file, missing) = where == TlsFile.Cert ? ("tls.cert", _certFile, text.Cert is null) : ("tls.key", _keyFile, text.Key is null);
        var sentence = $"{name}: {file} {(missing ? "cannot be read" : problem)}; the certificate before it stays";
        Log.Refused(_log, sentence);
        Write(JournalReasons.Refused, sentence);
    }

    private void Warn(TlsCertificate certificate)
    {
        if (certificate.WarningAt(_time.GetUtcNow()) is { } warning) Log.NotValid(_log, warning);
    }

    private void Write(string reason, string note) => _journal.Write(new JournalEntry
    {
        Time = _time.GetUtcNow(), Stream = "", Kind = JournalKinds.Config, To = "tls certificate", Reason = reason, Note = note,
    });

    /// <summary>Null where the file cannot be read now.</summary>
    private static string? TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "tls: certificate of {Certificate}")]
        public static partial void Loaded(ILogger log, string certificate);

        [LoggerMessage(2, LogLevel.Information, "tls: new connections get the new certificate of {Certificate}")]
        public static partial void Reloaded(ILogger log, string certificate);

        [LoggerMessage(3, LogLevel.Error, "{Problem}")]
        public static partial void Refused(ILogger log, string problem);

        [LoggerMessage(4, LogLevel.Warning, "tls: {Warning}; clients will refuse it")]
        public static partial void NotValid(ILogger log, string warning);
    }
}
