using System.Buffers;
using System.Buffers.Binary;
using Sluice.Wire.Buffers;

namespace Sluice.Wire.Flv;

/// <summary>One FLV tag. The receiver owns the one reference to <paramref name="Body"/>.</summary>
public readonly record struct FlvTag(FlvTagType Type, uint Time, SharedBuffer Body);

/// <summary>
/// Reads an FLV file or stream (FLV 10.1 annex E): bytes in, tags out.
/// </summary>
/// <remarks>
/// No I/O, one caller at a time. A tag is given as soon as its body is whole. Lengths are not believed: a body over its limit ends the
/// reading, a body below it takes memory as its bytes come. Encrypted tags and tag types other than audio, video and script are skipped;
/// "previous tag size" is not checked, because several servers write it wrong. Disposing gives back the tag under way.
/// </remarks>
public sealed class FlvReader : IDisposable
{
    public const int MaxVideoLength = 10 << 20;
    public const int MaxAudioLength = 64 << 10;
    public const int MaxScriptLength = 64 << 10;

    private const int MinDataOffset = 9;
    private const int MaxDataOffset = 1024;
    private const int FirstRoom = 16 << 10;

    private readonly byte[] _header = new byte[FlvTagHeader.Size];
    private State _state = State.FileHeader;
    private int _have;
    private int _skip;
    private FlvTagHeader _tag;
    private SharedBuffer? _body;

    private enum State { FileHeader, Skip, TagHeader, Body, Failed }

    /// <summary>Why the bytes are no FLV, after <see cref="OperationStatus.InvalidData"/>.</summary>
    public string? Error { get; private set; }

    /// <summary>Bit 2: audio, bit 0: video, as the file's header says; many say what is not so.</summary>
    public byte Flags { get; private set; }

    /// <summary>
    /// Takes bytes from <paramref name="input"/> up to the end of one tag.
    /// </summary>
    /// <param name="consumed">Bytes taken; call again with the rest after <see cref="OperationStatus.Done"/>.</param>
    /// <returns>Done: <paramref name="tag"/> is whole. NeedMoreData: all bytes were taken. InvalidData: see <see cref="Error"/>; the reader is of no more use.</returns>
    public OperationStatus Read(ReadOnlySpan<byte> input, out int consumed, out FlvTag tag)
    {
        tag = default;
        var rest = input;
        while (_state != State.Failed)
        {
            switch (_state)
            {
                case State.FileHeader when Fill(ref rest, MinDataOffset):
                    ReadFileHeader();
                    break;
                case State.TagHeader when Fill(ref rest, FlvTagHeader.Size):
                    ReadTagHeader(rest.Length);
                    break;
                case State.Skip when SkipSome(ref rest):
                    _state = State.TagHeader;
                    break;
                case State.Body when FillBody(ref rest):
                    tag = new FlvTag(_tag.Type, _tag.Time, _body!);
                    _body = null;
                    SkipThen(FlvTagHeader.TrailerSize);
                    consumed = input.Length - rest.Length;
                    return OperationStatus.Done;
                case State.Failed:
                    break;
                default:
                    consumed = input.Length;
                    return OperationStatus.NeedMoreData;
            }
        }
        consumed = input.Length - rest.Length;
        return OperationStatus.InvalidData;
    }

    public void Dispose()
    {
        _body?.Release();
        _body = null;
        _state = State.Failed;
        Error ??= "The reader was closed.";
    }

    private static int MaxLength(FlvTagType type) => type switch
    {
        FlvTagType.Video => MaxVideoLength,
        FlvTagType.Audio => MaxAudioLength,
        FlvTagType.Script => MaxScriptLength,
        _ => FlvTagHeader.MaxLength,
    };

    private void ReadFileHeader()
    {
        _have = 0;
        var dataOffset = BinaryPrimitives.ReadUInt32BigEndian(_header.AsSpan(5));
        if (!_header.AsSpan().StartsWith("FLV"u8)) Fail("It does not begin with \"FLV\".");
        else if (dataOffset is < MinDataOffset or > MaxDataOffset) Fail($"The FLV header says that it is {dataOffset} bytes long.");
        else SkipThen((int)dataOffset - MinDataOffset + FlvTagHeader.TrailerSize);
        Flags = _header[4];
    }

    private void ReadTagHeader(int available)
    {
        _have = 0;
        _tag = FlvTagHeader.Read(_header);
        if (_tag.Length > MaxLength(_tag.Type)) Fail($"A tag of type {(int)_tag.Type} is {_tag.Length} bytes long; {MaxLength(_tag.Type)} are allowed.");
        else if (_tag.Type is not (FlvTagType.Audio or FlvTagType.Video or FlvTagType.Script)) SkipThen(_tag.Length + FlvTagHeader.TrailerSize);
        else
        {
            _body = SharedBuffer.Rent(Math.Min(_tag.Length, Math.Max(FirstRoom, available)));
            _state = State.Body;
        }
    }

    private bool Fill(ref ReadOnlySpan<byte> rest, int count)
    {
        var taken = Math.Min(count - _have, rest.Length);
        rest[..taken].CopyTo(_header.AsSpan(_have));
        rest = rest[taken..];
        _have += taken;
        return _have == count;
    }

    private bool FillBody(ref ReadOnlySpan<byte> rest)
    {
        var taken = Math.Min(_tag.Length - _body!.Length, rest.Length);
        _body.Append(rest[..taken]);
        rest = rest[taken..];
        return _body.Length == _tag.Length;
    }

    private bool SkipSome(ref ReadOnlySpan<byte> rest)
    {
        var taken = Math.Min(_skip, rest.Length);
        rest = rest[taken..];
        _skip -= taken;
        return _skip == 0;
    }

    private void SkipThen(int count)
    {
        _skip = count;
        _state = State.Skip;
    }

    private void Fail(string error)
    {
        Error = error;
        _state = State.Failed;
    }
}
