using System.Collections.Concurrent;
using Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Sluice.Pipeline;
using Sluice.Pipeline.Net.Tls;

namespace Pipeline.Tests.Net.Tls;

/// <summary>Files that change under the server, as the programs that renew certificates change them.</summary>
public sealed class TlsCertificateFilesTests : IJournal, IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly ConcurrentQueue<JournalEntry> _journal = [];

    public void Dispose() => _certificates.Dispose();

    void IJournal.Write(JournalEntry entry) => _journal.Enqueue(entry);

    [Fact]
    public void A_pair_that_was_written_over_or_renamed_is_taken_and_told_once()
    {
        using var files = Open(_certificates.Cert, _certificates.Key);
        var renewed = _certificates.Write("server");
        Look();
        Assert.Equal(renewed, files.Current.Leaf.Thumbprint);
        Look();
        var entry = Assert.Single(_journal);
        Assert.Equal(("config", "reloaded"), (entry.Kind, entry.Reason));
        Assert.StartsWith("localhost, valid until ", entry.Note);
    }

    [Fact]
    public void A_swap_of_a_link_further_up_is_seen()
    {
        Directory.CreateDirectory(_certificates.FileOf("one"));
        Directory.CreateDirectory(_certificates.FileOf("two"));
        _certificates.Write("one/tls");
        var second = _certificates.Write("two/tls");
        Directory.CreateSymbolicLink(_certificates.FileOf("data"), _certificates.FileOf("one"));
        using var files = Open(_certificates.FileOf("data/tls.crt"), _certificates.FileOf("data/tls.key"));
        Directory.Delete(_certificates.FileOf("data"));
        Directory.CreateSymbolicLink(_certificates.FileOf("data"), _certificates.FileOf("two"));
        Look();
        Assert.Equal(second, files.Current.Leaf.Thumbprint);
    }

    [Fact]
    public void A_half_written_pair_is_waited_for_and_a_bad_one_is_refused_once_with_the_old_one_in_force()
    {
        using var files = Open(_certificates.Cert, _certificates.Key);
        var before = files.Current;
        var renewed = _certificates.Write("next");
        _certificates.Put("server.crt", File.ReadAllText(_certificates.FileOf("next.crt")));
        Look();
        Assert.Empty(_journal);
        Look();
        Look();
        Assert.Same(before, files.Current);
        var refused = Assert.Single(_journal);
        Assert.Equal("refused", refused.Reason);
        Assert.Contains("is not the key of the first certificate", refused.Note);

        _certificates.Put("server.key", File.ReadAllText(_certificates.FileOf("next.key")));
        Look();
        Assert.Equal(renewed, files.Current.Leaf.Thumbprint);
        Assert.Equal("reloaded", _journal.Last().Reason);
    }

    [Fact]
    public void A_file_that_is_gone_leaves_the_old_one_in_force()
    {
        using var files = Open(_certificates.Cert, _certificates.Key);
        var before = files.Current;
        File.Delete(_certificates.Key);
        Look();
        Look();
        Assert.Same(before, files.Current);
        Assert.Contains("cannot be read; the certificate before it stays", Assert.Single(_journal).Note);
    }

    [Fact]
    public void A_server_without_a_usable_pair_does_not_start()
    {
        var error = Assert.Throws<IOException>(() => Open(_certificates.Cert, _certificates.FileOf("missing.key")));
        Assert.StartsWith("tls.key: ", error.Message);
    }

    private void Look() => _time.Advance(TimeSpan.FromSeconds(2));

    private TlsCertificateFiles Open(string cert, string key) => TlsCertificateFiles.Open(cert, key, this, _time, NullLogger.Instance);
}
