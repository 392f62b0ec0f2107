using System.IO.Hashing;
using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.StreamLogs;

/// <summary>Where a segment of a log begins.</summary>
/// <param name="Dts">Of its first picture, or of its first sound where there are no pictures, in milliseconds of output time.</param>
/// <param name="Number">Its media sequence number.</param>
/// <param name="IsDiscontinuity">Other decoders or another epoch begin with it (RFC 8216bis §4.4.4.3).</param>
/// <param name="Discontinuities">How many there have been in the log, this one included.</param>
/// <param name="PartStep">How far apart the ends of its parts are, in milliseconds; each is moved to the picture nearest.</param>
/// <param name="IsBehindGap">What leads stood still for longer than the segment before had room for: that one ends where its last picture, or sound, does.</param>
/// <param name="Picture">How long a picture lasts, or a sound where there are no pictures, in milliseconds: on average in the segment before.</param>
public readonly record struct SegmentStart(long Dts, long Number, bool IsDiscontinuity, long Discontinuities, bool IsBehindGap, double PartStep, double Picture);

/// <summary>The index of a log's segments: where they begin, and which numbers they have. Kept with the log, as the one of its GOPs is, so that all who package it, whenever they begin, make the same files.</summary>
/// <remarks>
/// Numbers and places follow from absolute time (<see cref="SegmentClock"/>) but for the cuts that could not wait: other headers, another epoch, a gap. It is kept from before the log forgets its
/// first frame, so two logs that had the same frames from the first on have the same index, whoever asks when. Used under the stream's lock; it holds nothing of any frame.
/// </remarks>
internal sealed class SegmentIndex(StreamLog log) : IFrameSink
{
    /// <summary>A track without a header after this much media, in milliseconds, is taken for missing.</summary>
    public const long HeaderWait = 1000;

    /// <summary>In milliseconds, where there is only one.</summary>
    private const double UsualPicture = 40;

    /// <summary>For packagers that hold frames back, while the log retains little.</summary>
    private const int FewestKept = 64;

    private readonly PictureOrder _order = new();
    private readonly List<SegmentStart> _starts = new(FewestKept + 1);
    private SegmentClock? _clock;
    private (ulong Video, ulong Audio) _headers;
    private (long Dts, DateTimeOffset Utc) _epoch;
    private long? _begin;       // of all media, before the clock is there
    private long? _first;       // of what leads, likewise
    private long _last;
    private int _count;         // of what leads, in the open segment, or since it first came
    private double _picture;
    private bool _isForced;

    /// <summary>Whether it is known how long segments are: once there were two keyframes, or none came for too long.</summary>
    public bool IsKnown => _clock is not null;

    /// <summary>The target duration, in milliseconds, once it <see cref="IsKnown"/>.</summary>
    public int Target => _clock!.Target;

    /// <summary>The longest part, in milliseconds, likewise.</summary>
    public int PartTarget { get; private set; }

    /// <summary>The segment that the picture at <paramref name="dts"/> belongs to, or the sound where sound leads.</summary>
    public SegmentStart At(long dts)
    {
        for (var i = _starts.Count - 1; i > 0; i--)
            if (_starts[i].Dts <= dts) return _starts[i];
        return _starts[0];
    }

    public void OnFrame(in Frame frame)
    {
        if (frame.IsHeader) OnHeader(frame);
        else if (frame.IsMedia) OnMedia(frame);
    }

    /// <summary>What came is all there is: one segment.</summary>
    public void OnEnd()
    {
        if (_clock is null && _first is { } first) Know(log.LastDts!.Value - first);
    }

    private void OnHeader(in Frame header)
    {
        if (header.Kind == TrackKind.Data) return;
        var hash = XxHash3.HashToUInt64(header.Body.Span, (long)header.Codec);
        ref var known = ref header.Kind == TrackKind.Video ? ref _headers.Video : ref _headers.Audio;
        if (known == hash) return;
        if (known != 0 && _clock is null && _begin is not null) Know(gop: 0);
        // The sound that came before the first picture does not lead any more.
        if (header.Kind == TrackKind.Video && known == 0 && _clock is null) (_first, _count) = (null, 0);
        known = hash;
        _isForced |= _starts.Count > 0;
    }

