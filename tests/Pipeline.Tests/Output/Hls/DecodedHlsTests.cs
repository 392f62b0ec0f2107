using Fixtures;
using Pipeline.Tests.Matrix;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output.Hls;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Output.Hls;

/// <summary>What ffmpeg makes of the packaged files: a real encode with B-frames, picture by picture and sample by sample.</summary>
public class DecodedHlsTests
{
    /// <summary>What a replayed GOP takes in a file at most, in milliseconds.</summary>
    private const double Replayed = 5;

    [Theory]
    [InlineData("a")]
    [InlineData("c")]
    public void Init_and_parts_decode_without_a_complaint_and_without_a_loss(string encode)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "It needs ffmpeg.");
        var recording = Recording.Of(EncodeRecipe.All.Single(recipe => recipe.Name == encode));
        var folder = Directory.CreateTempSubdirectory("sluice-hls-");
        try
        {
            var path = Path.Combine(folder.FullName, "show.mp4");
            var seconds = Package(recording, path);
            var decoded = Decoded.Of(path);
            Assert.Equal("", decoded.Warnings);
            var pictures = decoded.Numbers.Count;
            Assert.InRange(pictures, (int)(seconds * 25) - 1, (int)(seconds * 25) + 1);
            // The file ends between pictures that are decoded in another order than they are shown.
            Assert.Equal([.. Enumerable.Range(decoded.Numbers[0], pictures - 5)], decoded.Numbers.Take(pictures - 5));
            Assert.InRange(decoded.Samples.Length / (double)Timeline.SampleRate, seconds - 0.1, seconds + 0.1);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>As they come by Enhanced RTMP: coded pictures and sounds without a composition time.</summary>
    [Theory, Trait("Category", "Thorough")]
    [InlineData(Codec.Av1, true)]
    [InlineData(Codec.Hevc, true)]
    [InlineData(Codec.Hevc, false)]
    public void Other_codecs_decode_without_a_complaint_and_without_a_loss(Codec codec, bool hasOpusHead)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "It needs ffmpeg.");
        const int seconds = 5;
        var recipe = EncodeRecipe.All.Single(recipe => recipe.Name == "a");
        var (video, opus) = (codec == Codec.Av1 ? Mp4Encode.Av1(recipe, seconds) : Mp4Encode.Hevc(recipe, seconds), Mp4Encode.Opus(recipe, seconds));
        var log = new StreamLog(new PlayOptions());
        log.BeginEpoch(0, HlsRig.Origin);
        var packager = new Packager(log, new PlayOptions(), TimeProvider.System);
        log.Attach(packager);
        log.Append(Coded(TrackKind.Video, codec, FrameFlags.Header, 0, video.Config));
        log.Append(Coded(TrackKind.Audio, Codec.Opus, FrameFlags.Header, 0, hasOpusHead ? opus.Config : []));
        var pictures = video.Samples.Select((picture, n) => Coded(TrackKind.Video, codec, n % Mp4Encode.Gop == 0 ? FrameFlags.Key : FrameFlags.None, n * Timeline.PictureMs, picture));
        var sounds = opus.Samples.Select((sound, n) => Coded(TrackKind.Audio, Codec.Opus, FrameFlags.None, n * Mp4Encode.OpusSamples / 48, sound));
        foreach (var frame in pictures.Concat(sounds).OrderBy(frame => frame.Dts)) log.Append(frame);
        log.End();
        var path = Path.GetTempFileName();
        try
        {
            Write(packager.Version.All, path);
            packager.Release();
            var decoded = Decoded.Of(path);
            Assert.Equal("", decoded.Warnings);
            Assert.Equal(Enumerable.Range(decoded.Numbers[0], video.Samples.Count), decoded.Numbers);
            Assert.InRange(decoded.Samples.Length, opus.Samples.Count * Mp4Encode.OpusSamples - 1000, opus.Samples.Count * Mp4Encode.OpusSamples);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Frame Coded(TrackKind kind, Codec codec, FrameFlags flags, long dts, byte[] payload) =>
        new(kind, flags, codec, dts, 0, SharedBuffer.CopyOf([0x90, 0, 0, 0, 0, .. payload]), 5);

    [Theory, Trait("Category", "Thorough")]
    [InlineData(SwitchMode.Lookahead)]
    [InlineData(SwitchMode.Replay)]
    public async Task Switches_to_other_parameters_lose_no_picture(SwitchMode mode)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "It needs ffmpeg.");
        await using var show = new MatrixShow(new Cell(Fault.Cascade, mode, 4));
        show.Play();
        var folder = Directory.CreateTempSubdirectory("sluice-hls-");
        try
        {
            List<int> numbers = [];
            var files = PackageByInit(show, folder.FullName);
            Assert.True(files.Count > 1, "no cut changed the parameters");
            foreach (var file in files)
            {
                var decoded = Decoded.Of(file);
                Assert.Equal("", decoded.Warnings);
                numbers.AddRange(decoded.Numbers);
            }
            var shown = show.Showing().Pictures.OrderBy(picture => picture.Pts).Select(picture => picture.Content?.Number ?? -1).ToList();
            Assert.Equal(shown, numbers);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Where a picture seems to last longer than it is shown, or not as long, players place what follows wrongly, and Chromium then loses the rest of its GOP.</summary>
    [Theory, Trait("Category", "Thorough")]
    [InlineData(SwitchMode.Lookahead)]
    [InlineData(SwitchMode.Replay)]
    public async Task Segments_join_without_a_hole_or_an_overlap_at_every_cut(SwitchMode mode)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "It needs ffmpeg.");
        await using var show = new MatrixShow(new Cell(Fault.Cascade, mode, 4));
        show.Play();
        var cuts = 0;
        (double Pictures, double Sounds, double Shown)? last = null;
        Package(show, segment =>
        {
            var parts = segment.Parts.Select(PartTimes.Of).ToList();
            FileSample[] pictures = [.. parts.SelectMany(part => part.Pictures)], sounds = [.. parts.SelectMany(part => part.Sounds)];
            Assert.All(pictures.Zip(pictures.Skip(1)), pair => Assert.Equal(pair.First.Decoded + pair.First.Duration, pair.Second.Decoded, 0.02));
            if (last is { } before)
            {
                Assert.Equal(before.Pictures, pictures[0].Decoded, 0.02);
                Assert.Equal(before.Sounds, sounds[0].Decoded, 1.1);
                if (segment.IsDiscontinuity) Assert.Equal(before.Shown, pictures[0].Shown, Replayed);
            }
            if (segment.IsDiscontinuity) cuts++;
            last = (pictures[^1].Decoded + pictures[^1].Duration, sounds[^1].Decoded + sounds[^1].Duration, pictures.Max(picture => picture.Shown + picture.Duration));
        });
        Assert.InRange(cuts, 2, 100);
    }

    /// <summary>A file for each discontinuity: what a player feeds to one decoder.</summary>
    private static List<string> PackageByInit(MatrixShow show, string folder)
    {
        List<string> files = [];
        Package(show, segment =>
        {
            var isNew = files.Count == 0 || segment.IsDiscontinuity;
            if (isNew) files.Add(Path.Combine(folder, $"{files.Count}.mp4"));
            using var file = File.Open(files[^1], FileMode.Append);
            if (isNew) file.Write(segment.Init.Bytes);
            foreach (var part in segment.Parts) file.Write(HlsRig.BytesOf(part));
        });
        return files;
    }

    private static void Package(MatrixShow show, Action<HlsSegment> onSegment)
    {
        var play = new PlayOptions();
        var log = new StreamLog(play);
        log.BeginEpoch(0, HlsRig.Origin);
        var packager = new Packager(log, play, TimeProvider.System);
        log.Attach(packager);
        var next = 0L;
        foreach (var (_, frame) in show.Show.Output)
        {
            log.Append(frame);
            Collect();
        }
        log.End();
        Collect();
        packager.Release();

        void Collect()
        {
            foreach (var segment in packager.Version.All.Where(segment => segment.IsComplete && segment.Number >= next))
            {
                onSegment(segment);
                next = segment.Number + 1;
            }
        }
    }

    /// <returns>How long the file is, in seconds.</returns>
    private static double Package(Recording recording, string path)
    {
        var play = new PlayOptions();
        var log = new StreamLog(play);
        log.BeginEpoch(0, HlsRig.Origin);
        var packager = new Packager(log, play, TimeProvider.System);
        log.Attach(packager);
        foreach (var header in recording.Headers) log.Append(header);
        foreach (var frame in recording.Frames.TakeWhile(frame => frame.Frame.Dts < 14_000)) log.Append(frame.Frame);
        var segments = packager.Version.All;
        Write(segments, path);
        log.End();
        packager.Release();
        return segments.Sum(segment => segment.Duration) / 1000.0;
    }

    private static void Write(IReadOnlyList<HlsSegment> segments, string path)
    {
        using var file = File.Create(path);
        file.Write(segments[0].Init.Bytes);
        foreach (var segment in segments)
            foreach (var part in segment.Parts) file.Write(HlsRig.BytesOf(part));
    }
}
