using Sluice.Pipeline.Media;
using Sluice.Pipeline.Sources;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Pipeline.Tests.Sources;

public sealed class ParameterRatingTests
{
    private static readonly byte[] Stereo48 = [0x11, 0x90], Mono48 = [0x11, 0x88], Stereo44 = [0x12, 0x10];

    [Fact]
    public void Equal_configurations_are_seamless() => AssertRated(ParameterFit.Seamless, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12), Stereo48), null);

    [Fact]
    public void Other_parameter_sets_for_the_same_pictures_are_seamless() =>
        AssertRated(ParameterFit.Seamless, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12, references: 4), Stereo48), null);

    [Fact]
    public void Another_size_begins_anew() => AssertRated(ParameterFit.ReInit, Of(Avc(20, 12), Stereo48), Of(Avc(40, 12), Stereo48), "640x192 instead of 320x192");

    [Fact]
    public void Another_rate_of_the_sound_is_incompatible() =>
        AssertRated(ParameterFit.Incompatible, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12), Stereo44), "sound at 44100 Hz instead of 48000");

    [Fact]
    public void Other_channels_begin_anew() => AssertRated(ParameterFit.ReInit, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12), Mono48), "1 channel(s) of sound instead of 2");

    [Fact]
    public void Another_codec_or_a_missing_track_is_incompatible()
    {
        AssertRated(ParameterFit.Incompatible, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12), [1], audio: Codec.Opus), "its sound is OPUS, not AAC");
        AssertRated(ParameterFit.Incompatible, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12), [1], video: Codec.Av1), "its pictures are AV1, not AVC");
        AssertRated(ParameterFit.Incompatible, Of(Avc(20, 12), Stereo48), Of(Avc(20, 12), null), "it has no sound");
        AssertRated(ParameterFit.Incompatible, Of(Avc(20, 12), Stereo48), Of(null, Stereo48), "it has no pictures");
        AssertRated(ParameterFit.ReInit, Of(Avc(20, 12), null), Of(Avc(20, 12), Stereo48), "it has sound");
    }

    private static void AssertRated(ParameterFit fit, SourceParameters on, SourceParameters next, string? reason)
    {
        var rating = ParameterRating.Rate(on, next);
        Assert.True(rating.Fit == fit && (reason is null || rating.Reason == reason), $"{rating.Fit}: {rating.Reason}");
    }

    private static SourceParameters Of(byte[]? avc, byte[]? asc, Codec video = Codec.Avc, Codec audio = Codec.Aac) => SourceParameters.Of(new TrackHeaders(null,
        avc is null ? null : new Frame(TrackKind.Video, FrameFlags.Header, video, 0, 0, SharedBuffer.CopyOf([0x17, 0, 0, 0, 0, .. avc]), 5),
        asc is null ? null : new Frame(TrackKind.Audio, FrameFlags.Header, audio, 0, 0, SharedBuffer.CopyOf([0xAF, 0, .. asc]), 2)));

    /// <summary>An avcC whose baseline parameter set has a size in macroblocks and a number of reference frames, and no VUI.</summary>
    private static byte[] Avc(int columns, int rows, int references = 1)
    {
        var bits = "";
        foreach (var value in new[] { 0, 0, 2, references }) bits += Unsigned(value);   // id, frame_num, POC type 2, references
        bits += "0" + Unsigned(columns - 1) + Unsigned(rows - 1) + "1" + "1" + "0" + "0" + "1";
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '0');
        byte[] sps = [0x67, 66, 0xC0, 30, .. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
        return [1, 66, 0xC0, 30, 0xFF, 0xE1, 0, (byte)sps.Length, .. sps, 1, 0, 2, 0x68, 0xCE];
    }

    private static string Unsigned(int value)
    {
        var code = Convert.ToString(value + 1, 2);
        return new string('0', code.Length - 1) + code;
    }
}
