using System.Diagnostics.Metrics;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Control.Tests.Monitor;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new("test");
    private readonly PrometheusText _text;

    public PrometheusTextTests() => _text = new PrometheusText(_meter);

    public void Dispose()
    {
        _text.Dispose();
        _meter.Dispose();
    }

    [Theory]
    [InlineData("sluice.ingest.bytes", "By", "sluice_ingest_bytes_total")]
    [InlineData("sluice.work", "s", "sluice_work_seconds_total")]
    [InlineData("sluice.switch", "{switch}", "sluice_switch_total")]
    public void A_counter_has_its_unit_and_total(string name, string unit, string expected)
    {
        _meter.CreateCounter<long>(name, unit).Add(3);
        Assert.Contains($"# TYPE {expected} counter\n{expected} 3\n", _text.Collect());
    }

    [Theory]
    [InlineData("sluice.source.lag", "s", "sluice_source_lag_seconds")]
    [InlineData("sluice.source.frames", "{frame}/s", "sluice_source_frames_per_second")]
    [InlineData("sluice.source.loss", "1", "sluice_source_loss_ratio")]
    [InlineData("sluice.clients", "{client}", "sluice_clients")]
    public void A_gauge_has_its_unit(string name, string unit, string expected)
    {
        _meter.CreateObservableGauge(name, () => 0.25, unit, "What it is.");
        Assert.Contains($"# HELP {expected} What it is.\n# TYPE {expected} gauge\n{expected} 0.25\n", _text.Collect());
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        _meter.CreateCounter<long>("c").Add(1, new KeyValuePair<string, object?>("stream.name", "a\"b\\c\nd"));
        Assert.Contains("""c_total{stream_name="a\"b\\c\nd"} 1""" + "\n", _text.Collect());
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_sum_and_count()
    {
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] };
        var histogram = _meter.CreateHistogram("gap", "s", null, advice: advice);
        foreach (var value in new[] { 0.05, 0.1, 0.5, 7 }) histogram.Record(value, new KeyValuePair<string, object?>("stream", "x"));
        Assert.Contains("""
            # TYPE gap_seconds histogram
            gap_seconds_bucket{stream="x",le="0.1"} 2
            gap_seconds_bucket{stream="x",le="1"} 3
            gap_seconds_bucket{stream="x",le="+Inf"} 4
            gap_seconds_sum{stream="x"} 7.65
            gap_seconds_count{stream="x"} 4

            """, _text.Collect());
    }

    [Fact]
    public void What_is_gone_is_not_shown_any_more_but_counters_stay()
    {
        var streams = new List<string> { "a", "b" };
        _meter.CreateObservableGauge("state", () => streams.Select(name => new Measurement<int>(1, new KeyValuePair<string, object?>("stream", name))));
        var counter = _meter.CreateCounter<long>("events");
        counter.Add(1);
        Assert.Contains("state{stream=\"b\"} 1", _text.Collect());
        streams.Remove("b");
        counter.Add(1);
        var text = _text.Collect();
        Assert.DoesNotContain("stream=\"b\"", text);
        Assert.Contains("events_total 2\n", text);
    }

    [Fact]
    public void Series_are_bounded()
    {
        var counter = _meter.CreateCounter<long>("c");
        for (var i = 0; i < 3000; i++) counter.Add(1, new KeyValuePair<string, object?>("stream", i));
        Assert.Contains("c_total{otel_metric_overflow=\"true\"} 1000\n", _text.Collect());
    }

    [Fact]
    public void The_runtimes_own_instruments_are_there() => Assert.Matches(@"dotnet_process_memory_working_set_bytes \d+", _text.Collect());

    [Fact]
    public void Another_servers_meter_is_not_shown()
    {
        using var other = new Meter("test");
        other.CreateCounter<long>("theirs").Add(1);
        Assert.DoesNotContain("theirs", _text.Collect());
    }

    [Fact]
    public void A_switch_is_counted_with_cause_and_mode_and_its_gap()
    {
        using var metrics = new Metrics(TimeProvider.System);
        using var text = new PrometheusText(metrics.Meter);
        var entry = new JournalEntry { Time = default, Stream = "live/show", Kind = "switch", Reason = "silent", Method = "keyframe", GapMs = 120, DetectMs = 400 };
        metrics.Count(entry);
        metrics.Count(entry with { Kind = "start" });
        var shown = text.Collect();
        Assert.Contains("sluice_switch_total{stream=\"live/show\",cause=\"silent\",mode=\"keyframe\"} 1\n", shown);
        Assert.Contains("sluice_switch_gap_seconds_bucket{stream=\"live/show\",le=\"0.15\"} 1\n", shown);
        Assert.Contains("sluice_switch_detection_seconds_sum{stream=\"live/show\"} 0.4\n", shown);
    }
}
