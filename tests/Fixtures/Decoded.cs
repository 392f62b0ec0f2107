using System.Runtime.InteropServices;

namespace Fixtures;

/// <summary>A recording as ffmpeg decodes it: what a viewer really sees and hears.</summary>
/// <param name="Numbers">The pictures' numbers, in the order they are shown; −1: it cannot be read.</param>
/// <param name="Samples">The sound, one channel at <see cref="Timeline.SampleRate"/>.</param>
/// <param name="Warnings">What ffmpeg complained of; empty: nothing.</param>
public sealed record Decoded(IReadOnlyList<int> Numbers, float[] Samples, string Warnings)
{
    private const int Width = Timeline.Bits * Timeline.CellWidth, Height = 2 * Timeline.CellHeight;

    public static Decoded Of(string path)
    {
        List<int> numbers = [];
        using var sound = new MemoryStream();
        var warnings = Ffmpeg.Read(".", ["-i", path, "-map", "0:v:0", "-fps_mode", "passthrough", "-enc_time_base", "1:90000", "-vf", $"crop={Width}:{Height}:0:0", "-pix_fmt", "gray", "-f", "rawvideo", "-"], stream =>
        {
            var picture = new byte[Width * Height];
            while (stream.ReadAtLeast(picture, picture.Length, throwOnEndOfStream: false) == picture.Length) numbers.Add(Read(picture));
        });
        warnings += Ffmpeg.Read(".", ["-i", path, "-map", "0:a:0", "-ac", "1", "-ar", $"{Timeline.SampleRate}", "-f", "f32le", "-"], stream => stream.CopyTo(sound));
        return new Decoded(numbers, MemoryMarshal.Cast<byte, float>(sound.ToArray()).ToArray(), warnings);
    }

    /// <summary>Readings of the sound's time, each with the index of the AAC frame that its window begins with.</summary>
    public IEnumerable<(int Frame, double Ms)> SoundTimes(int everyFrames)
    {
        const int frameSamples = 1024;
        for (var frame = 0; frame * frameSamples + Chirp.Window <= Samples.Length; frame += everyFrames)
            yield return (frame, Chirp.Read(Samples.AsSpan(frame * frameSamples, Chirp.Window)));
    }

    /// <summary>The number in the two rows of cells, of which the second is the complement of the first.</summary>
    private static int Read(byte[] picture)
    {
        var number = 0;
        for (var bit = 0; bit < Timeline.Bits; bit++)
        {
            var (upper, lower) = (Mean(picture, bit, 0), Mean(picture, bit, 1));
            if (upper > 128 == lower > 128) return -1;
            if (upper > lower) number |= 1 << bit;
        }
        return number;
    }

    /// <summary>Of the middle of a cell, which no coding noise of its neighbours reaches.</summary>
    private static double Mean(byte[] picture, int column, int row)
    {
        const int left = Timeline.CellWidth * 3 / 10, right = Timeline.CellWidth * 7 / 10, top = Timeline.CellHeight * 3 / 10, bottom = Timeline.CellHeight * 7 / 10;
        var sum = 0;
        for (var y = row * Timeline.CellHeight + top; y < row * Timeline.CellHeight + bottom; y++)
            for (var x = column * Timeline.CellWidth + left; x < column * Timeline.CellWidth + right; x++) sum += picture[y * Width + x];
        return (double)sum / ((right - left) * (bottom - top));
    }
}
