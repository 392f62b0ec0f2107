namespace Fixtures;

/// <summary>
/// The content that all encodes show: every picture carries its number, and the pitch of the sound tells the time.
/// </summary>
/// <remarks>
/// Pictures: a 16-bit number as 16 cells of 40 x 32 pixels in two rows, the second the complement of the first. Sound: a sine of
/// 400 + 20 t Hz. Both lie on content that is now busy and now calm, by rules without a period, so that the frame sizes of two encodes have something in
/// common, as those of a real show have.
/// </remarks>
public static class Timeline
{
    public const int Seconds = 60;

    /// <summary>25 pictures a second.</summary>
    public const int PictureMs = 40;

    public const int Width = 640;

    public const int Height = 360;

    public const int SampleRate = 48_000;

    /// <summary>Pitch of the sound at time 0, and what it rises by per second.</summary>
    public const double BaseHertz = 400, HertzPerSecond = 20;

    internal const int Bits = 16, CellWidth = 40, CellHeight = 32;

    internal static string VideoSource => $"testsrc2=s={Width}x{Height}:r={1000 / PictureMs}:d={Seconds},{Activity},{Number}";

    internal static string SoundSource =>
        $"aevalsrc='0.4*sin(2*PI*({BaseHertz}*t+{HertzPerSecond / 2}*t*t))+0.08*(random(0)*2-1)*{Gate("t*12.5", 4, 0.6)}+0.03*(random(1)*2-1)*{Gate("t*8", 5, 0.5)}':s={SampleRate}:d={Seconds}";

    private static string Activity =>
        $"noise=alls=14:allf=t:enable='{Gate("n/5", 1, 0.5)}',noise=alls=24:allf=t:enable='{Gate("n/7", 2, 0.6)}',noise=alls=40:allf=t:enable='{Gate("n/4", 3, 0.75)}'";

    private static string Number => string.Join(',', Enumerable.Range(0, Bits).SelectMany(Cells).Prepend($"drawbox=x=0:y=0:w={Bits * CellWidth}:h={2 * CellHeight}:color=black:t=fill"));

    private static IEnumerable<string> Cells(int bit)
    {
        yield return Cell(bit, 0, $"mod(floor(n/{1 << bit})\\,2)");
        yield return Cell(bit, 1, $"1-mod(floor(n/{1 << bit})\\,2)");
    }

    private static string Cell(int bit, int row, string when) =>
        $"drawbox=x={bit * CellWidth}:y={row * CellHeight}:w={CellWidth}:h={CellHeight}:color=white:t=fill:enable='{when}'";

    /// <summary>1 or 0, as a hash of the whole part of <paramref name="place"/> falls.</summary>
    private static string Gate(string place, int salt, double threshold) =>
        FormattableString.Invariant($"gt(mod(abs(sin(floor({place})*12.9898+{salt})*43758.5453)\\,1)\\,{threshold})");
}
