namespace Pipeline.Tests.Alignment;

/// <summary>What a show does to the sizes of frames: how much happens in picture and sound at each of its times.</summary>
public sealed class Programme(int seed)
{
    private const int PictureMs = 40;
    private const int SoundMs = 20;

    /// <summary>Until then nothing moves and nothing is heard.</summary>
    public long StillUntil { get; init; }

    public double PictureAt(double time) => time < StillUntil ? 0 : 0.5 * Noise(1, time / PictureMs) + 0.6 * Noise(2, time / 700) + (Uniform(3, (long)Math.Floor(time / PictureMs)) < 0.02 ? 1.5 : 0);

    public double SoundAt(double time) => time < StillUntil ? 0 : 0.12 * Noise(4, time / SoundMs) + 0.15 * Noise(5, time / 200);

    public double Jitter(int encoder, long frame) => Gauss(100 + encoder, frame);

    /// <summary>Random, one value for each whole number, straight lines between.</summary>
    private double Noise(int kind, double place)
    {
        var below = (long)Math.Floor(place);
        var part = place - below;
        return Gauss(kind, below) * (1 - part) + Gauss(kind, below + 1) * part;
    }

    private double Gauss(int kind, long n) => Uniform(kind, 4 * n) + Uniform(kind, 4 * n + 1) + Uniform(kind, 4 * n + 2) + Uniform(kind, 4 * n + 3) - 2;

    private double Uniform(int kind, long n)
    {
        var x = (ulong)n * 0x9E3779B97F4A7C15 + (ulong)(seed * 1000 + kind) * 0xD1B54A32D192ED03;
        x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
        x = (x ^ x >> 27) * 0x94D049BB133111EB;
        return ((x ^ x >> 31) >> 11) / (double)(1UL << 53);
    }
}
