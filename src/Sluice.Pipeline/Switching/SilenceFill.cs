using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// Puts silence on the sound's grid while the source that is on sends pictures and no sound: players wait for both tracks.
/// </summary>
/// <remarks>
/// <code>
///   pictures  … d        silence goes up to d − patience; sound that comes back is put behind it,
///   sound     … s ─────┤ and what is still missing before that is silence too
/// </code>
/// Sound that comes later than its pictures by more than the patience is not missing but late: from then on it is waited for that long. Holds the silence until disposed.
/// </remarks>
internal sealed class SilenceFill(OutputTime output) : IDisposable
{
    /// <summary>How far sound may be behind the pictures before it is missing, and how much more than the latest it is given, in milliseconds.</summary>
    private const long LeastPatience = 600, MostPatience = 5000, Margin = 200;

    /// <summary>Half a frame of sound, roughly.</summary>
    private const long Tolerance = 9;

    private SilentSound? _silence;
    private long _patience = LeastPatience;
    private long _picture;
    private bool _isOn;

    /// <summary>The sound is configured by <paramref name="header"/> from here on. There is no silence for some codecs.</summary>
    public void SetFormat(in Frame header)
    {
        _silence?.Release();
        _silence = SilentSound.For(header, out _);
    }

    /// <summary>Up to where silence belongs beside a picture at <paramref name="dts"/>, if no sound is to come for that; null: nowhere.</summary>
    public long? Beside(long dts)
    {
        _picture = dts;
        return _silence is not null && dts - output.NextSound > _patience ? dts - _patience : null;
    }

    /// <summary>Up to where silence belongs before sound that would be at <paramref name="time"/>; null: nowhere.</summary>
    public long? Before(long time)
    {
        if (!_isOn) return null;
        if (time < output.NextSound - Tolerance)
        {
            _patience = Math.Clamp(_picture - time + Margin, _patience, MostPatience);
            return null;
        }
        _isOn = false;
        return time - Tolerance;
    }

    /// <summary>The next frame of silence before <paramref name="until"/>.</summary>
    public bool TryNext(long until, out Frame frame)
    {
        frame = default;
        if (_silence is null || output.NextSound is not { } next || next >= until) return false;
        _isOn = true;
        return output.TryStampSilence(_silence.At(next), out frame);
    }

    public void Dispose()
    {
        _silence?.Release();
        _silence = null;
    }
}
