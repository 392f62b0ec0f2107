using Sluice.Pipeline.Media;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Cues;

/// <summary>The cues of one show, on its output's time line: written as SEI into the next picture, into each keyframe until their time, and into the picture of that time.</summary>
/// <remarks>
/// Repeated, so that whoever joins meanwhile has them, and because mpegts.js leaves out those in the first pictures of a connection; players raise each id once. On the output's
/// line they outlast every switch. Where there are no pictures, sounds stand for them: nothing is written into a sound, but HLS has its event and the cue does not wait. Used
/// under the stream's lock, but for <see cref="Ended"/>.
/// </remarks>
public sealed class CueLine
{
    private const int MostWaiting = 32;
    private const int MostKnown = 1000;
    private const int MostAtOnce = 10;
    private const long AtOnce = 10_000;

    /// <summary>Who comes may be this far behind, in milliseconds, and is told of a cue that was due since.</summary>
    private const long ToldAfter = 10_000;

    /// <summary>Pictures that have not come this long after a cue's time, in milliseconds, while sound does, are not waited for.</summary>
    private const long PictureWait = 2_000;

    /// <summary>"SLUICECUE", version 1, a cue.</summary>
    private static readonly byte[] Uuid = [0x53, 0x4C, 0x55, 0x49, 0x43, 0x45, 0x43, 0x55, 0x45, 0x01, 0, 0, 0, 0, 0, 0x01];

    private readonly List<(Cue Cue, bool IsTold)> _waiting = [];
    private readonly Queue<string> _known = new();
    private readonly Queue<long> _lately = new();
    private readonly Queue<(long Dts, Cue Cue)> _written = new();
    private readonly List<Cue> _told = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Nothing waits.</summary>
    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>Done when the show is over. Any thread.</summary>
    public Task Ended => _ended.Task;

    /// <param name="now">Milliseconds of a clock that never goes back.</param>
    public CueResult Add(Cue cue, long now)
    {
        if (_known.Contains(cue.Id)) return CueResult.Known;
        while (_lately.Count > 0 && now - _lately.Peek() >= AtOnce) _lately.Dequeue();
        if (_lately.Count >= MostAtOnce || _waiting.Count >= MostWaiting) return CueResult.TooMany;
        _lately.Enqueue(now);
        _known.Enqueue(cue.Id);
        if (_known.Count > MostKnown) _known.Dequeue();
        _waiting.Add((cue, false));
        _told.Add(cue);
        return CueResult.Done;
    }

    /// <summary>What whoever comes now is to be told: the cues to come, and those of a moment ago.</summary>
    /// <param name="pts">How far the output has come.</param>
    public IReadOnlyList<Cue> ToldAt(long pts)
    {
        Forget(pts);
        return [.. _told];
    }

    public void End() => _ended.TrySetResult();

    /// <summary>Without pictures a sound takes what is due; beside pictures only what they left for too long.</summary>
    public void PassSound(in Frame sound, bool hasPictures)
    {
        for (var i = _waiting.Count - 1; i >= 0; i--)
        {
            var (cue, isTold) = _waiting[i];
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
            var (cue, isTold) = _waiting[i];
            var isDue = picture.Pts >= cue.Pts;
            if (isTold && !isDue && !picture.IsKey) continue;
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
            _waiting[waiting] = (cue, true);
        }
    }

    private void Forget(long pts) => _told.RemoveAll(cue => cue.Pts < pts - ToldAfter);
}
