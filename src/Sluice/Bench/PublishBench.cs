using System.Globalization;
using Sluice.Wire.Rtmp;

namespace Sluice.Bench;

/// <summary>What publishers of one load did.</summary>
/// <param name="LatestMs">The longest that any frame was sent late: it says whether this machine could pace the load.</param>
internal sealed record PublishReport(int Publishers, int Lost, double MedianKbps, double LatestMs, IReadOnlyDictionary<string, int> LostBecause)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"publishers      {Publishers}, {Lost} lost; median {MedianKbps:0.0} kbit/s each, latest frame by {LatestMs:0.0} ms\n")
        + string.Concat(LostBecause.Select(lost => $"lost            {lost.Value}: {lost.Key}\n"));
}

/// <summary>A number of publishers of the same file.</summary>
internal static class PublishBench
{
    /// <summary>Between the first connections of two publishers, so that their frames are not all due at once.</summary>
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(13);

    /// <summary>Publishes until <paramref name="stop"/>, or until all are lost.</summary>
    /// <param name="stamps">Each picture says when it was sent.</param>
    /// <param name="count">One: to <paramref name="url"/>; more: to its name with -1, -2, … behind it.</param>
    public static async Task<PublishReport> RunAsync(FlvLoop loop, RtmpUrl url, int count, bool stamps, CancellationToken stop)
    {
        var publishers = Enumerable.Range(1, count).Select(number => new LoopPublisher(count == 1 ? url : Numbered(url, number), loop, stamps)).ToArray();
        await Task.WhenAll(publishers.Select(async (publisher, index) =>
        {
            await Task.Delay(index * Apart, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await publisher.RunAsync(stop);
        }));
        var rates = publishers.Select(publisher => publisher.Elapsed > TimeSpan.Zero ? publisher.Bytes * 8 / publisher.Elapsed.TotalMilliseconds : 0).Order().ToArray();
        var lost = publishers.Where(publisher => publisher.Lost is not null).ToArray();
        return new PublishReport(count, lost.Length, rates[count / 2], publishers.Max(publisher => publisher.Latest).TotalMilliseconds,
            lost.CountBy(publisher => publisher.Lost!).ToDictionary());
    }

    private static RtmpUrl Numbered(RtmpUrl url, int number)
    {
        var query = url.Name.IndexOf('?');
        return url with { Name = query < 0 ? $"{url.Name}-{number}" : $"{url.Name[..query]}-{number}{url.Name[query..]}" };
    }
}
