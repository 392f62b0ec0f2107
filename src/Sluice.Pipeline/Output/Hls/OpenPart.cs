using System.IO.Hashing;
using System.Text;
using Sluice.Pipeline.Cues;
using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Cmaf;
using Sluice.Wire.Codecs;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>The pictures and sounds that wait for their part to be complete. Used under the stream's lock.</summary>
/// <remarks>
/// Sound times: each segment's first sound stands at its own time, those behind it follow by samples, and the last one lasts up to the next segment's first. So whoever packages
/// the log from any place on makes the same bytes, and rounding to milliseconds is heard nowhere. Holds a reference to the body of each frame.
/// </remarks>
internal sealed class OpenPart
{
    /// <summary>Sounds that wait for pictures that do not come; the oldest goes then.</summary>
    private const int MostWaiting = 2048;

    /// <summary>By how many milliseconds the last sound is drawn out at most, to end with the pictures, where what follows has another header: players leave no hole then.</summary>
    private const int MostStretch = 300;

    private readonly List<CmafSample> _pictures = [];
    private readonly List<CmafSample> _sounds = [];
    private readonly List<Frame> _waiting = [];     // sounds, oldest first
    private long _firstPicture;                     // its decoding time in the file
    private (long First, long Last) _dts;           // of the pictures, or of the sounds where there is no such track, on the output's line
    private long? _nextSound;                       // in samples; null: by the sound's own time
    private long _soundFrom = long.MinValue;        // in milliseconds
    private bool _hasKey;

    /// <summary>The newest sound; null where none waits.</summary>
    public Frame? LastSound => _waiting.Count > 0 ? _waiting[^1] : null;

    /// <param name="next">When the one after it is decoded.</param>
    public void Add(in Frame picture, in PictureTime time, long next)
    {
        if (_pictures.Count == 0) (_firstPicture, _dts.First) = (time.Decoded, picture.Dts);
        _dts.Last = picture.Dts;
        _hasKey |= picture.IsKey;
        _pictures.Add(new CmafSample(picture.Body.Retain(), picture.PayloadOffset, (uint)(next - time.Decoded), (int)(time.Shown - time.Decoded), picture.IsKey));
    }

    /// <summary>
    /// Something else begins at <paramref name="end"/>: no picture may seem to be shown longer. One whose B-frames were lost would, as it lasts from its own decoding on; it is decoded later.
    /// </summary>
    public void Fit(long end)
    {
        var (next, decoded) = (end, end);
        for (var i = _pictures.Count - 1; i >= 0; i--)
        {
            var picture = _pictures[i];
            decoded -= picture.Duration;
            var shown = decoded + picture.Cts;
            // The first one stands where the part before ended; alone it may end before what follows is decoded, which begins anew.
            var own = i == 0 ? decoded : Math.Clamp(shown + next - end, decoded, next - 1);
            var duration = _pictures.Count == 1 ? Math.Clamp(end - shown, 1, next - own) : next - own;
            _pictures[i] = picture with { Duration = (uint)duration, Cts = (int)(shown - own) };
            if (own == decoded) return;
            next = own;
        }
    }

    /// <summary>Sounds before that time, which have come or will come, are left out: what begins there is the first that there is.</summary>
    /// <param name="before">In milliseconds.</param>
    public void LeaveOut(long before)
    {
        _soundFrom = before;
        var count = 0;
        while (count < _waiting.Count && _waiting[count].Dts < before) _waiting[count++].Body.Release();
        _waiting.RemoveRange(0, count);
    }

    public void Add(in Frame sound)
    {
        if (sound.Dts < _soundFrom) return;
        sound.Body.Retain();
        _waiting.Add(sound);
        if (_waiting.Count <= MostWaiting) return;
        _waiting[0].Body.Release();
        _waiting.RemoveAt(0);
    }

