using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Sluice.Pipeline.Output.Hls;

public enum HlsPlaylist { Multivariant, Media, Delta }

/// <summary>One playlist as it goes out: plain, and compressed the first time that somebody wants it so.</summary>
public sealed class HlsRendering
{
    private readonly Lazy<byte[]> _gzip;
    private readonly Lazy<byte[]> _brotli;

    public HlsRendering(string text)
    {
        Plain = Encoding.UTF8.GetBytes(text);
        ETag = $"W/\"{XxHash3.HashToUInt64(Plain):x16}\"";
        _gzip = new(() => Compress(static stream => new GZipStream(stream, CompressionLevel.Fastest)));
        _brotli = new(() => Compress(static stream => new BrotliStream(stream, CompressionLevel.Fastest)));
    }

    public byte[] Plain { get; }

    public byte[] Gzip => _gzip.Value;

    public byte[] Brotli => _brotli.Value;

    /// <summary>An entity tag, quotes included: weak, as it is the same for all encodings.</summary>
    public string ETag { get; }

    private byte[] Compress(Func<Stream, Stream> compressor)
    {
        using var bytes = new MemoryStream();
        using (var stream = compressor(bytes)) stream.Write(Plain);
        return bytes.ToArray();
    }
}

/// <summary>The playlists of one version: each made once for all who ask with the same query, as far as there is room.</summary>
internal sealed class HlsRenderings
{
    private const int MostKept = 64;

    /// <summary>In bytes: a long query stands behind each URI.</summary>
    private const long MostBytes = 1 << 20;

    private long _bytes;

    private readonly ConcurrentDictionary<(HlsPlaylist Playlist, string Query), HlsRendering> _kept = new();

    public HlsRendering Get(HlsPlaylist playlist, string query, Func<string> render)
    {
        if (_kept.TryGetValue((playlist, query), out var kept)) return kept;
        var rendering = new HlsRendering(render());
        if (_kept.Count >= MostKept || Interlocked.Read(ref _bytes) + rendering.Plain.Length > MostBytes) return rendering;
        Interlocked.Add(ref _bytes, rendering.Plain.Length);
        return _kept.GetOrAdd((playlist, query), rendering);
    }
}
