using System.Buffers.Binary;

namespace Sluice.Wire.Flv;

/// <summary>Packet types of an Enhanced RTMP audio or video body.</summary>
internal enum ExPacketType : byte
{
    SequenceStart = 0,
    CodedFrames = 1,
    SequenceEnd = 2,

    /// <summary>Video: coded frames without composition time.</summary>
    CodedFramesX = 3,

    /// <summary>Video: HDR metadata. Audio: the channel layout.</summary>
    Metadata = 4,

    /// <summary>Video; audio has 5.</summary>
    Multitrack = 6,
    ModEx = 7,
}

/// <summary>
/// The extensible header of an Enhanced RTMP v2 audio or video body ("ExAudioTagHeader", "ExVideoTagHeader"), read down to the default track's payload.
/// </summary>
/// <remarks>
/// <code>
/// first byte  [ModEx: size-1, data, type|packet type]*  [Multitrack: type|packet type]  FourCC  [track id, [size 24]]  payload
/// </code>
/// Of a multitrack body only the track with the id 0, the default one, is looked at.
/// </remarks>
internal ref struct ExHeader
{
    private const byte AudioMultitrack = 5;
    private const byte CommandFrame = 5;

    private readonly ReadOnlySpan<byte> _body;
    private readonly byte _multitrack;
    private int _at;

    private ExHeader(ReadOnlySpan<byte> body, byte multitrack)
    {
        _body = body;
        _multitrack = multitrack;
    }

    public ExPacketType PacketType { get; private set; }

    public uint FourCc { get; private set; }

    /// <summary>A multitrack body without the default track.</summary>
    public bool IsOtherTrack { get; private set; }

    /// <summary>A seek command: there is no FourCC and no payload.</summary>
    public bool IsCommand { get; private set; }

    /// <summary>Where the payload begins; a video's composition time is its first part.</summary>
    public int PayloadOffset { get; private set; }

    public int PayloadLength { get; private set; }

    /// <summary>What is wrong with the bytes; null when nothing is.</summary>
    public string? Error { get; private set; }

    public static ExHeader ReadVideo(ReadOnlySpan<byte> body)
    {
        var header = new ExHeader(body, (byte)ExPacketType.Multitrack) { PacketType = (ExPacketType)(body[0] & 0x0F) };
        header.Read(isCommand: (body[0] >> 4 & 7) == CommandFrame);
        return header;
    }

    public static ExHeader ReadAudio(ReadOnlySpan<byte> body)
    {
        var header = new ExHeader(body, AudioMultitrack) { PacketType = (ExPacketType)(body[0] & 0x0F) };
        header.Read(isCommand: false);
        return header;
    }

    private void Read(bool isCommand)
    {
        _at = 1;
        while (PacketType == ExPacketType.ModEx)
            if (!SkipModEx()) return;
        if (isCommand && PacketType != ExPacketType.Metadata)
        {
            IsCommand = true;
            return;
        }
        if ((byte)PacketType == _multitrack)
        {
            ReadDefaultTrack();
            return;
        }
        if (!TryReadFourCc()) return;
        TakePayload(_body.Length - _at);
    }

    private bool SkipModEx()
    {
        if (!Has(1)) return Fail("It ends inside a ModEx.");
        var size = _body[_at++] + 1;
        if (size == 256)
        {
            if (!Has(2)) return Fail("It ends inside a ModEx.");
            size = BinaryPrimitives.ReadUInt16BigEndian(_body[_at..]) + 1;
            _at += 2;
        }
        if (!Has(size + 1)) return Fail("It ends inside a ModEx.");
        _at += size;
        PacketType = (ExPacketType)(_body[_at++] & 0x0F);
        return true;
    }

    private void ReadDefaultTrack()
    {
        const int oneTrack = 0, manyCodecs = 2;
        if (!Has(1))
        {
            Fail("It ends before the tracks.");
            return;
        }
        var kind = _body[_at] >> 4;
        PacketType = (ExPacketType)(_body[_at++] & 0x0F);
        if (kind > manyCodecs || PacketType == ExPacketType.ModEx || (byte)PacketType == _multitrack)
        {
            Fail($"Multitrack type {kind} with packet type {(int)PacketType} does not exist.");
            return;
        }
        if (kind != manyCodecs && !TryReadFourCc()) return;
        do
        {
            if (kind == manyCodecs && !TryReadFourCc()) return;
            if (!Has(kind == oneTrack ? 1 : 4))
            {
                Fail("It ends inside a track's header.");
                return;
            }
            var track = _body[_at++];
            var length = _body.Length - _at;
            if (kind != oneTrack)
            {
                length = _body[_at] << 16 | BinaryPrimitives.ReadUInt16BigEndian(_body[(_at + 1)..]);
                _at += 3;
                if (!Has(length))
                {
                    Fail($"Track {track} says that it is {length} bytes long; {_body.Length - _at} are there.");
                    return;
                }
            }
            if (track == 0)
            {
                TakePayload(length);
                return;
            }
            _at += length;
        }
        while (_at < _body.Length);
        IsOtherTrack = true;
    }

    private bool TryReadFourCc()
    {
        if (!Has(4)) return Fail("It ends before the FourCC.");
        FourCc = BinaryPrimitives.ReadUInt32BigEndian(_body[_at..]);
        _at += 4;
        return true;
    }

    private void TakePayload(int length) => (PayloadOffset, PayloadLength) = (_at, length);

    private readonly bool Has(int count) => _body.Length - _at >= count;

    private bool Fail(string error)
    {
        Error = error;
        return false;
    }
}
