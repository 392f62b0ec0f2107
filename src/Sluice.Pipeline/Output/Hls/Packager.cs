using Sluice.Pipeline.Media;
using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline.Output.Hls;

/// <summary>Makes parts and segments of one show's log, once for all who watch: pictures and sound together in fragmented MP4.</summary>
/// <remarks>
/// <code>
///   OnFrame ─▶ held where something must be known, or must have come, first ─▶ SegmentWriter ─▶ parts, segments ─▶ a new HlsVersion
/// </code>
/// Fed under the stream's lock; anybody reads <see cref="Version"/>. Frames are held
/// <list type="bullet">
/// <item>at the start, until the tracks and the length of segments are known,</item>
/// <item>at a segment's end, until its sound has come as far as its pictures,</item>
/// <item>at other headers, likewise: there both tracks end, and begin anew, at one time. Players leave no hole there.</item>
/// </list>
/// </remarks>
internal sealed class Packager : IFrameSink
{
    private enum Stage { Starting, Running, Ending, Changing }

    /// <summary>For the sound of a segment's last pictures, in milliseconds of media.</summary>
    private const long SoundWait = 300;

    private readonly SegmentIndex _index;
    private readonly SegmentWriter _writer;
    private readonly HeldFrames _held = new();
    private readonly Action<Exception>? _onFault;
    private bool _isFaulted;
    private Stage _stage;
    private TrackHeaders _headers;
    private bool _headersChanged;
    private bool _pictureHeaderChanged;     // while changing: which of them it is
    private bool _soundHeaderChanged;
    private long _end;                      // while ending: where the segment's sound ends, in milliseconds
    private long? _lastSound;               // its DTS
    private bool _hasPlainSound;

    /// <summary>To be attached to the log at once, under its lock.</summary>
    /// <param name="onFault">Told of a fault of ours, which ends the packaging and nothing else: the log goes on for all its other readers.</param>
    public Packager(StreamLog log, PlayOptions play, TimeProvider time, Action<Exception>? onFault = null) =>
        (_index, _writer, _onFault) = (log.Segments, new SegmentWriter(log, play, time), onFault);

    /// <summary>What there is now. Any thread.</summary>
    public HlsVersion Version => _writer.Publication.Version;

    /// <summary>Why the stream cannot be packaged; null where it can, or that is not known yet. Any thread.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Done once there is a newer version than the one read after it, or a refusal. Any thread.</summary>
    public Task Changed => _writer.Publication.Changed;

