namespace Sluice.Pipeline.Alignment;

/// <summary>What a search for the lag between two sources found.</summary>
/// <param name="Lag">Peer time − source time of the same picture, in milliseconds.</param>
/// <param name="Score">How far it stands out of chance, in standard deviations.</param>
/// <param name="Ratio">Its score against that of the best other lag.</param>
/// <param name="IsExact">Whether it was found to the frame, by pictures; else to some milliseconds, by sound.</param>
internal readonly record struct Fit(double Lag, double Score, double Ratio, bool IsExact)
{
    private const double LeastScore = 6;
    private const double LeastRatio = 1.3;

    /// <summary>Whether it may be believed once it has been found again.</summary>
    public bool IsGood => Score >= LeastScore && Ratio >= LeastRatio;

    /// <summary>0 to 1.</summary>
    public double Confidence => Math.Max(0, 1 - Math.Exp((2 - Score) / 4)) * (IsExact ? 1 : 0.8);
}
