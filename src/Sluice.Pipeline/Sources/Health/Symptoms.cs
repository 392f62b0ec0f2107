using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.Sources.Health;

/// <summary>How bad a symptom is: nothing, a doubt, or a failure.</summary>
internal enum Severity { None, Doubt, Failure }

/// <summary>
/// Finds what is wrong with a source that still sends something: a track is missing, time stands still or is too slow, keyframes do not come, the clock
/// is set again and again, sound and pictures drift apart, pictures become few.
/// </summary>
/// <remarks>
/// <code>
///                         doubt                     failure
///   a track is missing    300 ms                    1 s
///   rate below 0.7        at once (over 1 s)        after 1 s more
///   keyframe interval     2 × usual                 4 × usual
///   clock set             for 1 s                   3 times in 10 s
///   drift over 300 ms     at once                   after 3 s
///   fewer pictures        CUSUM alarm               after 3 s
/// </code>
/// Used under the stream's lock; allocates nothing. Milliseconds.
/// </remarks>
internal sealed class Symptoms
{
    private const long MissingDoubt = 300;
    private const long MissingFailure = 1000;
    private const long SlowFailure = 1000;
    private const double LateKeyframe = 2;
    private const double NoKeyframe = 4;
    private const long JumpDoubt = 1000;
    private const long JumpMemory = 10_000;
    private const long DriftFailure = 3000;
    private const int FewFailure = 3;
    private const long CountingTime = 1000;

    /// <summary>Of the usual rate: half of a drop by 8 %, and 6 pictures of 25.</summary>
    private readonly LowSum _few = new(slack: 0.04, limit: 0.24);
    private readonly Progress _progress = new();
    private readonly LipSync _lipSync = new();
    private readonly long[] _jumps = new long[3];
    private long _jumpCount;
    private long _lastVideo = -1;
    private long _lastSound = -1;
    private long _driftSince = -1;
    private long _countedFrom = -1;
    private int _counted;

    public double Rate => _progress.Rate;

    public double Drift => _lipSync.Drift;

    /// <summary>Pictures a second lately, as a part of the usual.</summary>
    public double PictureShare { get; private set; } = 1;

    /// <summary>How often the clock was set within the last ten seconds.</summary>
    public int Jumps(long now)
    {
        var count = 0;
        for (var i = 0; i < Math.Min(_jumpCount, _jumps.Length); i++)
            if (now - _jumps[i] < JumpMemory) count++;
        return count;
    }

    public void OnFrame(in Frame frame, long now, long newest)
    {
        if (frame.Kind == TrackKind.Video)
        {
            _lastVideo = now;
            CountPicture(frame.Dts);
        }
        else _lastSound = now;
        _progress.OnArrival(now, newest);
        _lipSync.OnFrame(frame, now);
        if (Math.Abs(_lipSync.Drift) <= LipSync.Most) _driftSince = -1;
        else if (_driftSince < 0) _driftSince = now;
    }

    public void OnJump(long now) => _jumps[_jumpCount++ % _jumps.Length] = now;

    /// <summary>This machine did not run for <paramref name="excused"/>.</summary>
    public void Excuse(long now, long excused)
    {
        _lastVideo = Math.Min(now, _lastVideo + (_lastVideo >= 0 ? excused : 0));
        _lastSound = Math.Min(now, _lastSound + (_lastSound >= 0 ? excused : 0));
        _progress.Excuse(excused);
    }

    /// <summary>The worst there is.</summary>
    /// <param name="hasVideo">Whether pictures are to be expected, seen yet or not.</param>
    /// <param name="patience">How long the source may be silent altogether.</param>
    public (Symptom What, Severity Severity) Worst(long now, bool hasVideo, long patience, PictureRhythm rhythm)
    {
        var worst = (What: Symptom.None, Severity: Severity.None);
        var arrived = Math.Max(_lastVideo, _lastSound);
        if (hasVideo) Consider(ref worst, Symptom.NoPictures, Missing(arrived, _lastVideo, patience));
        Consider(ref worst, _progress.IsStalled ? Symptom.Stall : Symptom.Slow, Lasting(_progress.SlowFor > 0, _progress.SlowFor, SlowFailure));
        Consider(ref worst, Symptom.NoSound, Missing(arrived, _lastSound, patience));
        var late = rhythm.KeyframeDelay;
        Consider(ref worst, Symptom.NoKeyframes, late > NoKeyframe ? Severity.Failure : late > LateKeyframe ? Severity.Doubt : Severity.None);
        var jumps = Jumps(now);
        Consider(ref worst, Symptom.Jumps, jumps >= _jumps.Length ? Severity.Failure : jumps > 0 && now - _jumps[(_jumpCount - 1) % _jumps.Length] < JumpDoubt ? Severity.Doubt : Severity.None);
        Consider(ref worst, Symptom.Drift, Lasting(_driftSince >= 0, now - _driftSince, DriftFailure));
        Consider(ref worst, Symptom.FewPictures, Lasting(_few.Alarmed > 0, _few.Alarmed, FewFailure));
        return worst;
    }

    /// <summary>A new session, or the source has been silent: what was measured before says nothing.</summary>
    public void Restart(long now, bool isNewSession)
    {
        _progress.Clear();
        _lipSync.Clear();
        _driftSince = _countedFrom = -1;
        if (_lastVideo >= 0) _lastVideo = now;
        if (_lastSound >= 0) _lastSound = now;
        if (!isNewSession) return;
        _lastVideo = now;
        _lastSound = -1;
        _jumpCount = 0;
        PictureShare = 1;
        _few.Clear();
    }

    private static void Consider(ref (Symptom What, Severity Severity) worst, Symptom what, Severity severity)
    {
        if (severity > worst.Severity) worst = (what, severity);
    }

    /// <summary>How long the other track has come without this one; where nothing comes at all, nothing is missing but everything silent.</summary>
    private static Severity Missing(long arrived, long last, long patience) =>
        last < 0 ? Severity.None
        : arrived - last > Math.Max(MissingFailure, patience) ? Severity.Failure
        : arrived - last > Math.Max(MissingDoubt, patience / 2) ? Severity.Doubt
        : Severity.None;

    private static Severity Lasting(bool isThere, long lasted, long failure) =>
        !isThere ? Severity.None : lasted >= failure ? Severity.Failure : Severity.Doubt;

    /// <summary>Per second of the pictures' own time: neither the network nor a busy machine changes that.</summary>
    private void CountPicture(long dts)
    {
        if (_countedFrom < 0 || dts - _countedFrom > 3 * CountingTime) (_countedFrom, _counted) = (dts, 0);
        else _counted++;
        var span = dts - _countedFrom;
        if (span < CountingTime) return;
        _few.Add(_counted * 1000.0 / span);
        PictureShare = _counted * 1000.0 / span / _few.Usual;
        (_countedFrom, _counted) = (dts, 0);
    }
}
