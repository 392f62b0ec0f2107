using System.Diagnostics;

namespace Sluice.Bench;

/// <summary>How old the pictures are that one viewer gets, by their <see cref="Stamp"/>, within the window.</summary>
internal sealed class LatencyProbe(PlayWindow window)
{
    private readonly List<double?> _milliseconds = [];

    /// <summary>Read when the window has ended.</summary>
    public IEnumerable<double?> Milliseconds => _milliseconds;

    public void OnPicture(ReadOnlySpan<byte> body)
    {
        var now = Stopwatch.GetTimestamp();
        if (now >= window.Start && Stamp.Read(body) is { } sent) _milliseconds.Add((now - sent) * 1000.0 / Stopwatch.Frequency);
    }
}
