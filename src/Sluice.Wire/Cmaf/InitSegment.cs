using Sluice.Wire.Buffers;

namespace Sluice.Wire.Cmaf;

/// <summary>Writes the init segment of a fragmented MP4 (CMAF header, ISO/IEC 23000-19 §7.3.1): <c>ftyp</c> and <c>moov</c>, without any sample.</summary>
/// <remarks>Track n of the list gets the id n + 1.</remarks>
public static class InitSegment
{
    private const uint MovieTimescale = 1000;
    private const uint Unity = 0x00010000;
    private const uint Undetermined = 0x55C4;   // language "und"

    private static ReadOnlySpan<byte> Matrix => [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0];

    /// <summary>Appends the segment to <paramref name="buffer"/>, which the caller owns.</summary>
    public static void Write(SharedBuffer buffer, IReadOnlyList<CmafTrack> tracks)
    {
        var box = new BoxWriter(buffer);
        var ftyp = box.Begin("ftyp"u8);
        box.Bytes("iso6"u8);
        box.U32(0);
        if (tracks.Count == 1) box.Bytes("iso6cmfcmp41"u8);     // a CMAF header has one track (ISO/IEC 23000-19 §7.3.1)
        else box.Bytes("iso6mp41"u8);
        box.End(ftyp);
        var moov = box.Begin("moov"u8);
        WriteMovieHeader(box, tracks.Count);
        for (var i = 0; i < tracks.Count; i++) WriteTrack(box, tracks[i], (uint)i + 1);
        var mvex = box.Begin("mvex"u8);
        for (var i = 0; i < tracks.Count; i++) WriteDefaults(box, tracks[i], (uint)i + 1);
        box.End(mvex);
        box.End(moov);
    }

    private static void WriteMovieHeader(BoxWriter box, int tracks)
    {
        var mvhd = box.Begin("mvhd"u8, 0);
        box.Zeros(8);
        box.U32(MovieTimescale);
        box.U32(0);
        box.U32(Unity);             // rate
        box.U16(0x0100);            // volume
        box.Zeros(10);
        box.Bytes(Matrix);
        box.Zeros(24);
        box.U32((uint)tracks + 1);
        box.End(mvhd);
    }

    private static void WriteTrack(BoxWriter box, CmafTrack track, uint id)
    {
        const uint enabledAndInMovie = 3;
        var trak = box.Begin("trak"u8);
        var tkhd = box.Begin("tkhd"u8, 0, enabledAndInMovie);
        box.Zeros(8);
        box.U32(id);
        box.Zeros(8);
        box.Zeros(12);
        box.U16(track.IsVideo ? 0 : 0x0100);
        box.U16(0);
        box.Bytes(Matrix);
        box.U32((uint)track.Width << 16);
        box.U32((uint)track.Height << 16);
        box.End(tkhd);
        var mdia = box.Begin("mdia"u8);
        var mdhd = box.Begin("mdhd"u8, 0);
        box.Zeros(8);
        box.U32((uint)track.Timescale);
        box.U32(0);
        box.U32(Undetermined << 16);
        box.End(mdhd);
        var hdlr = box.Begin("hdlr"u8, 0);
        box.U32(0);
        box.Bytes(track.IsVideo ? "vide"u8 : "soun"u8);
        box.Zeros(12);
        box.U8(0);                  // an empty name
        box.End(hdlr);
        WriteMediaInformation(box, track);
        box.End(mdia);
        box.End(trak);
    }

    private static void WriteMediaInformation(BoxWriter box, CmafTrack track)
    {
        const uint inTheSameFile = 1;
        var minf = box.Begin("minf"u8);
        var header = track.IsVideo ? box.Begin("vmhd"u8, 0, 1) : box.Begin("smhd"u8, 0);
        box.Zeros(track.IsVideo ? 8 : 4);
        box.End(header);
        var dinf = box.Begin("dinf"u8);
        var dref = box.Begin("dref"u8, 0);
        box.U32(1);
        box.End(box.Begin("url "u8, 0, inTheSameFile));
        box.End(dref);
        box.End(dinf);
        var stbl = box.Begin("stbl"u8);
        var stsd = box.Begin("stsd"u8, 0);
        box.U32(1);
        SampleEntry.Write(box, track);
        box.End(stsd);
        WriteEmpty(box, "stts"u8, 4);
        WriteEmpty(box, "stsc"u8, 4);
        WriteEmpty(box, "stsz"u8, 8);
        WriteEmpty(box, "stco"u8, 4);
        box.End(stbl);
        box.End(minf);
    }

    private static void WriteEmpty(BoxWriter box, ReadOnlySpan<byte> type, int fields)
    {
        var table = box.Begin(type, 0);
        box.Zeros(fields);
        box.End(table);
    }

    private static void WriteDefaults(BoxWriter box, CmafTrack track, uint id)
    {
        var trex = box.Begin("trex"u8, 0);
        box.U32(id);
        box.U32(1);                 // the one sample entry
        box.Zeros(8);
        box.U32(track.IsVideo ? MediaFragment.NonSync : MediaFragment.Sync);
        box.End(trex);
    }
}
