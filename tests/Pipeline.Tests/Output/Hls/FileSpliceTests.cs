using Pipeline.Tests.Simulation;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output.Hls;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Output.Hls;

/// <summary>Cuts between encodes with parameters of their own, as they stand in the files.</summary>
public sealed class FileSpliceTests
{
    /// <summary>How far the tracks may lie apart at a cut, in milliseconds: less than a frame of sound, which players bridge.</summary>
    private const double Tolerance = 4;

    private static readonly SimulatedEncoder A = new() { IsLive = true, Gop = 50, BFrames = 2, Mark = 0xA, Avcc = HlsRig.Avc720 };
    private static readonly SimulatedEncoder B = new() { IsLive = true, Gop = 40, BFrames = 3, Origin = 7_000_000, Mark = 0xB, Avcc = HlsRig.Avc360 };
    private static readonly SimulatedEncoder C = new() { IsLive = true, Gop = 25, BFrames = 0, Origin = 4_294_967_296 - 9000, Mark = 0xC, Avcc = HlsRig.Avc360 };

    private static readonly SwitchOptions Lookahead = new() { Mode = SwitchMode.Lookahead, Delay = TimeSpan.FromSeconds(3) };
    private static readonly SwitchOptions Replay = new() { Mode = SwitchMode.Replay, Delay = TimeSpan.Zero };

    public static TheoryData<string, SimulatedEncoder, SimulatedEncoder, SwitchOptions> Cuts
    {
        get
        {
            var cuts = new TheoryData<string, SimulatedEncoder, SimulatedEncoder, SwitchOptions>();
            foreach (var mode in (SwitchOptions[])[Lookahead, Replay])
                foreach (var (name, from, to) in new[] { ("A to B", A, B), ("B to A", B, A), ("A to C", A, C), ("C to A", C, A) })
                    cuts.Add($"{name} by {mode.Mode}", from, to, mode);
            return cuts;
        }
    }

    /// <summary>hls.js places what follows a discontinuity where the pictures before it end: the latest PTS and the duration of its picture.</summary>
    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task What_was_before_a_cut_ends_where_the_rest_begins(string name, SimulatedEncoder from, SimulatedEncoder to, SwitchOptions mode)
    {
        for (var kill = 0; kill < 40; kill++)
        {
            await using var show = new SimulatedShow(SimulatedShow.WithSources(2, mode));
            show.Start("live/show-a", from);
            show.Run(100);
            show.Start("live/show-b", to with { Phase = kill * 7 % to.Gop });
            show.Run(2_900);
            var packager = Attach(show);
            show.Run(2_000 + kill * 37);
            show.Kill("live/show-a");
            show.Run(6_000);
            AssertJoined(packager, $"{name}, {kill}");
        }
    }

    /// <summary>The last P picture came, and the B-frames that are shown before it did not: it lasts from its own decoding on.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_cut_behind_a_picture_whose_B_frames_were_lost_is_joined_too(int received)
    {
        var rig = new HlsRig();
        rig.Headers();
        var packager = rig.Attach();
        rig.Play(0, 5_000);
        Append(rig, 5_000, 5_120);
        for (var i = 0; i < received; i++) Append(rig, 5_040 + 40 * i, 5_040 + 40 * i);
        rig.Headers(HlsRig.Avc360);
        rig.Play(5_120, 10_080, firstKey: 128);
        AssertJoined(packager, $"{received} received");
    }

