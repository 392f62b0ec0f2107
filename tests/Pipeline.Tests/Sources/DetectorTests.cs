using Sluice.Pipeline.Sources.Health;

namespace Pipeline.Tests.Sources;

/// <summary>The detectors of health against reference values and plain cases.</summary>
public sealed class DetectorTests
{
    [Theory]
    [InlineData(20, 40, 20, 0.075)]
    [InlineData(40, 40, 20, 0.301)]
    [InlineData(80, 40, 20, 1.6428)]
    [InlineData(140, 40, 20, 7.2999)]
    [InlineData(160, 40, 20, 10.7826)]
    [InlineData(900, 1000, 100, 0.075)]
    [InlineData(1600, 1000, 100, 10.7826)]
    public void Phi_is_that_of_the_reference(double silent, double mean, double deviation, double phi) =>
        Assert.Equal(phi, PhiAccrual.Phi(silent, mean, deviation), 0.0006);

    [Fact]
    public void Phi_knows_a_source_that_comes_in_bursts_from_one_that_comes_evenly()
    {
        var (even, bursts) = (new PhiAccrual(), new PhiAccrual());
        for (var i = 0; i < 3000; i++) even.Add(i % 2 == 0 ? 20 : 0);
        for (var i = 0; i < 3000; i++) bursts.Add(i % 20 == 0 ? 500 : 1);
        Assert.True(even.Of(400) >= PhiAccrual.Threshold);
        Assert.True(bursts.Of(450) < PhiAccrual.Threshold);
        Assert.True(bursts.Of(800) >= PhiAccrual.Threshold);
    }

    [Fact]
    public void The_low_sum_is_that_of_the_reference_and_alarms_at_the_second_bad_sample()
    {
        double[] samples = [25, 25, 24, 26, 25, 25, 20, 19, 20, 18, 20, 21];
        double[] sums = [0, 0, 0, 0, 0, 0, 4, 9, 13, 19, 23, 26];
        var sum = new LowSum(slack: 1.0 / 25, limit: 6.0 / 25);
        sum.SetUsual(25);
        for (var i = 0; i < samples.Length; i++)
        {
            sum.Add(samples[i]);
            Assert.Equal(sums[i], sum.Sum, 0.3);
            Assert.Equal(i >= 7, sum.Alarmed > 0);
        }
    }

    [Fact]
    public void A_lasting_lower_rate_becomes_the_usual_one_in_the_end()
    {
        var sum = new LowSum(slack: 0.04, limit: 0.24);
        for (var i = 0; i < 20; i++) sum.Add(30);
        for (var i = 0; i < 10; i++) sum.Add(15);
        Assert.True(sum.Alarmed > 0);
        for (var i = 0; i < 70; i++) sum.Add(15);
        Assert.Equal(0, sum.Alarmed);
        Assert.Equal(15, sum.Usual, 0.5);
    }

    [Fact]
    public void A_rate_below_real_time_is_slow_and_a_burst_behind_a_silence_is_not()
    {
        var progress = new Progress();
        for (long now = 0; now <= 5000; now += 20) progress.OnArrival(now, now);
        Assert.Equal(0, progress.SlowFor);
        for (long now = 7000; now <= 8000; now += 20) progress.OnArrival(now, Math.Min(now, 5000 + (now - 7000) * 30));
        Assert.Equal(0, progress.SlowFor);
        for (long now = 8020; now <= 11_000; now += 20) progress.OnArrival(now, 8000 + (now - 8000) / 2);
        Assert.InRange(progress.Rate, 0.45, 0.55);
        Assert.InRange(progress.SlowFor, 1500, 2900);
        Assert.False(progress.IsStalled);
    }

    [Fact]
    public void Each_failure_within_minutes_doubles_the_penalty_up_to_a_limit_and_time_heals()
    {
        var penalty = new FlapPenalty();
        List<long> seen = [];
        for (long now = 0; now < 8 * 60_000; now += 60_000)
        {
            penalty.Count(now);
            seen.Add(penalty.Of(now) / 1000);
        }
        Assert.Equal([0, 10, 20, 40, 80, 160, 300, 300], seen);
        Assert.Equal(0, penalty.Of(20 * 60_000));
    }
}
