using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Switching;

/// <summary>
/// Plays one feed after another into the stream's log: each frame when it is due, and at each cut over to the next feed.
/// </summary>
/// <remarks>
/// <code>
///   feed a ──▶ position ─ due? ─ stamp ─▶ log          cuts: (to b at PTS x) (to c at PTS y) …
///   feed b ──────────────┘ from the first cut on
/// </code>
/// Where the playing feed lacks a frame that an identical one has, it goes on with that one in the middle of a GOP.
/// </remarks>
internal sealed partial class Playout : IDisposable
{
    /// <summary>A gap in wall time around a cut beyond which a new epoch begins, in milliseconds.</summary>
    private const long EpochGap = 100;

    /// <summary>Half a frame of sound, roughly: what the grid and the sources' rounding may differ.</summary>
    private const long SoundTolerance = 9;

    private readonly StreamLog _log;
    private readonly OutputTime _output;
    private readonly SilenceFill _silence;
    private readonly PlayoutClock _clock;
    private readonly SourceFeed?[] _feeds;
    private readonly Func<SourceFeed, SourceFeed, double?> _identity;
    private readonly TimeProvider _time;
    private readonly List<Cut> _cuts = [];
    private readonly Dictionary<long, long> _shownAt = [];
    private SourceFeed? _feed;
    private Cut? _cameBy;
    private long _position;
    private long _picturesFrom;
    private long _keyPts;
    private double _residual;
    private int _straddled;
    private Frame? _pictureHeader;
    private bool _resumed;
    private long _lastPicture = long.MinValue;
    private long _holdingSince = -1;
    private long _hoppedAt = -1;
    private bool _isLeaving;
    private long _givenOut = long.MinValue;

    /// <param name="headroom">The least reorder headroom of the output, in milliseconds.</param>
    /// <param name="feeds">The present feeds of all sources.</param>
    /// <param name="identity">The time of a frame in the second feed less its time in the first, in milliseconds; null where their frames are not the same.</param>
    public Playout(StreamLog log, PlayoutClock clock, int headroom, TimeProvider time, SourceFeed?[] feeds, Func<SourceFeed, SourceFeed, double?> identity)
    {
        (_log, _clock, _time, _feeds, _identity) = (log, clock, time, feeds, identity);
        _output = new OutputTime(headroom);
        _silence = new SilenceFill(_output);
    }

    /// <summary>What plays now; null before the first frame, and while the output is dark.</summary>
    public SourceFeed? Feed => _feed;

    public long Offset => _output.Offset;

    public int SoundReanchors => _output.SoundReanchors;

    /// <summary>When the last frame went out; −1 before the first.</summary>
    public long LastAppend { get; private set; } = -1;

    /// <summary>Whether all that the playing feed has received is out, and no cut is ahead.</summary>
    public bool IsDry => _feed is { } feed && _cuts.Count == 0 && _position >= feed.History.Tail;

    /// <summary>What plays before a further cut: the playing feed, or the last one that is to play.</summary>
    public Playing? Last =>
        _cuts.Count > 0 && _cuts[^1] is var cut ? new Playing(cut.To, cut.Offset, cut.Residual, cut.Key.Position, cut.At)
        : _feed is { } feed ? new Playing(feed, _output.Offset, _residual, _position, _output.ShownUntil) : null;

    /// <summary>Whether the playing feed can go on as if no cut were ahead: none of its pictures was left out or moved for the cut's sake yet.</summary>
    public bool CanStay => !_isLeaving;

    /// <summary>Whether what plays has shown a picture of its own since the last cut: a replay goes by right behind the last picture shown, and two cannot share that place.</summary>
    public bool CanReplay => !HasCutAhead && !(_output.ShownUntil < _cameBy?.At);

    /// <summary>Whether a cut is ahead.</summary>
    public bool HasCutAhead => _cuts.Count > 0;

    /// <summary>Goes over to <paramref name="cut"/>, once it comes to it.</summary>
    public void Enqueue(Cut cut) => _cuts.Add(cut);

    /// <summary>The playing feed goes on; the cuts ahead are off.</summary>
    public void Stay() => _cuts.Clear();

    /// <summary>Nothing plays until the next <see cref="Resume"/>.</summary>
    public void Stop()
    {
        _cuts.Clear();
        _feed = null;
    }

    /// <summary>Goes on with <paramref name="to"/> at <paramref name="position"/> at once, whatever its content.</summary>
    public void Resume(SourceFeed to, long position)
    {
        _cuts.Clear();
        ref readonly var first = ref to.History[position];
        _output.Resume(first, (int)Math.Round(to.Step));
        Play(to, position, to.History.HeadersAt(position) ?? to.Source.Headers, 0);
        _keyPts = first.Pts;
        if (first.Kind != TrackKind.Video) _picturesFrom = position;
        _clock.Reset();
        _resumed = true;
    }

