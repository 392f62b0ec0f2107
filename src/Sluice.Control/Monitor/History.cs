using Sluice.Pipeline;
using Sluice.Pipeline.Alignment;

namespace Sluice.Control.Monitor;

/// <summary>How the sources of one stream were in the last ten minutes: one sample a second, for pages that are opened later.</summary>
/// <remarks>A ring of fixed size, about 12 KB for each source. Used under the lock of <see cref="LiveFeed"/>.</remarks>
internal sealed class History
{
    /// <summary>Samples that are kept: ten minutes.</summary>
    public const int Capacity = 600;

    private readonly long[] _time = new long[Capacity];
    private readonly int[] _viewers = new int[Capacity];
    private readonly sbyte[] _active = new sbyte[Capacity];
    private readonly SourceColumns[] _sources;
    private long _count;

    public History(IReadOnlyList<SourceSnapshot> sources) => _sources = [.. sources.Select(source => new SourceColumns(source.Name))];

    public void Add(StreamSnapshot stream, DateTimeOffset time)
    {
        var at = (int)(_count++ % Capacity);
        _time[at] = time.ToUnixTimeMilliseconds();
        _viewers[at] = stream.Viewers.Total();
        _active[at] = -1;
        for (var n = 0; n < _sources.Length && n < stream.Sources.Count; n++)
        {
            if (stream.Sources[n].Active) _active[at] = (sbyte)n;
            _sources[n].Set(at, stream.Sources[n]);
        }
    }

    /// <summary>The newest samples, oldest first, column by column.</summary>
    /// <param name="stream"><c>app/name</c>.</param>
    public SampleColumns Newest(string stream, int most)
    {
        var length = (int)Math.Min(Math.Min(most, Capacity), _count);
        var places = new int[length];
        for (var n = 0; n < length; n++) places[n] = (int)((_count - length + n) % Capacity);
        return new SampleColumns(stream, Pick(_time, places), [.. places.Select(place => _active[place] < 0 ? null : _sources[_active[place]].Name)], Pick(_viewers, places),
            [.. _sources.Select(source => source.Pick(places))]);
    }

    private static T[] Pick<T>(T[] column, int[] places) => Array.ConvertAll(places, place => column[place]);

    private sealed class SourceColumns(string name)
    {
        private readonly float[] _fps = new float[Capacity];
        private readonly float[] _offset = new float[Capacity];
        private readonly int[] _kbps = new int[Capacity];
        private readonly int[] _lag = new int[Capacity];
        private readonly byte[] _score = new byte[Capacity];

        public string Name => name;

        public void Set(int at, SourceSnapshot source)
        {
            _score[at] = (byte)source.Score;
            _fps[at] = (float)source.Fps;
            _kbps[at] = (int)source.Kbps;
            _lag[at] = source.LagMs;
            _offset[at] = source.Alignment is { Method: not AlignmentMethod.Arrival } alignment ? (float)alignment.OffsetMs : float.NaN;
        }

        public SourceSamples Pick(int[] places) => new(name, History.Pick(_score, places).Select(score => (int)score).ToArray(), [.. places.Select(place => Math.Round(_fps[place], 1))],
            History.Pick(_kbps, places), History.Pick(_lag, places), [.. places.Select(place => float.IsNaN(_offset[place]) ? (double?)null : Math.Round(_offset[place], 1))]);
    }
}

/// <summary>Samples of one stream, one a second, oldest first; all columns have the same length.</summary>
/// <param name="Stream"><c>app/name</c>.</param>
/// <param name="Time">Milliseconds since 1970.</param>
/// <param name="Active">The source that was on; null: none.</param>
/// <param name="Viewers">How many watched.</param>
public sealed record SampleColumns(string Stream, IReadOnlyList<long> Time, IReadOnlyList<string?> Active, IReadOnlyList<int> Viewers, IReadOnlyList<SourceSamples> Sources);

/// <summary>The columns of one source; what they mean is said at <c>SourceSnapshot</c>.</summary>
/// <param name="OffsetMs">Of its alignment; null while that is unknown, or guessed from when frames arrive.</param>
public sealed record SourceSamples(string Name, IReadOnlyList<int> Score, IReadOnlyList<double> Fps, IReadOnlyList<int> Kbps, IReadOnlyList<int> LagMs, IReadOnlyList<double?> OffsetMs);