    /// <summary>
    /// hls.js places a segment by the picture of it that is shown first, or its sound: where that is before the end of the one before, its time line goes back by it, and the next cut has a hole.
    /// Encodes as unlike as can be, killed one after the other at any time.
    /// </summary>
    [Theory]
    [InlineData(SwitchMode.Lookahead)]
    [InlineData(SwitchMode.Replay)]
    public async Task Through_many_cuts_each_segment_begins_with_what_is_shown_first(SwitchMode mode)
    {
        SimulatedEncoder[] encoders = [A, B, C with { Gop = 60 }, A with { Gop = 35, BFrames = 3, Origin = 99, Mark = 0xD, Avcc = HlsRig.Avc360 }];
        var random = new Random(5);
        var (begins, keys) = (0, 0);
        for (var turn = 0; turn < 12; turn++)
        {
            await using var show = new SimulatedShow(SimulatedShow.WithSources(2, mode == SwitchMode.Replay ? Replay : Lookahead));
            var at = random.Next(encoders.Length);
            show.Start("live/show-a", encoders[at]);
            show.Run(2_900);
            var packager = Attach(show);
            for (var kill = 0; kill < 6; kill++)
            {
                var (from, to) = kill % 2 == 0 ? ("a", "b") : ("b", "a");
                at = (at + 1 + random.Next(encoders.Length - 1)) % encoders.Length;
                show.Start($"live/show-{to}", encoders[at] with { Phase = random.Next(encoders[at].Gop) });
                show.Run(2_600 + random.Next(2_500));
                show.Kill($"live/show-{from}");
                show.Run(400);
                Check(packager, $"turn {turn}, kill {kill}");
            }
        }
        Assert.True(begins > 100 && keys > 0.95 * begins, $"{keys} of {begins} segments begin with a keyframe");

        void Check(Packager packager, string where)
        {
            double? end = null, soundEnd = null;
            foreach (var segment in packager.Version.Segments.Where(segment => segment.IsComplete))
            {
                var parts = segment.Parts.Select(PartTimes.Of).ToList();
                FileSample[] pictures = [.. parts.SelectMany(part => part.Pictures)], sounds = [.. parts.SelectMany(part => part.Sounds)];
                Assert.True(Math.Abs(pictures.Min(picture => picture.Shown) - pictures[0].Decoded) < 1, $"{where}: {segment.Number} is decoded from {pictures[0].Decoded} on and shown from {pictures.Min(picture => picture.Shown)}");
                Assert.True(Math.Abs((end ?? pictures[0].Decoded) - pictures[0].Decoded) < 1, $"{where}: {segment.Number} begins at {pictures[0].Decoded}, {end} was the end");
                if (sounds.Length > 0) Assert.InRange(sounds[0].Decoded - pictures[0].Decoded, -Tolerance, 21.4);
                if (soundEnd is { } before && sounds.Length > 0) Assert.InRange(sounds[0].Decoded - before, -Tolerance, Tolerance);
                Assert.InRange(segment.Duration, 1, 2499);
                (end, soundEnd) = (pictures[0].Decoded + segment.Duration, sounds.Length > 0 ? sounds[^1].Decoded + sounds[^1].Duration : soundEnd);
                begins++;
                if (segment.Parts[0].IsIndependent) keys++;
            }
        }
    }

    private static void Append(HlsRig rig, long dts, long pts) =>
        rig.Append(new Frame(TrackKind.Video, FrameFlags.None, Codec.Avc, dts, (int)(pts - dts), SharedBuffer.CopyOf([0x27, 1, 0, 0, 0, 0, 0, 0, 1, 0x41]), 5, 2));

    private static Packager Attach(SimulatedShow show)
    {
        var log = show.Stream.Log;
        lock (log.Gate)
        {
            var packager = new Packager(log, new PlayOptions(), TimeProvider.System);
            log.Attach(packager);
            return packager;
        }
    }

    private static void AssertJoined(Packager packager, string where)
    {
        var segments = packager.Version.All;
        var cut = Assert.Single(Enumerable.Range(1, segments.Length - 1), i => segments[i].IsDiscontinuity);
        var pictures = segments[cut - 1].Parts.SelectMany(part => PartTimes.Of(part).Pictures).ToList();
        var nextPictures = segments[cut].Parts.SelectMany(part => PartTimes.Of(part).Pictures).ToList();
        var sounds = segments[..cut].SelectMany(segment => segment.Parts).SelectMany(part => PartTimes.Of(part).Sounds).ToList();
        var nextSounds = segments[cut..].SelectMany(segment => segment.Parts).SelectMany(part => PartTimes.Of(part).Sounds).ToList();
        var begin = nextPictures[0].Decoded;
        Assert.True(Math.Abs(nextPictures.Min(picture => picture.Shown) - begin) < Tolerance, $"{where}: {nextPictures.Min(picture => picture.Shown) - begin} ms from the first decoding to the first picture");
        Assert.True(Math.Abs(pictures.Max(picture => picture.Shown + picture.Duration) - begin) < Tolerance, $"{where}: pictures before end {pictures.Max(picture => picture.Shown + picture.Duration) - begin} ms behind the begin");
        Assert.True(Math.Abs(sounds[^1].Decoded + sounds[^1].Duration - nextSounds[0].Decoded) < Tolerance, $"{where}: a hole of {nextSounds[0].Decoded - sounds[^1].Decoded - sounds[^1].Duration} ms in the sound");
        for (var i = 1; i < pictures.Count; i++) Assert.Equal(pictures[i - 1].Decoded + pictures[i - 1].Duration, pictures[i].Decoded, 0.001);
        // What the playlist says of the segment is what is in it: players place by that what comes next.
        Assert.True(Math.Abs(pictures[0].Decoded + segments[cut - 1].Duration - begin) < 1, $"{where}: a segment of {begin - pictures[0].Decoded} ms is said to last {segments[cut - 1].Duration}");
    }
}
