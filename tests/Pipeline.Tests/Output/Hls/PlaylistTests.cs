using System.IO.Compression;
using System.Text;
using Sluice.Pipeline.Output.Hls;

namespace Pipeline.Tests.Output.Hls;

public class PlaylistTests
{
    private static readonly long First = HlsRig.Origin.ToUnixTimeSeconds() / 2;

    private static readonly string Name = $"{HlsRig.Origin.ToUnixTimeMilliseconds():x}-{First}";
    private static readonly string NextName = $"{HlsRig.Origin.ToUnixTimeMilliseconds():x}-{First + 1}";

    private static HlsVersion After(long end, Action<HlsRig>? meanwhile = null)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, Math.Min(end, 5_000));
        meanwhile?.Invoke(rig);
        if (end > 5_000) rig.Play(5_000, end, firstKey: meanwhile is null ? 0 : 125);
        return packager.Version;
    }

    private static string Media(HlsVersion version, string query = "", bool isDelta = false) => MediaPlaylist.Write(version, query, isDelta);

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    [Fact]
    public void A_media_playlist_reads_as_the_standard_wants_it()
    {
        var init = After(2_400).Segments[0].Init.Name;
        var parts = string.Concat(Enumerable.Range(0, 6).Select(i =>
            $"#EXT-X-PART:DURATION={(i is 1 or 4 ? "0.360" : "0.320")},URI=\"{Name}.{i}.m4s\"{(i == 0 ? ",INDEPENDENT=YES" : "")}\n"));
        Assert.Equal($"""
            #EXTM3U
            #EXT-X-VERSION:10
            #EXT-X-TARGETDURATION:2
            #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.080,CAN-SKIP-UNTIL=12.000,HOLD-BACK=6.000
            #EXT-X-PART-INF:PART-TARGET=0.360
            #EXT-X-MEDIA-SEQUENCE:{First}
            #EXT-X-DISCONTINUITY-SEQUENCE:0
            #EXT-X-MAP:URI="{init}"
            #EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:00:00.040Z
            {parts}#EXTINF:2.000,
            {Name}.m4s
            #EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:00:02.040Z
            #EXT-X-PART:DURATION=0.320,URI="{NextName}.0.m4s",INDEPENDENT=YES
            #EXT-X-PRELOAD-HINT:TYPE=PART,URI="{NextName}.1.m4s"

            """, Media(After(2_400)));
    }

    [Fact]
    public void The_query_goes_behind_every_uri()
    {
        var text = Media(After(4_080), "key=k&b=2");
        Assert.Equal(Count(text, "URI=\"") + Count(text, "#EXTINF"), Count(text, "?key=k&b=2"));
        Assert.Contains(".mp4?key=k&b=2\"", text);
    }

    [Fact]
    public void Ten_segments_are_named_and_parts_of_the_newest_alone()
    {
        var text = Media(After(60_400));
        Assert.Equal(10, Count(text, "#EXTINF"));
        Assert.Contains($"#EXT-X-MEDIA-SEQUENCE:{First + 20}\n", text);
        Assert.Equal(1, Count(text, "#EXT-X-MAP"));
        Assert.Equal(3 * 6 + 1, Count(text, "#EXT-X-PART:"));
    }

    [Fact]
    public void A_delta_update_skips_what_is_older_than_the_boundary()
    {
        var text = Media(After(60_400), isDelta: true);
        Assert.Contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=4\n", text);
        Assert.Equal(6, Count(text, "#EXTINF"));
        Assert.DoesNotContain("#EXT-X-MAP", text);
        Assert.Contains($"#EXT-X-MEDIA-SEQUENCE:{First + 20}\n", text);
        Assert.DoesNotContain("#EXT-X-SKIP", Media(After(6_000), isDelta: true));
    }

    [Fact]
    public void Other_parameters_are_a_discontinuity_with_a_map()
    {
        var text = Media(After(8_000, rig => rig.Headers(HlsRig.Avc360)));
        var lines = text.Split('\n').ToList();
        var discontinuity = lines.IndexOf("#EXT-X-DISCONTINUITY");
        Assert.True(discontinuity > 0);
        Assert.StartsWith("#EXT-X-MAP:URI=\"init-", lines[discontinuity + 1]);
        Assert.StartsWith("#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:00:05.040Z", lines[discontinuity + 2]);
        Assert.Equal(2, Count(text, "#EXT-X-MAP"));
    }

    [Fact]
    public void An_epoch_is_a_discontinuity_with_the_map_as_it_was_and_is_counted_once_gone()
    {
        var text = Media(After(8_000, rig => rig.Log.BeginEpoch(5_000, HlsRig.Origin.AddSeconds(60))));
        Assert.Contains("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2026-11-22T12:01:00.040Z\n", text);
        Assert.Equal(1, Count(text, "#EXT-X-MAP"));
        var later = Media(After(80_000, rig => rig.Log.BeginEpoch(5_000, HlsRig.Origin.AddSeconds(60))));
        Assert.DoesNotContain("#EXT-X-DISCONTINUITY\n", later);
        Assert.Contains("#EXT-X-DISCONTINUITY-SEQUENCE:1\n", later);
    }

    [Fact]
    public void The_end_is_told_and_nothing_is_hinted_at()
    {
        var text = Media(After(4_080, rig => rig.End()));
        Assert.EndsWith("#EXT-X-ENDLIST\n", text);
        Assert.DoesNotContain("#EXT-X-PRELOAD-HINT", text);
        Assert.Equal(3, Count(text, "#EXTINF"));
    }

    [Fact]
    public void The_multivariant_playlist_tells_codecs_size_rate_and_bandwidth()
    {
        var lines = MultivariantPlaylist.Write(After(4_080), "show.hls", "key=k").Split('\n');
        Assert.Equal(["#EXTM3U", "#EXT-X-VERSION:10"], lines[..2]);
        Assert.Matches("^#EXT-X-STREAM-INF:BANDWIDTH=[1-9][0-9]+,AVERAGE-BANDWIDTH=[1-9][0-9]+,CODECS=\"avc1.640020,mp4a.40.2\",RESOLUTION=1280x720,FRAME-RATE=50.000$", lines[2]);
        Assert.Equal("show.hls/media.m3u8?key=k", lines[3]);
    }

    [Fact]
    public void A_playlist_is_rendered_and_compressed_once_for_all()
    {
        var version = After(4_080);
        var first = MediaPlaylist.Render(version, "", isDelta: false);
        Assert.Same(first, MediaPlaylist.Render(version, "", isDelta: false));
        Assert.NotEqual(first.ETag, MediaPlaylist.Render(version, "key=1", isDelta: false).ETag);
        Assert.Same(first.Gzip, first.Gzip);
        using var gzip = new StreamReader(new GZipStream(new MemoryStream(first.Gzip), CompressionMode.Decompress));
        using var brotli = new StreamReader(new BrotliStream(new MemoryStream(first.Brotli), CompressionMode.Decompress));
        var text = Encoding.UTF8.GetString(first.Plain);
        Assert.Equal((text, text), (gzip.ReadToEnd(), brotli.ReadToEnd()));
        Assert.Equal(text, Media(version));
    }

    /// <summary>A query stands behind each URI: who sends long ones must not fill the memory.</summary>
    [Fact]
    public void What_is_kept_of_a_version_is_bounded()
    {
        var version = After(4_080);
        var kept = Enumerable.Range(0, 200).Select(i => Render($"{i}")).ToList();
        Assert.InRange(kept.Where((rendering, i) => ReferenceEquals(rendering, Render($"{i}"))).Count(), 1, 64);

        version = After(4_080);
        var large = Enumerable.Range(0, 60).Select(i => Render(i + new string('x', 8000))).ToList();
        var bytes = large.Where((rendering, i) => ReferenceEquals(rendering, Render(i + new string('x', 8000)))).Sum(rendering => rendering.Plain.Length);
        Assert.InRange(bytes, 1, 1 << 20);

        HlsRendering Render(string query) => MediaPlaylist.Render(version, query, isDelta: false);
    }
}
