using System.Buffers;
using System.Text;
using Sluice.Wire.Flv;

namespace Sluice.Bench;

/// <summary>A viewer of HTTP-FLV. It asks in HTTP/1.0, so that most answers come without chunks; redirects are not followed.</summary>
internal sealed class FlvDialogue : IDialogue
{
    private const int MaxHead = 16 << 10;

    private readonly FlvReader _reader = new();
    private readonly LatencyProbe? _probe;
    private ArrayBufferWriter<byte>? _head = new();
    private ChunkedBody? _chunks;
    private DialogueStep _step;

    public FlvDialogue(Uri url, IBufferWriter<byte> output, LatencyProbe? probe)
    {
        _probe = probe;
        output.Write(Encoding.ASCII.GetBytes($"GET {url.PathAndQuery} HTTP/1.0\r\nHost: {url.Authority}\r\nUser-Agent: sluice-bench\r\n\r\n"));
    }

    public string? Error { get; private set; }

    public DialogueStep Receive(ReadOnlySpan<byte> bytes)
    {
        if (_head is not null)
        {
            _head.Write(bytes);
            var end = _head.WrittenSpan.IndexOf("\r\n\r\n"u8);
            if (end < 0) return _head.WrittenCount > MaxHead ? Fail("the answer has no end of its head") : _step;
            bytes = _head.WrittenSpan[(end + 4)..];
            var lines = Encoding.ASCII.GetString(_head.WrittenSpan[..end]).Split("\r\n");
            if (lines[0].Split(' ') is not [_, "200", ..]) return Fail(lines[0]);
            if (lines.Contains("Transfer-Encoding: chunked", StringComparer.OrdinalIgnoreCase)) _chunks = new ChunkedBody();
            _head = null;
        }
        if (_chunks is null) return ReadTags(bytes);
        while (_step < DialogueStep.Keyframe || _step == DialogueStep.Watching)
        {
            var piece = _chunks.Take(ref bytes);
            if (piece.IsEmpty) break;
            ReadTags(piece);
        }
        return _step;
    }

    public void OnDiscarded(long bytes)
    {
        // HTTP has no answer to give.
    }

    public void Dispose() => _reader.Dispose();

    private DialogueStep ReadTags(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var status = _reader.Read(bytes, out var consumed, out var tag);
            if (status == OperationStatus.InvalidData) return Fail(_reader.Error!);
            if (status == OperationStatus.NeedMoreData) break;
            bytes = bytes[consumed..];
            if (tag.Type != FlvTagType.Script && _step < DialogueStep.Media) _step = DialogueStep.Media;
            var isKey = tag.Type == FlvTagType.Video && VideoTag.Normalise(tag.Body).IsKey;
            if (tag.Type == FlvTagType.Video) _probe?.OnPicture(tag.Body.Span);
            tag.Body.Release();
            if (isKey && _probe is null) return _step = DialogueStep.Keyframe;
            if (isKey) _step = DialogueStep.Watching;
        }
        return _step;
    }

    private DialogueStep Fail(string error)
    {
        Error = error;
        return _step = DialogueStep.Failed;
    }
}