    private void OnMedia(in Frame frame)
    {
        _begin ??= frame.Dts;
        var leads = frame.Kind == (_headers.Video != 0 ? TrackKind.Video : TrackKind.Audio);
        var isKey = frame.IsKey || frame.Kind == TrackKind.Audio;
        if (_clock is null)
        {
            var length = frame.Dts - _begin.Value;
            var gop = _headers.Video == 0 ? 0 : length < SegmentClock.LongestSlot ? LongestGop() : length;
            var areTracksKnown = (_headers.Video != 0 && _headers.Audio != 0) || length >= HeaderWait;
            if (areTracksKnown && (_headers.Video == 0 || gop > 0)) Know(gop);
        }
        if (!leads) return;
        var isInOrder = _order.Take(frame);
        if (_clock is not null) OnLeading(frame.Dts, isKey, isInOrder);
        if (_clock is null && (_first ??= isKey ? frame.Dts : null) is not null) _count++;
    }

    private void Know(long gop)
    {
        _clock = new SegmentClock(log.Origin ?? 0, SegmentClock.SlotFor(gop));
        _picture = AveragePicture();
        PartTarget = PartPlan.TargetFor(_picture);
        if (_first is not { } first) return;
        var count = _count;
        OnLeading(first, isKey: true, isInOrder: true);
        _count = count;
    }

    private void OnLeading(long dts, bool isKey, bool isInOrder)
    {
        var epoch = log.EpochAt(dts);
        var isBehindGap = _starts.Count > 0 && _clock!.IsOver(dts);
        var isDiscontinuity = isBehindGap || (_isForced && isKey) || (_starts.Count > 0 && epoch != _epoch);
        if (_starts.Count == 0 ? isKey : isDiscontinuity || _clock!.IsCut(dts, isKey, dts - _last, isInOrder ? _order.Stretch * (dts - _last) : null)) Begin(dts, isKey, isDiscontinuity, isBehindGap);
        (_last, _epoch) = (dts, epoch);
        _count++;
    }

    private void Begin(long dts, bool isKey, bool isDiscontinuity, bool isBehindGap)
    {
        _clock!.Open(dts, isKey, isAnew: isDiscontinuity);
        var before = _starts.Count > 0 ? _starts[^1] : default;
        if (_starts.Count > 0 && !isBehindGap && dts - before.Dts > _count) _picture = (double)(dts - before.Dts) / _count;
        _count = 0;
        _starts.Add(new SegmentStart(dts, _clock.Number, isDiscontinuity, before.Discontinuities + (isDiscontinuity ? 1 : 0), isBehindGap, PartPlan.StepFor(_clock.Expected, _picture, PartTarget), _picture));
        if (isKey) _isForced = false;
        while (_starts.Count > FewestKept && _starts[1].Dts < log[log.Head].Dts) _starts.RemoveAt(0);
    }

    /// <summary>How long what leads lasts, in what the log retains, in milliseconds.</summary>
    private double AveragePicture()
    {
        var kind = _headers.Video != 0 ? TrackKind.Video : TrackKind.Audio;
        var (first, last, count) = (0L, 0L, 0);
        for (var position = log.Head; position < log.Tail; position++)
        {
            ref readonly var frame = ref log[position];
            if (frame.Kind != kind || !frame.IsMedia) continue;
            if (count++ == 0) first = frame.Dts;
            last = frame.Dts;
        }
        return count > 1 && last > first ? (double)(last - first) / (count - 1) : UsualPicture;
    }

    /// <summary>How far keyframes are apart at most in what the log retains, in milliseconds; 0: there are no two.</summary>
    private long LongestGop()
    {
        var (longest, last) = (0L, (long?)null);
        foreach (var point in log.JoinPoints)
        {
            if (log[point.Position].Kind != TrackKind.Video) continue;
            longest = Math.Max(longest, point.Dts - last ?? 0);
            last = point.Dts;
        }
        return longest;
    }
}
