using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Sluice.Control.Monitor;

/// <summary>
/// Shows the instruments of a meter, and the runtime's own, as Prometheus text (exposition format 0.0.4). Names follow OpenTelemetry's rules: dots become
/// <c>_</c>, the unit is appended, and <c>_total</c> to counters.
/// </summary>
/// <remarks>
/// Listens from its construction on: events counted before that are not seen. Safe from any thread. <c>_gate</c> is held for dictionary work only, never
/// while instruments are read: those take the locks of streams, under which events are counted.
/// </remarks>
public sealed class PrometheusText : IDisposable
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private const string RuntimeMeter = "System.Runtime";

    private readonly Lock _collecting = new();
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, PrometheusFamily> _families = new(StringComparer.Ordinal);

    public PrometheusText(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter) || instrument.Meter.Name == RuntimeMeter) listener.EnableMeasurementEvents(instrument, FamilyOf(instrument));
        };
        _listener.SetMeasurementEventCallback<int>((_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<long>((_, value, tags, family) => Record(value, tags, family));
        _listener.SetMeasurementEventCallback<double>((_, value, tags, family) => Record(value, tags, family));
        _listener.Start();
    }

    /// <summary>Reads everything that is read on demand, and writes it all.</summary>
    public string Collect()
    {
        lock (_collecting)
        {
            lock (_gate)
            {
                foreach (var family in _families.Values) family.BeginCollection();
            }
            _listener.RecordObservableInstruments();
            var text = new StringBuilder(16 << 10);
            lock (_gate)
            {
                foreach (var family in _families.Values) family.Write(text);
            }
            return text.ToString();
        }
    }

    public void Dispose() => _listener.Dispose();

    private PrometheusFamily FamilyOf(Instrument instrument)
    {
        lock (_gate)
        {
            var family = new PrometheusFamily(instrument);
            if (!_families.TryAdd(family.Name, family)) family = _families[family.Name];
            return family;
        }
    }

    private void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? family)
    {
        var labels = Labels(tags);
        lock (_gate) ((PrometheusFamily)family!).Record(value, labels);
    }

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0) text.Append(',');
            text.Append(name.Replace('.', '_')).Append("=\"");
            foreach (var character in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                text.Append(character switch { '\\' => @"\\", '"' => "\\\"", '\n' => "\\n", _ => character.ToString() });
            text.Append('"');
        }
        return text.ToString();
    }
}
