namespace Sluice.Pipeline.Output.Hls;

/// <summary>How far the segments' numbers are ahead of their slots, from where on the time line: one more behind each cut that could not wait for its slot.</summary>
/// <remarks>Bounded: what lies behind the last <see cref="MostKept"/> steps is packaged no more.</remarks>
internal sealed class NumberLead
{
    private const int MostKept = 1000;

    private readonly List<(long Dts, long Lead)> _steps = [];

    public long At(long dts)
    {
        for (var i = _steps.Count - 1; i >= 0; i--)
            if (_steps[i].Dts <= dts) return _steps[i].Lead;
        return 0;
    }

    /// <summary>From <paramref name="dts"/> on it is <paramref name="lead"/>, if that is more than before.</summary>
    public void Reach(long dts, long lead)
    {
        if (lead <= At(dts) || (_steps.Count > 0 && _steps[^1].Dts > dts)) return;
        _steps.Add((dts, lead));
        if (_steps.Count > MostKept) _steps.RemoveAt(0);
    }
}
