using Sluice.Wire.Buffers;

namespace Sluice.Pipeline.Output;

/// <content>Where it begins, and where it goes on when it was too slow.</content>
public sealed partial class Subscriber
{
    private const int MaxInstantBytes = 4 << 20;
    private const int BurstRate = 4;
    private const long BurstLead = 500;

    private bool TryJoin(long now, Feed feed)
    {
        long newest;
        lock (Mux.Gate)
        {
            if (!Mux.CanJoin) return false;
            var entry = Mux.EntryFor(_join);
            Begin(entry, Mux.Muxer.BaseFor(entry));
            feed.PinFrom(entry.Position);
            newest = Mux.Tail;
            var behind = Mux.LastDts - entry.Dts;
            if (behind > BurstLead) _burstBytesPerSecond = (Mux.Tail - entry.Position) * 1000 / behind;
            _graceUntil = now + behind / (BurstRate - 1) + (long)_output.Egress.MaxLag.TotalMilliseconds;
        }
        if (_join.IsInstant && Mux.Muxer.CanCompress && newest - Position <= MaxInstantBytes) TakeCompressed(newest);
        (_isJoined, _joinTime, _joinPosition) = (true, now, Position);
        NextCheck = now;
        return true;
    }

    /// <summary>What the log has below <paramref name="newest"/> goes out as a private copy whose old pictures pass at once. Outside the lock: those bytes are pinned.</summary>
    private void TakeCompressed(long newest)
    {
        var preface = _sending!;
        var begin = preface.Length;
        for (var at = Position; at < newest;)
        {
            var piece = Mux.Read(at, newest);
            preface.Append(piece.Span);
            at += piece.Length;
        }
        var left = Mux.Muxer.Compress(preface.Span[begin..]);
        preface.TrimEnd(preface.Length - begin - left);
        (Position, _burstBytesPerSecond) = (newest, 0);
    }

    private void Begin(in JoinEntry entry, long timeBase)
    {
        Position = entry.Position;
        _timeBase = timeBase;
        _headers?.Leave();
        _headers = entry.Headers;
        Mux.Enter(_headers);
        var preface = SharedBuffer.Rent(512);
        var joiner = new PrefaceFor(_messageStreamId, _asPublisher, Mux.Headers.HasAudio, Mux.Headers.HasVideo);
        Mux.Muxer.WritePreface(preface, entry, timeBase, joiner);
        _sending = preface;
    }

    /// <summary>Goes on at the newest keyframe, with no gap in the player's time: both tracks move by the same, and neither goes back.</summary>
    private void Jump()
    {
        _jumps = false;
        lock (Mux.Gate)
        {
            if (NewestEntryBehind(Position) is not { } entry) return;
            var sent = Mux.TimesBefore(Position);
            var shift = Math.Min(entry.Before.Sound - sent.Sound, entry.Before.Picture - sent.Picture);
            foreach (var passed in Mux.Entries)
                if (passed.Position >= Position && passed.Position < entry.Position) Volatile.Write(ref _droppedGops, _droppedGops + 1);
            if (shift < 0) shift = 0;
            Begin(entry, _timeBase + shift);
        }
        _output.CountDrop();
    }

    private JoinEntry? NewestEntryBehind(long position)
    {
        var entries = Mux.Entries;
        return entries.Count > 0 && entries[^1].Position > position ? entries[^1] : null;
    }

    /// <summary>A joiner's burst comes at a few times the stream's rate, so that it starts within the next half second and floods no link.</summary>
    private long BurstLimit(long now)
    {
        if (_burstBytesPerSecond == 0) return long.MaxValue;
        var milliseconds = BurstLead + BurstRate * (now - _joinTime);
        return _joinPosition + Math.Max(MaxBytesPerTick / 4, _burstBytesPerSecond * milliseconds / 1000);
    }
}
