using System.Buffers;
using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Wire.Rtmp;

/// <summary>
/// Puts messages together from chunks (RTMP 1.0 §5.3): bytes in, messages out. Obeys Set Chunk Size and Abort itself.
/// </summary>
/// <remarks>
/// No I/O, one caller at a time. Takes every byte it is given, at any split. Lengths are not believed: a message over its limit ends the
/// reading, one below it takes memory as its bytes come. Disposing gives back the messages under way. Allocates nothing per message.
/// </remarks>
public sealed class ChunkReader(RtmpLimits limits) : IDisposable
{
    private const int MaxChunkSize = 0xFFFFFF;
    private const int FirstRoom = 16 << 10;

    // Bytes of a header that is not whole yet. Up to 3 of them can turn out to be payload (see ReadExtended).
    private readonly byte[] _stash = new byte[ChunkHeader.MaxSize];
    private int _stashed;

    private ChunkStream[] _streams = new ChunkStream[4];
    private int _streamCount;
    private ChunkStream? _current;
    private int _chunkLeft;
    private int _chunkSize = ChunkWriter.DefaultChunkSize;
    private int _partialBytes;

    private enum HeaderStatus { Whole, Short, Invalid }

    /// <summary>Why the bytes are no chunks, after <see cref="OperationStatus.InvalidData"/>.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether the peer may send media, and with it large messages.</summary>
    public bool IsAuthorised { get; set; }

    /// <summary>Takes bytes from <paramref name="input"/> up to the end of one message.</summary>
    /// <param name="consumed">Bytes taken; call again with the rest after <see cref="OperationStatus.Done"/>.</param>
    /// <returns>Done: <paramref name="message"/> is whole. NeedMoreData: all bytes were taken. InvalidData: see <see cref="Error"/>; the reader is of no more use.</returns>
    public OperationStatus Read(ReadOnlySpan<byte> input, out int consumed, out RtmpMessage message)
    {
        message = default;
        var rest = input;
        while (Error is null)
        {
            if (_current is null)
            {
                var status = ReadHeader(ref rest);
                if (status == HeaderStatus.Short)
                {
                    consumed = input.Length;
                    return OperationStatus.NeedMoreData;
                }
                if (status == HeaderStatus.Invalid) break;
            }
            if (!FillChunk(ref rest))
            {
                consumed = input.Length;
                return Error is null ? OperationStatus.NeedMoreData : OperationStatus.InvalidData;
            }
            var stream = _current!;
            _current = null;
            if (stream.Body!.Length < stream.Length || !TryFinish(stream, out message)) continue;
            consumed = input.Length - rest.Length;
            return OperationStatus.Done;
        }
        consumed = input.Length - rest.Length;
        return OperationStatus.InvalidData;
    }

    public void Dispose()
    {
        foreach (var stream in _streams.AsSpan(0, _streamCount)) Drop(stream);
        _current = null;
        Error ??= "The reader was closed.";
    }

    private HeaderStatus ReadHeader(ref ReadOnlySpan<byte> rest)
    {
        if (_stashed == 0)
        {
            var direct = ParseHeader(rest, out var length);
            rest = direct == HeaderStatus.Short ? Stash(rest) : rest[length..];
            return direct;
        }
        var before = _stashed;
        var unread = Stash(rest);
        var status = ParseHeader(_stash.AsSpan(0, _stashed), out var size);
        if (status == HeaderStatus.Short)
        {
            rest = unread;
            return status;
        }
        rest = rest[Math.Max(size - before, 0)..];
        _stashed = Math.Max(before - size, 0);
        _stash.AsSpan(size, _stashed).CopyTo(_stash);
        return status;
    }

    /// <summary>Fills the stash. Returns what does not fit.</summary>
    private ReadOnlySpan<byte> Stash(ReadOnlySpan<byte> bytes)
    {
        var taken = Math.Min(_stash.Length - _stashed, bytes.Length);
        bytes[..taken].CopyTo(_stash.AsSpan(_stashed));
        _stashed += taken;
        return bytes[taken..];
    }

