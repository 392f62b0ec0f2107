using System.Diagnostics;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Switching;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Switching;

public sealed class SilentSoundTests
{
    private static Frame Header(Codec codec, params byte[] config) =>
        new(TrackKind.Audio, FrameFlags.Header, codec, 0, 0, SharedBuffer.CopyOf([0xAF, 0, .. config]), 2);

    /// <summary>An AudioSpecificConfig of object type, rate index and channels.</summary>
    private static byte[] Config(int type, int rate, int channels) => [(byte)(type << 3 | rate >> 1), (byte)(rate << 7 | channels << 3)];

    [Theory]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    [InlineData(3, 6)]
    [InlineData(4, 2)]
    public async Task A_decoder_takes_it_without_a_word_and_hears_nothing(int rate, int channels)
    {
        var silence = SilentSound.For(Header(Codec.Aac, Config(2, rate, channels)), out _)!;
        var file = Path.Combine(Path.GetTempPath(), $"sluice-silence-{Guid.NewGuid():N}.aac");
        try
        {
            await using (var adts = File.Create(file))
                for (var i = 0; i < 100; i++) adts.Write([.. AdtsHeader(rate, channels, silence.At(i).Body.Length - 2), .. silence.At(i).Body.Span[2..]]);
            var (pcm, errors) = await DecodeAsync(file);
            Assert.Equal("", errors);
            Assert.Equal(100 * 1024 * channels * 2, pcm.Length);
            Assert.All(pcm, sample => Assert.Equal(0, sample));
        }
        finally
        {
            File.Delete(file);
            silence.Release();
        }
    }

    [Fact]
    public void What_it_cannot_make_it_refuses_with_a_reason()
    {
        Assert.Null(SilentSound.For(Header(Codec.Opus, 1, 2), out var codec));
        Assert.Contains("Opus", codec);
        Assert.Null(SilentSound.For(Header(Codec.Aac, Config(1, 3, 2)), out var type));
        Assert.Contains("object type 1", type);
        Assert.Null(SilentSound.For(Header(Codec.Aac, Config(2, 3, 5)), out var channels));
        Assert.Contains("5 channel", channels);
        Assert.Null(SilentSound.For(Header(Codec.Aac, 0x12), out var cut));
        Assert.NotNull(cut);
    }

    [Fact]
    public void All_its_frames_share_one_body()
    {
        var silence = SilentSound.For(Header(Codec.Aac, Config(2, 3, 2)), out _)!;
        Assert.Same(silence.At(0).Body, silence.At(21).Body);
        Assert.Equal(21, silence.At(21).Dts);
        var body = silence.At(0).Body.Retain();   // once nobody holds it another test may have it
        silence.Release();
        Assert.Equal(1, body.References);
        body.Release();
    }

    private static byte[] AdtsHeader(int rate, int channels, int payload)
    {
        var length = payload + 7;
        return
        [
            0xFF, 0xF1, (byte)(1 << 6 | rate << 2 | channels >> 2), (byte)((channels & 3) << 6 | length >> 11), (byte)(length >> 3), (byte)((length & 7) << 5 | 0x1F), 0xFC,
        ];
    }

    private static async Task<(byte[] Pcm, string Errors)> DecodeAsync(string file)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "warning", "-f", "aac", "-i", file, "-f", "s16le", "-"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var pcm = new MemoryStream();
            var errors = ffmpeg.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await ffmpeg.StandardOutput.BaseStream.CopyToAsync(pcm, TestContext.Current.CancellationToken);
            await ffmpeg.WaitForExitAsync(TestContext.Current.CancellationToken);
            // ADTS files hold no duration: ffmpeg says that it guesses one.
            return (pcm.ToArray(), string.Join('\n', (await errors).Split('\n').Where(line => !line.Contains("Estimating duration"))).Trim());
        }
        finally
        {
            if (!ffmpeg.HasExited) ffmpeg.Kill();
        }
    }
}