    /// <summary>Whether <paramref name="feed"/> plays, or is to play.</summary>
    public bool Needs(SourceFeed feed)
    {
        if (feed == _feed) return true;
        foreach (var cut in _cuts)
            if (cut.To == feed) return true;
        return false;
    }

    /// <summary>The first position of <paramref name="feed"/> that is still to be played; <see cref="long.MaxValue"/>: none.</summary>
    public long OldestNeeded(SourceFeed feed)
    {
        var oldest = feed == _feed ? _position : long.MaxValue;
        foreach (var cut in _cuts)
            if (cut.To == feed) oldest = Math.Min(oldest, cut.Key.Position);
        return oldest;
    }

    public void Dispose() => _silence.Dispose();

    /// <summary>Plays all that is due.</summary>
    public void Run(long now)
    {
        while (_feed is { } feed)
        {
            var cut = _cuts.Count > 0 ? _cuts[0] : null;
            if (cut is not null && _position > cut.LastNeeded)
            {
                if (!TryCutOver(cut, now)) return;
                _cuts.RemoveAt(0);
            }
            else if (_position >= feed.History.Tail)
            {
                if (!Merge(feed, now)) return;
            }
            else
            {
                ref readonly var frame = ref feed.History[_position];
                if (!IsDue(frame, feed, now) || (cut is null && IsAhead(frame, feed))) return;
                if (LacksSomething(frame, feed))
                {
                    if (Merge(feed, now)) continue;
                    if (IsHeld(feed, now)) return;
                }
                Emit(frame, feed, cut, now);
                _position++;
            }
        }
    }

    private bool IsDue(in Frame frame, SourceFeed feed, long now) => _clock.IsDue(SourceFeed.Due(frame, feed.KeyCts) + _output.Offset, now);

    /// <summary>Whether pictures shown before this one have yet to come, which another source could supply as long as this one is not out.</summary>
    private bool IsAhead(in Frame frame, SourceFeed feed) =>
        _clock.FollowsSpread && frame is { Kind: TrackKind.Video, IsMedia: true, IsKey: false } && frame.Pts > feed.CompleteUntil() - feed.Step / 2 && HasOther(feed);

    private bool HasOther(SourceFeed feed)
    {
        foreach (var other in _feeds)
            if (other is { IsUsable: true, IsAligned: true } && other != feed) return true;
        return false;
    }

    private void Emit(in Frame frame, SourceFeed feed, Cut? cut, long now)
    {
        if (frame.IsHeader) AppendHeader(frame);
        else if (frame.Kind == TrackKind.Audio) EmitSound(frame, now);
        else if (frame.Kind != TrackKind.Video) Append(frame, now);
        else if (_position >= _picturesFrom) EmitPicture(frame, feed, cut, now);
    }

    private void EmitSound(in Frame frame, long now)
    {
        FillSound(_silence.Before(_output.SoundTime(frame.Dts)), now);
        Append(frame, now);
    }

    private void EmitPicture(in Frame frame, SourceFeed feed, Cut? cut, long now)
    {
        if (frame.Dts < _givenOut + feed.Step / 2) return;
        _givenOut = long.MinValue;
        if (_position == _picturesFrom) AppendHeader(_pictureHeader);
        _pictureHeader = null;
        _lastPicture = frame.Dts;
        _holdingSince = -1;
        if (frame.IsKey) (_keyPts, _straddled) = (frame.Pts, 0);
        else if (frame.Pts < _keyPts && _cameBy is not null) return;   // leads the keyframe of an open GOP: its references were never sent
        if (cut is { Method: not CutMethod.Merge } && frame.Pts + _output.Offset >= cut.At)
        {
            _isLeaving = true;
            var straddler = IndexOf(cut.Straddlers, _position);
            if (straddler < 0) return;
            _straddled++;
            // Shown for 1 ms, right before the cut and the pictures that are replayed there.
            var pts = Math.Max(cut.At - cut.Straddlers.Count - ReplayCluster.LengthOf(cut), cut.At - (long)Math.Round(feed.Step) + 1) + straddler;
            AppendStamped(_output.StampBeforeNext(frame, pts, cut.Straddlers.Count - straddler), now);
        }
        else if (_shownAt.Remove(_position, out var shownAt))
        {
            if (shownAt != ReplayCluster.Skipped) AppendStamped(_output.StampBetween(frame, shownAt), now);
        }
        else if (_straddled > 0) AppendStamped(_output.StampBack(frame, _straddled), now);
        else Append(frame, now);
    }

    private static int IndexOf(IReadOnlyList<long> positions, long position)
    {
        for (var i = 0; i < positions.Count; i++)
            if (positions[i] == position) return i;
        return -1;
    }