    public void OnFrame(in Frame frame)
    {
        if (_isFaulted) return;
        try
        {
            if (frame.IsHeader) OnHeader(frame);
            else if (frame.IsMedia && Refusal is null) OnMedia(frame);
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    public void OnEnd()
    {
        if (_isFaulted) return;
        try
        {
            if (_stage == Stage.Starting) TakeHeld();
            while (_stage != Stage.Running)
            {
                if (_stage == Stage.Ending) EndSegment();
                else Change();
            }
            _writer.End();
        }
        catch (Exception error)
        {
            Fail(error);
        }
    }

    /// <summary>Gives all memory back. Who still reads a version finds its parts gone.</summary>
    public void Release()
    {
        _writer.Release();
        _held.Release();
        _headers.Video?.Body.Release();
        _headers.Audio?.Body.Release();
        _headers = default;
    }

    private void Fail(Exception error)
    {
        _isFaulted = true;
        Refusal = $"Its packaging failed: {error.Message}";
        _writer.Publish();
        _onFault?.Invoke(error);
    }

    private void OnHeader(in Frame header)
    {
        if (header.Kind == TrackKind.Data) return;
        if (_stage == Stage.Ending)
        {
            _held.Add(header);
            if (header.Kind == TrackKind.Audio) EndSegment();   // no more of its sound will come
            return;
        }
        var before = _headers.Of(header.Kind);
        if (before is { } old && old.Codec == header.Codec && old.Body.Span.SequenceEqual(header.Body.Span)) return;
        // What came before it is decoded with the header before.
        if (before is not null && _stage == Stage.Starting && !_held.IsEmpty) TakeHeld();
        header.Body.Retain();
        _headers = _headers.With(header);
        before?.Body.Release();
        _headersChanged = true;
        Refusal = null;
        if (_stage == Stage.Starting) return;
        if (_writer.Init is not { Video: not null } init || (init.Sound is null && header.Kind == TrackKind.Video))
        {
            _writer.Flush();
            return;
        }
        _stage = Stage.Changing;
        _pictureHeaderChanged |= header.Kind == TrackKind.Video;
        _soundHeaderChanged |= header.Kind == TrackKind.Audio;
    }

    private void OnMedia(in Frame frame)
    {
        switch (_stage)
        {
            case Stage.Starting: HoldAtStart(frame); break;
            case Stage.Ending: HoldAtEnd(frame); break;
            case Stage.Changing: HoldAtChange(frame); break;
            default: Take(frame); break;
        }
    }

    private void HoldAtStart(in Frame frame)
    {
        _held.Add(frame);
        _hasPlainSound |= frame.Kind == TrackKind.Audio && _headers.Audio is null;
        var areTracksKnown = (_headers.Video is not null && _headers.Audio is not null) || frame.Dts - _held.First.Dts >= SegmentIndex.HeaderWait;
        if (!areTracksKnown) return;
        if (_headersChanged) UseHeaders();
        if (_index.IsKnown) TakeHeld();
    }

    private void TakeHeld()
    {
        _stage = Stage.Running;
        foreach (var frame in _held.Take())
        {
            OnMedia(frame);
            frame.Body.Release();
        }
    }

    private void Take(in Frame frame)
    {
        if (_headersChanged || _writer.Init is null) UseHeaders();
        if (Refusal is not null || _writer.Init is not { } init) return;
        if (frame.Kind == TrackKind.Video)
        {
            if (init.Video is not null) TakePicture(frame);
            return;
        }
        if (init.Sound is null) return;
        _lastSound = frame.Dts;
        if (init.Video is null && IsFar(frame)) _writer.Flush();
        _writer.AddSound(frame);
    }

    private void TakePicture(in Frame picture)
    {
        if (!_writer.IsOpen && !picture.IsKey) return;
        if (IsFar(picture)) _writer.Flush();
        else if (LacksSoundBefore(picture))
        {
            _stage = Stage.Ending;
            _held.Add(picture);
            return;
        }
        _writer.AddPicture(picture);
    }

    /// <summary>Whether what leads stood still before it for longer than the open segment had room for: the one before it does not last until there.</summary>
    private bool IsFar(in Frame next) => _writer.IsOpen && _writer.Begins(next) is { IsBehindGap: true };

    /// <summary>Whether a picture begins a segment, and the sound up to it is still to come and can be expected to.</summary>
    private bool LacksSoundBefore(in Frame picture)
    {
        if (!_writer.IsOpen || _writer.Begins(picture) is null) return false;
        if (_writer.Init!.Sound is null || _lastSound is not { } last || picture.Dts - last >= SoundWait) return false;
        _end = _writer.PlaceOf(picture).Decoded / PictureTimes.PerMs;
        return last < _end;
    }

    /// <summary>Until the sound has come as far as the next segment's first picture is shown: both tracks of a segment begin at one time, as players place it by the one that is first.</summary>
    private void HoldAtEnd(in Frame frame)
    {
        _held.Add(frame);
        if ((frame.Kind == TrackKind.Audio && frame.Dts >= _end) || frame.Dts - _held.First.Dts >= SoundWait) EndSegment();
    }

    private void EndSegment()
    {
        _stage = Stage.Running;
        var held = _held.Take();
        foreach (var frame in held)
            if (frame is { Kind: TrackKind.Audio, IsMedia: true }) Take(frame);
        _writer.AddPicture(held[0]);
        foreach (var frame in held.AsSpan(1))
        {
            if (frame.IsHeader) OnHeader(frame);
            else if (frame.Kind == TrackKind.Video) OnMedia(frame);
        }
        foreach (var frame in held) frame.Body.Release();
    }

    /// <summary>Until the sound has come as far as the pictures before the change are shown.</summary>
    private void HoldAtChange(in Frame frame)
    {
        if (frame.Kind == TrackKind.Video && !_pictureHeaderChanged && IsBeforeChange(frame))
        {
            if (_writer.IsOpen) _writer.AddPicture(frame);
            return;
        }
        _held.Add(frame);
        if (_held.FirstPicture is { } first)
        {
            if (frame.Dts - first.Dts >= SegmentIndex.HeaderWait || (frame.Kind == TrackKind.Audio && frame.Dts >= BeginOfHeld() / PictureTimes.PerMs)) Change();
        }
        else if (frame.Dts - _held.First.Dts >= SegmentIndex.HeaderWait)
        {
            // Pictures do not come. Where only the sound is another they go on: it is left out until a keyframe.
            if (_pictureHeaderChanged) Change();
            else _held.RemoveFirst();
        }
    }

    /// <summary>Whether a picture goes on with what there was though the sound has another header: what begins with that one begins with a keyframe.</summary>
    private bool IsBeforeChange(in Frame picture) => _held.FirstPicture is null && (_writer.IsOpen ? _writer.Begins(picture) is not { IsDiscontinuity: true } : !picture.IsKey);

    /// <summary>Where in the file the held pictures begin; null where there are none.</summary>
    private long? BeginOfHeld() => _held.FirstPicture is null ? null : _writer.PlaceOf([.. _held.Pictures]).Decoded;

    private void Change()
    {
        var (begin, isSoundAnother) = (BeginOfHeld(), _soundHeaderChanged);
        var end = begin / PictureTimes.PerMs ?? long.MaxValue;
        (_stage, _pictureHeaderChanged, _soundHeaderChanged) = (Stage.Running, false, false);
        var held = _held.Take();
        foreach (var frame in held)
            if (frame.Kind == TrackKind.Audio && frame.Dts < end && !isSoundAnother && _writer.IsOpen) _writer.AddSound(frame);
        _writer.Flush(begin);
        foreach (var frame in held)
        {
            if (frame.Kind == TrackKind.Video || frame.Dts >= end) OnMedia(frame);
            frame.Body.Release();
        }
    }

    private void UseHeaders()
    {
        _headersChanged = false;
        var init = HlsInit.Of(_headers, _hasPlainSound, out var reason);
        if (init is null)
        {
            Refusal = reason;
            _writer.Publish();
            return;
        }
        if (_writer.Init is not { } old || !old.Decodes(init)) _writer.Init = init;
    }
}
