using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using Sluice.Wire.Flv;
using Sluice.Wire.Rtmp;

namespace Sluice.Bench;

/// <summary>A viewer that plays over RTMP. After the keyframe it acknowledges what has come; servers take that for a sign of life, too, in place of answers to their pings.</summary>
internal sealed class RtmpDialogue : IDialogue
{
    private const int AcknowledgeEvery = 1_000_000;
    private const int ControlChunkStream = 2;

    private readonly IBufferWriter<byte> _output;
    private readonly LatencyProbe? _probe;
    private RtmpClientSession? _session;
    private DialogueStep _step;
    private long _acknowledged;

    public RtmpDialogue(RtmpUrl url, IBufferWriter<byte> output, LatencyProbe? probe)
    {
        (_output, _probe) = (output, probe);
        _session = new RtmpClientSession(url, RtmpClientMode.Play, output, RtmpLimits.Default, RandomNumberGenerator.GetBytes(1528), Now);
    }

    public string? Error { get; private set; }

    private static long Now => (long)Stopwatch.GetElapsedTime(0).TotalMilliseconds;

    public DialogueStep Receive(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var happened = _session!.Receive(bytes, Now, out var consumed);
            bytes = bytes[consumed..];
            if (happened.Kind is RtmpEventKind.Failed or RtmpEventKind.Ended)
            {
                Error = happened.Code is null ? happened.Reason : $"{happened.Code}: {happened.Reason}";
                return DialogueStep.Failed;
            }
            if (happened.Kind != RtmpEventKind.Media) continue;
            var message = happened.Message;
            if (message.Type is RtmpMessageType.Audio or RtmpMessageType.Video && _step < DialogueStep.Media) _step = DialogueStep.Media;
            var isKey = message.Type == RtmpMessageType.Video && VideoTag.Normalise(message.Body).IsKey;
            if (message.Type == RtmpMessageType.Video) _probe?.OnPicture(message.Body.Span);
            message.Body.Release();
            if (isKey && _probe is not null) _step = DialogueStep.Watching;
            if (!isKey || _probe is not null) continue;
            _session.Dispose();
            _session = null;
            return _step = DialogueStep.Keyframe;
        }
        return _step;
    }

    public void OnDiscarded(long bytes)
    {
        if (bytes - _acknowledged < AcknowledgeEvery) return;
        _acknowledged = bytes;
        Span<byte> received = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(received, (uint)bytes);
        ChunkWriter.Write(_output, new ChunkHeader(0, ControlChunkStream, RtmpMessageType.Acknowledgement, 0, 0, received.Length), ChunkWriter.DefaultChunkSize, received);
    }

    public void Dispose() => _session?.Dispose();
}