    /// <summary>False: a merge whose next frame has not come yet.</summary>
    private bool TryCutOver(Cut cut, long now)
    {
        if (cut.Method == CutMethod.Merge) return GoOnWith(cut.To, cut.Offset, now);
        BridgeSound(cut, now);
        CutOver(cut);
        return true;
    }

    /// <summary>A source's sound may begin behind its first keyframe: the last feed's goes on until there.</summary>
    private void BridgeSound(Cut cut, long now)
    {
        if (cut.To.History.FirstSound is not { } first) return;
        var history = _feed!.History;
        for (var p = _position; p < history.Tail && _output.NextSound + SoundTolerance < first + cut.Offset; p++)
            if (history[p] is { Kind: TrackKind.Audio, IsMedia: true }) Append(history[p], now);
    }

    private void CutOver(Cut cut)
    {
        _output.Splice(cut.Offset, cut.Key.Cts, (int)Math.Round(cut.To.Step));
        Play(cut.To, cut.Key.Position, cut.Key.Headers, cut.Residual);
        _cameBy = cut;
        _keyPts = cut.Key.Pts;
        if (cut.Method == CutMethod.Replay) ReplayCluster.Place(cut, _output.ShownUntil, _shownAt);
    }

    /// <summary>From here on <paramref name="to"/> plays: its pictures from <paramref name="position"/> on, its sound from where the last one's ended.</summary>
    private void Play(SourceFeed to, long position, in TrackHeaders headers, double residual)
    {
        _cameBy = null;
        _shownAt.Clear();
        (_feed, _residual, _straddled, _holdingSince, _isLeaving) = (to, residual, 0, -1, false);
        (_picturesFrom, _lastPicture, _givenOut) = (position, long.MinValue, long.MinValue);
        _position = position;
        var sound = _output.NextSound ?? 0;
        for (var p = position - 1; p >= to.History.Head; p--)
        {
            ref readonly var frame = ref to.History[p];
            if (frame.Kind != TrackKind.Audio || !frame.IsMedia) continue;
            if (frame.Dts + _output.Offset < sound - 2 * SoundTolerance) break;
            _position = p;
        }
        // Players take onMetaData in mid-stream for a track of its own: it is only told where there is something new in it.
        if (_log.Headers.Metadata is null || !Decodes(headers)) AppendHeader(headers.Metadata);
        AppendHeader(headers.Audio);
        _pictureHeader = headers.Video;
    }

    private void Append(in Frame frame, long now)
    {
        if (_output.TryStamp(frame, out var stamped)) AppendStamped(stamped, now);
    }

    private void AppendStamped(in Frame stamped, long now)
    {
        if (_resumed && stamped.IsMedia) BeginEpoch(stamped.Dts, now);
        _log.Append(stamped);
        if (stamped.IsMedia) (LastAppend, _hoppedAt) = (now, -1);
        if (stamped is { Kind: TrackKind.Video, IsMedia: true } && _silence.Beside(stamped.Dts) is { } until && !IsSoundComing(stamped.Dts)) FillSound(until, now);
    }

    private void FillSound(long? until, long now)
    {
        while (until is { } end && _silence.TryNext(end, out var silence)) AppendStamped(silence, now);
    }

    /// <summary>Whether sound from before <paramref name="dts"/> has been received and waits for its turn.</summary>
    private bool IsSoundComing(long dts)
    {
        var history = _feed!.History;
        for (var p = _position; p < history.Tail; p++)
            if (history[p] is { Kind: TrackKind.Audio, IsMedia: true } && _output.SoundTime(history[p].Dts) <= dts) return true;
        return false;
    }

    /// <summary>Wall time goes by the sources' clock, not by the output's, which may be held back.</summary>
    private void BeginEpoch(long dts, long now)
    {
        _resumed = false;
        if (LastAppend < 0 || now - LastAppend > EpochGap) _log.BeginEpoch(dts, _time.GetUtcNow() - TimeSpan.FromMilliseconds(_clock.Delay));
    }

    /// <summary>Whether the decoders that are set up by the headers in force can go on with others.</summary>
    private bool Decodes(in TrackHeaders next) =>
        ParameterRating.Rate(SourceParameters.Of(_log.Headers), SourceParameters.Of(next)).Fit == ParameterFit.Seamless;

    /// <summary>Puts a header in force unless the log holds an equal one.</summary>
    private void AppendHeader(in Frame? header)
    {
        if (header is not { } frame) return;
        if (frame.Kind == TrackKind.Audio) _output.SetSoundFormat(AudioFormat.Of(frame));
        if (_log.Headers.Of(frame.Kind) is { } inForce && inForce.Codec == frame.Codec && inForce.Body.Span.SequenceEqual(frame.Body.Span)) return;
        if (frame.Kind == TrackKind.Audio) _silence.SetFormat(frame);
        _log.Append(_output.StampHeader(frame));
    }
}