    /// <summary>Makes a part of all pictures, and of the sounds before <paramref name="end"/> whose end is known.</summary>
    /// <param name="utc">When its first picture is decoded, or its first sound heard.</param>
    /// <param name="isLast">The segment ends with it.</param>
    /// <param name="line">What players are told with it: the cues that stand in its pictures, or at its sounds.</param>
    /// <param name="flushedAt">Nothing follows on this time line, on which it ends here, in the units of <see cref="PictureTimes"/>: sounds whose end is not known go with it, too. Null: something does.</param>
    /// <returns>Null where there is nothing in it.</returns>
    public HlsPart? Close(HlsInit init, long end, int duration, uint sequence, DateTimeOffset utc, bool isLast, long? flushedAt, CueLine line)
    {
        var firstSound = TakeSounds(init.Sound, end, isLast, flushedAt);
        if (_pictures.Count == 0 && _sounds.Count == 0) return null;
        var cues = _pictures.Count == 0 && init.Video is not null ? [] : line.WrittenIn(_dts.First, _dts.Last + 1);
        List<CmafRun> runs = [];
        if (init.Video is not null) runs.Add(new CmafRun(HlsInit.VideoTrackId, IsVideo: true, _firstPicture, _pictures));
        if (init.Sound is not null) runs.Add(new CmafRun(init.SoundTrackId, IsVideo: false, firstSound, _sounds));
        var bytes = SharedBuffer.Rent(MediaFragment.SizeOf(runs) + cues.Sum(static cue => cue.Json.Length + 128));
        MediaFragment.Write(bytes, sequence, utc, runs, [.. cues.Select(EventOf)]);
        var part = new HlsPart(duration, _hasKey || init.Video is null, bytes);
        Clear();
        return part;
    }

    private static CmafEvent EventOf(Cue cue) => new(cue.Pts, XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(cue.Id)), CmafEvent.UserText("sluice.cue", cue.Json));

    /// <summary>Gives back all that it holds.</summary>
    public void Release()
    {
        Clear();
        foreach (var sound in _waiting) sound.Body.Release();
        _waiting.Clear();
        _nextSound = null;
    }

    /// <returns>Where the first of them begins, in samples.</returns>
    private long TakeSounds(CmafTrack? track, long end, bool isLast, long? flushedAt)
    {
        if (track is null || _waiting.Count == 0) return 0;
        var count = 0;
        while (count < _waiting.Count && _waiting[count].Dts < end) count++;
        if (count == _waiting.Count && flushedAt is null) count--;
        if (count == 0) return 0;
        if (_pictures.Count == 0) _dts = (_waiting[0].Dts, _waiting[count - 1].Dts);
        var first = _nextSound ?? OwnTime(_waiting[0], track);
        var time = first;
        for (var i = 0; i < count; i++)
        {
            var sound = _waiting[i];
            var samples = SamplesOf(sound, track);
            var next = time + samples;
            if (i + 1 < _waiting.Count)
            {
                var own = OwnTime(_waiting[i + 1], track);
                if ((isLast && i + 1 == count) || Math.Abs(own - next) > samples / 2) next = Math.Max(own, time + 1);
            }
            else if (flushedAt * track.Timescale / CmafTrack.VideoTimescale is { } last && last - next is > 0 && last - next < MostStretch * track.Timescale / 1000)
            {
                next = last;
            }
            // The log's reference goes with the sound into the list.
            _sounds.Add(new CmafSample(sound.Body, sound.PayloadOffset, (uint)(next - time), 0, IsSync: true));
            time = next;
        }
        _waiting.RemoveRange(0, count);
        _nextSound = flushedAt is null ? time : null;
        return first;
    }

    private static long OwnTime(in Frame sound, CmafTrack track) => (sound.Dts * track.Timescale + 500) / 1000;

    private static int SamplesOf(in Frame sound, CmafTrack track) =>
        track.SamplesPerFrame > 0 ? track.SamplesPerFrame : Math.Max(1, OpusPacket.Samples(sound.Body.Span[sound.PayloadOffset..]));

    private void Clear()
    {
        foreach (var picture in _pictures) picture.Body.Release();
        foreach (var sound in _sounds) sound.Body.Release();
        _pictures.Clear();
        _sounds.Clear();
        _hasKey = false;
    }
}
