namespace Sluice.Pipeline.Alignment;

/// <summary>Whose frame sizes are compared with whose, and when: one search at a time, each source about once a second, a slice per tick.</summary>
internal sealed class CorrelationSchedule(AlignedSource[] sources, PayloadMatch?[,] matches)
{
    /// <summary>From one search for a source to the next, in milliseconds.</summary>
    private const long Period = 1000;

    private CorrelationSearch? _search;
    private readonly long[] _searched = new long[sources.Length];
    private readonly int[] _peers = new int[sources.Length];
    private int _turn;

    /// <summary>A source has a new session: what was found out about the old one is void.</summary>
    public void Forget(AlignedSource opened)
    {
        if (_search?.Source == opened || _search?.Peer == opened) _search.Cancel();
    }

    public void Tick(long now)
    {
        if (_search?.Source is not { } source) BeginNext(now);
        else if (_search.Advance(out var fit))
        {
            source.Fit.Add(_search.Peer!, fit, _search.HadSignal, now);
            _search.Cancel();
        }
    }

    private void BeginNext(long now)
    {
        for (var i = 0; i < sources.Length; i++)
        {
            _turn = (_turn + 1) % sources.Length;
            var source = sources[_turn];
            if (now - _searched[_turn] < Period || !source.IsPlaced || !source.IsPresent(now) || PeerFor(source, now) is not { } peer) continue;
            _searched[_turn] = now;
            _search ??= new CorrelationSearch();
            _search.Begin(source, peer);
            return;
        }
    }

    /// <summary>The peer it is placed against; else each more senior one in turn. None where equal payloads tell already.</summary>
    private AlignedSource? PeerFor(AlignedSource source, long now)
    {
        if (source.Peer is { } held && IsPeer(held, source, now)) return matches[source.Source.Order, held.Source.Order]!.IsEqual ? null : held;
        if (source.Fit.Peer is { } found && source.Fit.IsPromising && IsPeer(found, source, now)) return found;
        ref var turn = ref _peers[source.Source.Order];
        for (var i = 0; i < sources.Length; i++)
        {
            turn = (turn + 1) % sources.Length;
            if (IsPeer(sources[turn], source, now)) return sources[turn];
        }
        return null;
    }

    private static bool IsPeer(AlignedSource peer, AlignedSource source, long now) => peer.IsPlaced && peer.Seniority < source.Seniority && peer.IsPresent(now);
}
