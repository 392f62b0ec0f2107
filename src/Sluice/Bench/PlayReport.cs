using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sluice.Bench;

/// <summary>Two points of a distribution, in milliseconds; null where nothing was measured.</summary>
internal sealed record Spread(double? P50, double? P99)
{
    public static Spread Of(IEnumerable<double?> values)
    {
        var sorted = values.OfType<double>().Order().ToArray();
        return sorted.Length == 0 ? new Spread(null, null) : new Spread(At(sorted, 0.50), At(sorted, 0.99));
    }

    public override string ToString() => P50 is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"p50 {P50:0.0} ms, p99 {P99:0.0} ms");

    private static double At(double[] sorted, double part) => Math.Round(sorted[(int)Math.Ceiling(part * sorted.Length) - 1], 1);
}

/// <summary>What the viewers of one measurement saw in its window.</summary>
/// <param name="KeepUp">Viewers that got at least nine tenths of the median rate.</param>
/// <param name="LatencyMs">From a picture's <see cref="Stamp"/> to its arrival; null without probes.</param>
/// <param name="LostBecause">Why connections were lost, each reason with its number.</param>
internal sealed record PlayReport(
    int Viewers, double Seconds, long Bytes, double Mbps, double MedianKbps, int KeepUp, int Lost, Spread FirstByteMs, Spread FirstKeyframeMs, Spread LongestGapMs, Spread? LatencyMs,
    IReadOnlyDictionary<string, int> LostBecause, UsedByServer? Server)
{
    private const double EnoughOfMedian = 0.9;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [JsonIgnore]
    public bool AllKeepUp => KeepUp == Viewers;

    public static PlayReport Of(Viewer[] viewers, IReadOnlyCollection<LatencyProbe> probes, TimeSpan length, Func<long, UsedByServer?> server)
    {
        var standing = viewers.Where(viewer => viewer.Lost is null).ToArray();
        var bytes = viewers.Sum(viewer => viewer.WindowBytes);
        var median = viewers.Select(viewer => viewer.WindowBytes).Order().ElementAt(viewers.Length / 2);
        return new PlayReport(
            viewers.Length, length.TotalSeconds, bytes, Math.Round(bytes * 8 / length.TotalSeconds / 1e6, 3), Math.Round(median * 8 / length.TotalSeconds / 1e3, 1),
            standing.Count(viewer => viewer.WindowBytes > 0 && viewer.WindowBytes >= EnoughOfMedian * median), viewers.Length - standing.Length,
            Spread.Of(viewers.Select(viewer => viewer.FirstByte)), Spread.Of(viewers.Select(viewer => viewer.FirstKeyframe)),
            Spread.Of(standing.Select(viewer => (double?)viewer.LongestGap)), probes.Count == 0 ? null : Spread.Of(probes.SelectMany(probe => probe.Milliseconds)),
            viewers.Where(viewer => viewer.Lost is not null).CountBy(viewer => viewer.Lost!).ToDictionary(), server(bytes));
    }

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    public override string ToString()
    {
        var text = new StringBuilder();
        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
        Line($"viewers         {Viewers}, {KeepUp} keep up, {Lost} lost");
        Line($"received        {Bytes} bytes in {Seconds:0.#} s: {Mbps:0.000} Mbit/s, median {MedianKbps:0.0} kbit/s a viewer");
        Line($"first byte      {FirstByteMs}");
        Line($"first keyframe  {FirstKeyframeMs}");
        Line($"longest gap     {LongestGapMs}");
        if (LatencyMs is not null) Line($"latency         {LatencyMs}");
        if (Server is not null) Line($"server          {Server.CpuSecondsPerGb:0.000} CPU s/GB, {Server.CpuPercent:0.0} % of a core, {Server.RssMb:0.0} MB, {Server.RssKbPerViewer:0.0} KB a viewer");
        foreach (var (reason, count) in LostBecause) Line($"lost            {count}: {reason}");
        return text.ToString();
    }
}
