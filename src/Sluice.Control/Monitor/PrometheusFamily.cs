using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Sluice.Control.Monitor;

/// <summary>All series of one instrument: a counter, a gauge or a histogram, as the instrument's kind says.</summary>
/// <remarks>Used under its owner's lock. Where labels multiply beyond <see cref="MaxSeries"/>, the rest is summed in one series, as OpenTelemetry does.</remarks>
internal sealed class PrometheusFamily
{
    private const int MaxSeries = 2000;
    private const string Overflow = "otel_metric_overflow=\"true\"";

    private static readonly double[] DefaultBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Dictionary<string, Series> _series = [];
    private readonly string? _description;
    private readonly string _type;
    private readonly bool _isObserved;
    private readonly bool _isSummed;
    private readonly double[]? _bounds;

    public PrometheusFamily(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        var isCounter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        if (kind == typeof(Histogram<>)) _bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBounds;
        _isObserved = instrument.IsObservable;
        _isSummed = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        _type = isCounter ? "counter" : _bounds is null ? "gauge" : "histogram";
        _description = instrument.Description;
        Name = NameOf(instrument, isCounter);
    }

    public string Name { get; }

    /// <summary>What is read on demand is read anew: a stream that has gone has no series any more.</summary>
    public void BeginCollection()
    {
        if (_isObserved) _series.Clear();
    }

    public void Record(double value, string labels)
    {
        if (!_series.TryGetValue(labels, out var series))
        {
            if (_series.Count >= MaxSeries) labels = Overflow;
            if (!_series.TryGetValue(labels, out series)) _series[labels] = series = new Series(_bounds is null ? null : new long[_bounds.Length]);
        }
        series.Count++;
        series.Value = _isSummed || _bounds is not null || labels == Overflow ? series.Value + value : value;
        for (var i = 0; i < _bounds?.Length; i++)
        {
            if (value <= _bounds[i]) series.Buckets![i]++;
        }
    }

    public void Write(StringBuilder text)
    {
        if (_series.Count == 0) return;
        if (_description is not null) text.Append("# HELP ").Append(Name).Append(' ').Append(_description.Replace("\\", @"\\").Replace("\n", "\\n")).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_type).Append('\n');
        foreach (var (labels, series) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (_bounds is null) Line(text, "", labels, series.Value);
            else WriteHistogram(text, labels, series);
        }
    }

    private void WriteHistogram(StringBuilder text, string labels, Series series)
    {
        var before = labels.Length > 0 ? labels + "," : "";
        for (var i = 0; i < _bounds!.Length; i++) Line(text, "_bucket", $"{before}le=\"{_bounds[i].ToString(CultureInfo.InvariantCulture)}\"", series.Buckets![i]);
        Line(text, "_bucket", before + "le=\"+Inf\"", series.Count);
        Line(text, "_sum", labels, series.Value);
        Line(text, "_count", labels, series.Count);
    }

    private void Line(StringBuilder text, string suffix, string labels, double value)
    {
        text.Append(Name).Append(suffix);
        if (labels.Length > 0) text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string NameOf(Instrument instrument, bool isCounter)
    {
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "By/s" => "_bytes_per_second",
            "1" when !isCounter => "_ratio",
            { } rate when rate.EndsWith("}/s", StringComparison.Ordinal) => "_per_second",
            _ => "",
        };
        if (!name.EndsWith(unit, StringComparison.Ordinal)) name += unit;
        return isCounter && !name.EndsWith("_total", StringComparison.Ordinal) ? name + "_total" : name;
    }

    private sealed class Series(long[]? buckets)
    {
        public long Count { get; set; }

        public double Value { get; set; }

        public long[]? Buckets => buckets;
    }
}
