using Sluice.Pipeline.Ingest;
using Sluice.Pipeline.Media;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Ingest;

public class FrameReaderTests
{
    private const string AvcC = "0142c01effe100196742c01ed900a02ff97011000003000100000300320f162e4801000568cb83cb20";
    private const string SetDataFrame = "02000d" + "40736574446174614672616d65";
    private const string OnMetaData = "02000a" + "6f6e4d65746144617461" + "0800000000000009";
    private const string OnCue = "020005" + "6f6e437565" + "05";

    [Theory]
    [InlineData(9, "1700000000" + AvcC, TrackKind.Video, FrameFlags.Header, Codec.Avc, 0, 5, -1)]
    [InlineData(9, "1701000050" + "0000000165", TrackKind.Video, FrameFlags.Key, Codec.Avc, 80, 5, 2)]
    [InlineData(9, "2701ffffd8" + "0000000141", TrackKind.Video, FrameFlags.None, Codec.Avc, -40, 5, 2)]
    [InlineData(9, "90" + "61766331" + AvcC, TrackKind.Video, FrameFlags.Header, Codec.Avc, 0, 5, -1)]
    [InlineData(9, "9168766331" + "000028" + "26", TrackKind.Video, FrameFlags.Key, Codec.Hevc, 40, 8, 5)]
    [InlineData(8, "af00" + "1190", TrackKind.Audio, FrameFlags.Header, Codec.Aac, 0, 2, -1)]
    [InlineData(8, "af01" + "2100", TrackKind.Audio, FrameFlags.None, Codec.Aac, 0, 2, -1)]
    [InlineData(8, "914f707573" + "fc", TrackKind.Audio, FrameFlags.None, Codec.Opus, 0, 5, -1)]
    [InlineData(18, SetDataFrame + OnMetaData, TrackKind.Data, FrameFlags.Header, Codec.None, 0, 0, -1)]
    [InlineData(18, OnMetaData, TrackKind.Data, FrameFlags.Header, Codec.None, 0, 0, -1)]
    [InlineData(18, SetDataFrame + OnCue, TrackKind.Data, FrameFlags.None, Codec.None, 0, 0, -1)]
    [InlineData(15, "00" + OnMetaData, TrackKind.Data, FrameFlags.Header, Codec.None, 0, 0, -1)]
    public void A_message_becomes_a_frame(byte type, string hex, TrackKind kind, FrameFlags flags, Codec codec, int cts, int payloadOffset, int ctsOffset)
    {
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        var read = FrameReader.Read(type, 4_000_000_000, body);
        Assert.Equal(FrameReadStatus.Frame, read.Status);
        Assert.Equal(new Frame(kind, flags, codec, 4_000_000_000, cts, body, payloadOffset, ctsOffset), read.Frame);
        body.Release();
    }

    [Theory]
    [InlineData(SetDataFrame + OnMetaData, OnMetaData)]
    [InlineData(SetDataFrame + OnCue, OnCue)]
    [InlineData(OnCue, OnCue)]
    public void Data_goes_on_without_setDataFrame(string hex, string rest)
    {
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        Assert.Equal(rest, Convert.ToHexStringLower(FrameReader.Read(18, 0, body).Frame.Body.Span));
        body.Release();
    }

    [Theory]
    [InlineData(9, "1702000000", FrameReadStatus.Skipped, "ends a sequence")]
    [InlineData(9, "9268766331", FrameReadStatus.Skipped, "ends a sequence")]
    [InlineData(9, "5200", FrameReadStatus.Skipped, "seek")]
    [InlineData(8, "", FrameReadStatus.Skipped, "silence")]
    [InlineData(18, "02000f" + "40636c656172446174614672616d65", FrameReadStatus.Skipped, "clears")]
    [InlineData(9, "", FrameReadStatus.Unusable, "empty")]
    [InlineData(9, "170000000001", FrameReadStatus.Unusable, "avcC")]
    [InlineData(8, "af0000", FrameReadStatus.Unusable, "AudioSpecificConfig")]
    [InlineData(8, "af", FrameReadStatus.Unusable, "ends inside")]
    [InlineData(18, "", FrameReadStatus.Unusable, "empty")]
    [InlineData(18, SetDataFrame, FrameReadStatus.Unusable, "empty")]
    [InlineData(15, "11", FrameReadStatus.Unusable, "AMF3")]
    [InlineData(20, "00", FrameReadStatus.Unusable, "type 20")]
    public void What_is_no_frame_says_why(byte type, string hex, FrameReadStatus status, string reason)
    {
        var body = SharedBuffer.CopyOf(Convert.FromHexString(hex));
        var read = FrameReader.Read(type, 0, body);
        Assert.Equal(status, read.Status);
        Assert.Contains(reason, read.Reason);
        body.Release();
    }

    [Fact]
    public void Reading_pictures_and_sounds_allocates_nothing()
    {
        var video = SharedBuffer.CopyOf(Convert.FromHexString("1701000050" + "0000000165"));
        var audio = SharedBuffer.CopyOf(Convert.FromHexString("af012100"));
        for (var i = 0; i < 100; i++) Assert.Equal(FrameReadStatus.Frame, FrameReader.Read(9, 0, video).Status);
        var frames = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            if (FrameReader.Read(9, 0, video).Status == FrameReadStatus.Frame) frames++;
            if (FrameReader.Read(8, 0, audio).Status == FrameReadStatus.Frame) frames++;
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2000, frames);
        video.Release();
        audio.Release();
    }
}
