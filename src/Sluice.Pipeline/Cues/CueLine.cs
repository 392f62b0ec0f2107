using Sluice.Pipeline.Media;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Cues;

/// <summary>The cues of one show, on its output's time line: written as SEI into the next picture, into the last keyframes before their time, and into the picture of that time.</summary>
/// <remarks>
/// Repeated, so that whoever joins meanwhile has them, and because mpegts.js leaves out those in the first pictures of a connection; players raise each id once, by its newest
/// word. On the output's line they outlast every switch. Where there are no pictures, sounds stand for them: nothing is written into a sound, but HLS has its event and the cue
/// does not wait. Used under the stream's lock.
/// </remarks>
public sealed class CueLine
{
    private const int MostWaiting = 32;
    private const int MostKnown = 1000;
    private const int MostAtOnce = 10;
    private const long AtOnce = 10_000;

    /// <summary>It stands in the keyframes of so long before its time, in milliseconds: earlier nobody is in need of it, and an hour of keyframes would carry it.</summary>
    private const long RepeatTime = 30_000;

    /// <summary>Who comes may be this far behind, in milliseconds, and is told of a cue that was due since.</summary>
    private const long ToldAfter = 10_000;

    /// <summary>Pictures that have not come this long after a cue's time, in milliseconds, while sound does, are not waited for.</summary>
    private const long PictureWait = 2_000;

    /// <summary>"SLUICECUE", version 1, a cue.</summary>
    private static readonly byte[] Uuid = [0x53, 0x4C, 0x55, 0x49, 0x43, 0x45, 0x43, 0x55, 0x45, 0x01, 0, 0, 0, 0, 0, 0x01];

    private readonly List<Waiting> _waiting = [];
    private readonly Queue<string> _known = new();
    private readonly Queue<long> _lately = new();
    private readonly Queue<(long Dts, Cue Cue)> _written = new();
    private readonly List<Cue> _told = [];

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _waiting.Count == 0;

    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    /// <param name="at">The wall time that it keeps to, wherever that comes to lie; null: it keeps to its picture.</param>
    public CueResult Add(Cue cue, long now, DateTimeOffset? at = null)
    {
        if (_known.Contains(cue.Id)) return CueResult.Known;
        while (_lately.Count > 0 && now - _lately.Peek() >= AtOnce) _lately.Dequeue();
        if (_lately.Count >= MostAtOnce || _waiting.Count >= MostWaiting) return CueResult.TooMany;
        _lately.Enqueue(now);
        _known.Enqueue(cue.Id);
        if (_known.Count > MostKnown) _known.Dequeue();
        _waiting.Add(new Waiting(cue, at, false));
        _told.Add(cue);
        return CueResult.Done;
    }

    /// <summary>From <paramref name="dts"/> on the wall time of the output is another: what waits for a wall time moves to where that lies now, at the earliest there.</summary>
    /// <returns>Those that were moved, to be told anew; the next picture has them.</returns>
    public IReadOnlyList<Cue> BeginEpoch(long dts, DateTimeOffset utc)
    {
        List<Cue> moved = [];
        for (var i = 0; i < _waiting.Count; i++)
        {
            if (_waiting[i] is not { At: { } at, Cue: var cue }) continue;
            var pts = dts + Math.Max(0, (long)(at - utc).TotalMilliseconds);
            if (pts == cue.Pts) continue;
            var placed = new Cue(cue.Id, pts, utc.AddMilliseconds(pts - dts), cue.Payload);
            _waiting[i] = new Waiting(placed, at, false);
            _told.Remove(cue);
            _told.Add(placed);
            moved.Add(placed);
        }
        return moved;
    }

    /// <summary>What whoever comes now is to be told: the cues to come, and those of a moment ago.</summary>
    /// <param name="pts">How far the output has come.</param>
    public IReadOnlyList<Cue> ToldAt(long pts)
    {
        Forget(pts);
        return [.. _told];
    }

    /// <summary>Without pictures a sound takes what is due; beside pictures only what they left for too long.</summary>
    public void PassSound(in Frame sound, bool hasPictures)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (cue, _, isTold) = _waiting[i];
            var isDue = sound.Pts >= cue.Pts + (hasPictures ? PictureWait : 0);
            if (!isDue && (isTold || hasPictures)) continue;
            Note(i, sound.Dts, isDue);
        }
    }

    /// <summary>Writes what is due into a picture. Null: it stays as it is; else a frame whose body the caller owns.</summary>
    public Frame? Mark(in Frame picture)
    {
        List<byte[]>? nals = null;
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (cue, _, isTold) = _waiting[i];
            var isDue = picture.Pts >= cue.Pts;
            var isRepeated = picture.IsKey && cue.Pts - picture.Pts <= RepeatTime;
            if (isTold && !isDue && !isRepeated) continue;
            if (UserDataSei.Write(picture.Codec, Uuid, cue.JsonIn(picture.Pts)) is { } nal) (nals ??= []).Add(nal);
            Note(i, picture.Dts, isDue);
        }
        if (nals is null || UserDataSei.Insert(picture.Body, picture.PayloadOffset, picture.Codec, nals) is not { } marked) return null;
        return picture with { Body = marked };
    }

    /// <summary>Those that stand at pictures, or at sounds where there are none, of [<paramref name="from"/>, <paramref name="to"/>), once each.</summary>
    public IReadOnlyList<Cue> WrittenIn(long from, long to) =>
        _written.Count == 0 ? [] : [.. _written.Where(written => written.Dts >= from && written.Dts < to).Select(written => written.Cue).Distinct()];

    private void Note(int waiting, long dts, bool isDue)
    {
        var cue = _waiting[waiting].Cue;
        _written.Enqueue((dts, cue));
        if (_written.Count > MostKnown) _written.Dequeue();
        if (isDue)
        {
            _waiting.RemoveAt(waiting);
            Forget(dts);
        }
        else
        {
            _waiting[waiting] = _waiting[waiting] with { IsTold = true };
        }
    }

    private void Forget(long pts) => _told.RemoveAll(cue => cue.Pts < pts - ToldAfter);

    /// <param name="At">The wall time that it keeps to.</param>
    /// <param name="IsTold">A picture has it.</param>
    private readonly record struct Waiting(Cue Cue, DateTimeOffset? At, bool IsTold);
}