    /// <summary>Reads one header; when it is whole, <see cref="_current"/> is its chunk stream, with a chunk begun.</summary>
    private HeaderStatus ParseHeader(ReadOnlySpan<byte> bytes, out int size)
    {
        size = 0;
        if (bytes.Length == 0) return HeaderStatus.Short;
        var format = bytes[0] >> 6;
        var id = bytes[0] & 0x3F;
        var at = id switch { 0 => 2, 1 => 3, _ => 1 };
        var end = at + format switch { 0 => 11, 1 => 7, 2 => 3, _ => 0 };
        if (bytes.Length < end) return HeaderStatus.Short;
        if (id == 0) id = 64 + bytes[1];
        else if (id == 1) id = 64 + BinaryPrimitives.ReadUInt16LittleEndian(bytes[1..]);

        var known = Find(id);
        if (known is null && format >= 2) return Fail($"Chunk stream {id} begins with a header of format {format}.");
        if (known is { Body: not null } && format == 0) return Fail($"A message begins on chunk stream {id} inside another.");
        var length = format <= 1 ? (int)ReadUInt24(bytes[(at + 3)..]) : known!.Length;
        if (known is { Body: not null } && length != known.Length) return Fail($"A message's length changes from {known.Length} to {length} bytes.");

        var field = format <= 2 ? ReadUInt24(bytes[at..]) : 0;
        var time = field;
        var isExtended = format <= 2 ? field == ChunkHeader.ExtendedTime : known!.IsExtended;
        if (isExtended && format <= 2)
        {
            if (bytes.Length < end + 4) return HeaderStatus.Short;
            time = BinaryPrimitives.ReadUInt32BigEndian(bytes[end..]);
            end += 4;
        }
        else if (isExtended)
        {
            // Not every sender repeats the extended time: it is there if the bytes say so.
            Span<byte> expected = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(expected, known!.Delta);
            var there = bytes[end..].CommonPrefixLength(expected);
            if (there < 4 && there == bytes.Length - end) return HeaderStatus.Short;
            if (there == 4) end += 4;
        }

        var type = format <= 1 ? (RtmpMessageType)bytes[at + 6] : known!.Type;
        if (known?.Body is null && length > limits.MaxLength(type, IsAuthorised))
            return Fail($"A message of type {(int)type} is {length} bytes long; {limits.MaxLength(type, IsAuthorised)} are allowed.");
        if (known is null && _streamCount == limits.MaxChunkStreams) return Fail($"More than {limits.MaxChunkStreams} chunk streams are used.");

        var stream = known ?? Add(id);
        if (stream.Body is null) Begin(stream, format, time, isExtended, length, type, bytes, at);
        _current = stream;
        _chunkLeft = Math.Min(_chunkSize, stream.Length - stream.Body!.Length);
        size = end;
        return HeaderStatus.Whole;
    }

    private static void Begin(ChunkStream stream, int format, uint time, bool isExtended, int length, RtmpMessageType type, ReadOnlySpan<byte> bytes, int at)
    {
        if (format == 0) stream.MessageStreamId = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 7)..]);
        if (format <= 2) (stream.Delta, stream.IsExtended) = (time, isExtended);
        stream.Timestamp = format == 0 ? time : stream.Timestamp + stream.Delta;
        (stream.Length, stream.Type) = (length, type);
        stream.Body = SharedBuffer.Rent(Math.Min(length, FirstRoom));
    }

    /// <summary>Takes what is there of the current chunk; true when that is all of it.</summary>
    private bool FillChunk(ref ReadOnlySpan<byte> rest)
    {
        if (_stashed > 0 && _chunkLeft > 0)
        {
            var fromStash = Math.Min(_stashed, _chunkLeft);
            if (!Append(_stash.AsSpan(0, fromStash))) return false;
            _stash.AsSpan(fromStash, _stashed - fromStash).CopyTo(_stash);
            _stashed -= fromStash;
        }
        var taken = Math.Min(rest.Length, _chunkLeft);
        if (!Append(rest[..taken])) return false;
        rest = rest[taken..];
        return _chunkLeft == 0;
    }

    private bool Append(ReadOnlySpan<byte> bytes)
    {
        if (_partialBytes + bytes.Length > limits.MaxPartialBytes)
        {
            Fail($"Unfinished messages hold more than {limits.MaxPartialBytes} bytes.");
            return false;
        }
        _current!.Body!.Append(bytes);
        _partialBytes += bytes.Length;
        _chunkLeft -= bytes.Length;
        return true;
    }

    /// <summary>Hands out a whole message, or obeys it; false when there is nothing to hand out.</summary>
    private bool TryFinish(ChunkStream stream, out RtmpMessage message)
    {
        message = new RtmpMessage(stream.Type, stream.Id, stream.MessageStreamId, stream.Timestamp, stream.Body!);
        if (stream.Type is not (RtmpMessageType.SetChunkSize or RtmpMessageType.Abort))
        {
            _partialBytes -= stream.Length;
            stream.Body = null;
            return true;
        }
        message = default;
        var body = stream.Body!.Span;
        var value = body.Length >= 4 ? BinaryPrimitives.ReadUInt32BigEndian(body) : (uint?)null;
        var type = stream.Type;
        Drop(stream);
        if (value is null) Fail($"A message of type {(int)type} is too short.");
        else if (type == RtmpMessageType.Abort)
        {
            if (value <= ChunkHeader.MaxChunkStreamId && Find((int)value) is { } aborted) Drop(aborted);
        }
        else if (value is 0 or > int.MaxValue) Fail($"A chunk size of {value} is not possible.");
        else _chunkSize = (int)Math.Min(value.Value, MaxChunkSize);
        return false;
    }

    private ChunkStream? Find(int id)
    {
        foreach (var stream in _streams.AsSpan(0, _streamCount))
            if (stream.Id == id) return stream;
        return null;
    }

    private ChunkStream Add(int id)
    {
        if (_streamCount == _streams.Length) Array.Resize(ref _streams, _streamCount * 2);
        return _streams[_streamCount++] = new ChunkStream(id);
    }

    private void Drop(ChunkStream stream)
    {
        if (stream.Body is not { } body) return;
        _partialBytes -= body.Length;
        stream.Body = null;
        body.Release();
    }

    private HeaderStatus Fail(string error)
    {
        Error ??= error;
        return HeaderStatus.Invalid;
    }

    private static uint ReadUInt24(ReadOnlySpan<byte> bytes) => (uint)(bytes[0] << 16 | bytes[1] << 8 | bytes[2]);
}
