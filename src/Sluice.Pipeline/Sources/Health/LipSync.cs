using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources.Health;

/// <summary>Watches how far a source's sound and pictures are apart where they arrive, against what they were at first: two clocks that drift.</summary>
/// <remarks>Milliseconds.</remarks>
internal sealed class LipSync
{
    /// <summary>A drift beyond this is seen.</summary>
    public const double Most = 300;

    private const int Baseline = 50;
    private const double Smoothing = 1.0 / 16;

    /// <summary>A track that paused longer than this is another detector's business.</summary>
    private const long Pause = 300;

    private long _lastPicture = -1;
    private long _lastSound = -1;
    private long _soundDts;
    private int _samples;
    private double _usual;
    private double _skew;

    /// <summary>How much further apart they are than at first, positive where the pictures lead.</summary>
    public double Drift => _samples < Baseline ? 0 : _skew - _usual;

    public void OnFrame(in Frame frame, long now)
    {
        if (frame.Kind == TrackKind.Audio)
        {
            (_lastSound, _soundDts) = (now, frame.Dts);
            return;
        }
        var together = _lastSound >= 0 && now - _lastSound <= Pause && now - _lastPicture <= Pause;
        _lastPicture = now;
        if (!together) return;
        var skew = (double)(frame.Dts - _soundDts);
        _skew = _samples == 0 ? skew : _skew + (skew - _skew) * Smoothing;
        if (_samples < Baseline) _usual += (skew - _usual) / ++_samples;
    }

    public void Clear() => (_samples, _usual, _skew, _lastPicture, _lastSound) = (0, 0, 0, -1, -1);
}
