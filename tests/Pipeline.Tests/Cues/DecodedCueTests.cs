using System.Buffers.Binary;
using Fixtures;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Cues;

/// <summary>What ffmpeg makes of pictures that carry cues.</summary>
public class DecodedCueTests
{
    private static readonly byte[] StartCode = [0, 0, 0, 1];

    [Fact, Trait("Category", "Thorough")]
    public void HEVC_with_cues_is_parsed_and_decoded_without_a_complaint()
    {
        Assert.SkipUnless(EncodeFiles.CanBeMade, "It needs ffmpeg.");
        var encode = Mp4Encode.Hevc(EncodeRecipe.All.Single(recipe => recipe.Name == "a"), 4);
        var log = new StreamLog(new PlayOptions());
        var carriers = 0;
        using var annexB = new MemoryStream();
        WriteParameterSets(annexB, encode.Config);
        for (var n = 0; n < encode.Samples.Count; n++)
        {
            var dts = n * Timeline.PictureMs;
            // Each stands in the next picture and in that of its time.
            if (n % 25 == 10) log.Cues.Add(new Cue($"{n}", dts + 5 * Timeline.PictureMs, DateTimeOffset.UnixEpoch, new string('雨', 300)), n * 1000L);
            var picture = new Frame(TrackKind.Video, n % Mp4Encode.Gop == 0 ? FrameFlags.Key : FrameFlags.None, Codec.Hevc, dts, 0, SharedBuffer.CopyOf([0x91, .. "hvc1"u8, 0, 0, 0, .. encode.Samples[n]]), 8);
            log.Append(picture);
            var body = log[log.Tail - 1].Body.Span;
            if (body.Length > picture.Body.Length) carriers++;
            picture.Body.Release();
            foreach (var nal in new NalUnits(body[8..], 4)) WriteUnit(annexB, nal);
        }
        Assert.Equal(8, carriers);

        var folder = Directory.CreateTempSubdirectory("sluice-cues-");
        try
        {
            File.WriteAllBytes(Path.Combine(folder.FullName, "x.h265"), annexB.ToArray());
            var trace = Ffmpeg.Run(folder.FullName, ["-loglevel", "info", "-i", "x.h265", "-c", "copy", "-bsf:v", "trace_headers", "-f", "null", "-"]);
            // x265 tells its settings in one of its own.
            Assert.Equal(1 + carriers, trace.Split("User Data Unregistered").Length - 1);
            var decoded = 0;
            var warnings = Ffmpeg.Read(folder.FullName, ["-i", "x.h265", "-f", "framecrc", "-"], output =>
            {
                using var lines = new StreamReader(output);
                while (lines.ReadLine() is { } line)
                    if (!line.StartsWith('#')) decoded++;
            });
            Assert.Equal("", warnings);
            Assert.Equal(encode.Samples.Count, decoded);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The arrays of hvcC (ISO/IEC 14496-15 §8.3.3.1.2).</summary>
    private static void WriteParameterSets(Stream to, ReadOnlySpan<byte> hvcC)
    {
        var at = 23;
        for (var array = 0; array < hvcC[22]; array++)
        {
            var count = BinaryPrimitives.ReadUInt16BigEndian(hvcC[(at + 1)..]);
            at += 3;
            for (var unit = 0; unit < count; unit++)
            {
                var length = BinaryPrimitives.ReadUInt16BigEndian(hvcC[at..]);
                WriteUnit(to, hvcC.Slice(at + 2, length));
                at += 2 + length;
            }
        }
    }

    private static void WriteUnit(Stream to, ReadOnlySpan<byte> nal)
    {
        to.Write(StartCode);
        to.Write(nal);
    }
}
