using Sluice.Pipeline;
using Sluice.Pipeline.Alignment;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;

namespace Pipeline.Tests.Alignment;

/// <summary>Real sources and their aligner on a simulated clock, fed by content encoders.</summary>
internal sealed class AlignmentRig
{
    private readonly Feed?[] _feeds;

    public AlignmentRig(int sources)
    {
        Sources = [.. Enumerable.Range(0, sources).Select(order => new Source(new SourceOptions { Name = ((char)('a' + order)).ToString() }, order, new SwitchOptions()))];
        Aligner = new Aligner(Sources);
        _feeds = new Feed?[sources];
    }

    public IReadOnlyList<Source> Sources { get; }

    public Aligner Aligner { get; }

    /// <summary>Show time, in milliseconds.</summary>
    public long Now { get; private set; }

    /// <summary>Frames that are lost on the way, by source and count of frames since it began.</summary>
    public Func<int, int, bool> IsLost { get; set; } = (_, _) => false;

    public static AlignmentRig Of(params ContentEncoder[] encoders)
    {
        var rig = new AlignmentRig(encoders.Length);
        for (var i = 0; i < encoders.Length; i++) rig.Start(i, encoders[i]);
        return rig;
    }

    public void Start(int source, ContentEncoder encoder)
    {
        Sources[source].Open(Now);
        Aligner.Open(Sources[source]);
        Replace(source, encoder);
    }

    /// <summary>The encoder is another one from now on; its session goes on.</summary>
    public void Replace(int source, ContentEncoder encoder)
    {
        _feeds[source]?.Frames.Dispose();
        _feeds[source] = new Feed(encoder, encoder.Frames(Now).GetEnumerator());
    }

    public void Stop(int source)
    {
        Sources[source].Close("closed", Now);
        _feeds[source]!.Frames.Dispose();
        _feeds[source] = null;
    }

    public void Run(long milliseconds)
    {
        for (var end = Now + milliseconds; Now < end; Now += 20)
        {
            for (var i = 0; i < _feeds.Length; i++) _feeds[i]?.Deliver(Now, this, i);
            Aligner.Tick(Now);
        }
    }

    public SourceAlignment Of(int source) => Aligner.Of(Sources[source]);

    /// <summary>How far the offset between two sources is from the truth, in milliseconds.</summary>
    public double Error(int a, int b) =>
        Of(b).OffsetMs - Of(a).OffsetMs - (_feeds[a]!.Encoder.StampAt(Now) - _feeds[b]!.Encoder.StampAt(Now));

    private sealed record Feed(ContentEncoder Encoder, IEnumerator<(long At, Frame Frame)> Frames)
    {
        private bool _began;
        private int _count;

        public void Deliver(long now, AlignmentRig rig, int source)
        {
            if (!_began) _began = Frames.MoveNext();
            for (; Frames.Current.At <= now; Frames.MoveNext())
            {
                var raw = Frames.Current.Frame;
                if (!rig.IsLost(source, _count++) && rig.Sources[source].TryAccept(raw, now, out var frame)) rig.Aligner.OnFrame(rig.Sources[source], frame, now);
                raw.Body.Release();
            }
        }
    }
}
