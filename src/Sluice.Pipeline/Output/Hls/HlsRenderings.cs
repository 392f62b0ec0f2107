using System.Collections.Concurrent;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Sluice.Pipeline.Output.Hls;

public enum HlsPlaylist { Multivariant, Media, Delta }

/// <summary>One playlist as it goes out: plain, and compressed the first time that somebody wants it so.</summary>
public sealed class HlsRendering(string text)
{
    private readonly Lazy<byte[]> _gzip = new(() => Compress(text, static stream => new GZipStream(stream, CompressionLevel.Fastest)));
    private readonly Lazy<byte[]> _brotli = new(() => Compress(text, static stream => new BrotliStream(stream, CompressionLevel.Fastest)));

    public byte[] Plain { get; } = Encoding.UTF8.GetBytes(text);

    public byte[] Gzip => _gzip.Value;

    public byte[] Brotli => _brotli.Value;

    /// <summary>An entity tag, quotes included: weak, as it is the same for all encodings.</summary>
    public string ETag { get; } = $"W/\"{XxHash3.HashToUInt64(Encoding.UTF8.GetBytes(text)):x16}\"";

    private static byte[] Compress(string text, Func<Stream, Stream> compressor)
    {
        using var bytes = new MemoryStream();
        using (var stream = compressor(bytes)) stream.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}

/// <summary>The playlists of one version: each made once for all who ask with the same query, as far as there is room.</summary>
internal sealed class HlsRenderings
{
    private const int MostKept = 64;

    private readonly ConcurrentDictionary<(HlsPlaylist Playlist, string Query), HlsRendering> _kept = new();

    public HlsRendering Get(HlsPlaylist playlist, string query, Func<string> render)
    {
        if (_kept.TryGetValue((playlist, query), out var kept)) return kept;
        var rendering = new HlsRendering(render());
        return _kept.Count < MostKept ? _kept.GetOrAdd((playlist, query), rendering) : rendering;
    }
}
