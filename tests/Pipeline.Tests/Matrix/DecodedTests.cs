using Fixtures;
using Pipeline.Tests.Output;
using Sluice.Pipeline;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Matrix;

/// <summary>What frames are known to contain is what a decoder shows: of the fixtures themselves, and of the bytes that viewers get in some cells.</summary>
[Trait("Category", "Thorough")]
public sealed class DecodedTests
{
    private const int WindowFrames = Chirp.Window / 1024 + 1;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_picture_of_a_fixture_is_readable_and_its_sound_tells_the_time(int encode)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "ffmpeg is not installed");
        var recording = Recording.Of(EncodeRecipe.All[encode]);
        var decoded = Decoded.Of(EncodeFiles.PathOf(recording.Encode));

        Assert.Equal("", decoded.Warnings);
        Assert.Equal(Enumerable.Range(recording.Encode.FirstPicture, decoded.Numbers.Count), decoded.Numbers);
        Assert.Equal(Timeline.Seconds * 1000 / Timeline.PictureMs - recording.Encode.FirstPicture, decoded.Numbers.Count);
        AssertSound(decoded, [.. recording.Frames.Select(frame => frame.Content).Where(content => content.Number < 0)]);
    }

    [Theory]
    [InlineData(Fault.Kill, SwitchMode.Keyframe, 2)]
    [InlineData(Fault.Kill, SwitchMode.Lookahead, 2)]
    [InlineData(Fault.Cascade, SwitchMode.Lookahead, 4)]
    [InlineData(Fault.Stop, SwitchMode.Replay, 2)]
    [InlineData(Fault.Cascade, SwitchMode.Replay, 4)]
    [InlineData(Fault.Kill, SwitchMode.Merge, 2)]
    public async Task A_decoder_shows_what_the_log_holds_and_complains_of_nothing(Fault fault, SwitchMode mode, int sources)
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "ffmpeg is not installed");
        await using var show = new MatrixShow(new Cell(fault, mode, sources));
        show.Play();
        var folder = Directory.CreateTempSubdirectory("sluice-matrix-");
        try
        {
            var file = Path.Combine(folder.FullName, "viewer.flv");
            await File.WriteAllBytesAsync(file, Mux(show));
            var decoded = Decoded.Of(file);

            var showing = show.Showing();
            Assert.Equal(showing.Pictures.OrderBy(picture => picture.Pts).Select(picture => picture.Content?.Number ?? -1), decoded.Numbers);
            AssertSound(decoded, [.. showing.Sounds.Select(sound => sound.Content ?? default)]);
            Assert.Equal("", decoded.Warnings);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Windows in which one encoder's sound goes on; across a cut the pitch jumps a little.</summary>
    private static void AssertSound(Decoded decoded, IReadOnlyList<Content> sounds)
    {
        const double frameMs = 1024 * 1000.0 / Timeline.SampleRate;
        var read = 0;
        foreach (var (frame, ms) in decoded.SoundTimes(everyFrames: 24))
        {
            if (frame == 0 || frame + WindowFrames >= sounds.Count || Enumerable.Range(frame - 1, WindowFrames + 1).Any(i => Math.Abs(sounds[i + 1].Ms - sounds[i].Ms - frameMs) > 2)) continue;
            Assert.Equal(sounds[frame].Ms + Chirp.Window * 500.0 / Timeline.SampleRate, ms, tolerance: 6);
            read++;
        }
        Assert.InRange(read, 40, int.MaxValue);
    }

    /// <summary>The bytes that an HTTP-FLV viewer gets who is there from the start.</summary>
    private static byte[] Mux(MatrixShow show)
    {
        var rig = new OutputRig();
        var (_, sink) = rig.Open(Container.Flv);
        var now = 0L;
        foreach (var (at, frame) in show.Show.Output)
        {
            rig.Time.Advance(TimeSpan.FromMilliseconds(at - now));
            now = at;
            frame.Body.Retain();
            rig.Append(frame);
            rig.Loops.Tick();
        }
        rig.Drain();
        return sink.Bytes;
    }
}
