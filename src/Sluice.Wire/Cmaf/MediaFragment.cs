using Sluice.Wire.Buffers;

namespace Sluice.Wire.Cmaf;

/// <summary>One coded unit on its way into a fragment.</summary>
/// <param name="Body">Whoever lists the sample holds a reference.</param>
/// <param name="Offset">Where the coded bytes begin in <paramref name="Body"/>.</param>
/// <param name="Duration">In units of the track.</param>
/// <param name="Cts">Presentation less decoding time, in units of the track.</param>
public readonly record struct CmafSample(SharedBuffer Body, int Offset, uint Duration, int Cts, bool IsSync);

/// <summary>One track's samples in a fragment.</summary>
/// <param name="TrackId">As in the init segment.</param>
/// <param name="BaseTime">The decoding time of the first sample, in units of the track.</param>
public readonly record struct CmafRun(uint TrackId, bool IsVideo, long BaseTime, IReadOnlyList<CmafSample> Samples);

/// <summary>Writes one chunk of CMAF media (ISO/IEC 23000-19 §7.3.2.3): <c>prft</c>, <c>moof</c>, <c>mdat</c>; each track's bytes stand together in the <c>mdat</c>.</summary>
public static class MediaFragment
{
    internal const uint Sync = 0x02000000;       // depends on no other
    internal const uint NonSync = 0x01010000;    // depends on others, and is no sync sample

    private const uint DefaultBaseIsMoof = 0x020000;
    private const uint HasDataOffset = 0x001, HasDuration = 0x100, HasSize = 0x200, HasFlags = 0x400, HasCts = 0x800;
    private const uint CapturedAtEncoder = 24;   // prft: what low-latency packagers set
    private const long NtpEpochOffset = 2_208_988_800;
    private const int BytesPerSample = 16;
    private const int FixedBytes = 256;

    /// <summary>A buffer of at least this size takes the fragment without growing.</summary>
    public static int SizeOf(IReadOnlyList<CmafRun> runs)
    {
        var size = FixedBytes;
        foreach (var run in runs)
            foreach (var sample in run.Samples) size += BytesPerSample + sample.Body.Length - sample.Offset;
        return size;
    }

    /// <summary>Appends the fragment to <paramref name="buffer"/>, which the caller owns. Runs without samples are left out.</summary>
    /// <param name="sequence">Rises from fragment to fragment.</param>
    /// <param name="utc">The wall time of the first sample of the first run with any.</param>
    /// <param name="events">What a player is told with it.</param>
    public static void Write(SharedBuffer buffer, uint sequence, DateTimeOffset utc, IReadOnlyList<CmafRun> runs, IReadOnlyList<CmafEvent>? events = null)
    {
        var box = new BoxWriter(buffer);
        WriteReferenceTime(box, utc, runs);
        foreach (var told in events ?? []) WriteEvent(box, told);
        var moof = box.Begin("moof"u8);
        var mfhd = box.Begin("mfhd"u8, 0);
        box.U32(sequence);
        box.End(mfhd);
        Span<int> offsets = stackalloc int[runs.Count];
        for (var i = 0; i < runs.Count; i++)
            if (runs[i].Samples.Count > 0) offsets[i] = WriteTrackFragment(box, runs[i]);
        box.End(moof);
        var mdat = box.Begin("mdat"u8);
        for (var i = 0; i < runs.Count; i++)
        {
            if (runs[i].Samples.Count == 0) continue;
            box.Patch(offsets[i], (uint)(box.Position - moof));
            foreach (var sample in runs[i].Samples) box.Bytes(sample.Body.Span[sample.Offset..]);
        }
        box.End(mdat);
    }

    /// <summary>ISO/IEC 14496-12 §8.16.5.</summary>
    private static void WriteReferenceTime(BoxWriter box, DateTimeOffset utc, IReadOnlyList<CmafRun> runs)
    {
        foreach (var run in runs)
        {
            if (run.Samples.Count == 0) continue;
            var milliseconds = (ulong)(utc.ToUnixTimeMilliseconds() + NtpEpochOffset * 1000);
            var prft = box.Begin("prft"u8, 1, CapturedAtEncoder);
            box.U32(run.TrackId);
            box.U64(milliseconds / 1000 << 32 | (milliseconds % 1000 << 32) / 1000);
            box.U64((ulong)run.BaseTime);
            box.End(prft);
            return;
        }
    }

    /// <summary>ISO/IEC 23009-1 §5.10.3.3.</summary>
    private static void WriteEvent(BoxWriter box, in CmafEvent told)
    {
        var emsg = box.Begin("emsg"u8, 1);
        box.U32(1000);               // timescale
        box.U64((ulong)told.Time);
        box.U32(uint.MaxValue);      // its duration is not known
        box.U32(told.Id);
        box.Bytes(CmafEvent.Scheme);
        box.Bytes("\0"u8);
        box.Bytes(told.Tag);
        box.End(emsg);
    }

    /// <returns>Where the data offset stands, to be filled in.</returns>
    private static int WriteTrackFragment(BoxWriter box, in CmafRun run)
    {
        var traf = box.Begin("traf"u8);
        var tfhd = box.Begin("tfhd"u8, 0, DefaultBaseIsMoof);
        box.U32(run.TrackId);
        box.End(tfhd);
        var tfdt = box.Begin("tfdt"u8, 1);
        box.U64((ulong)run.BaseTime);
        box.End(tfdt);
        var trun = box.Begin("trun"u8, 1, HasDataOffset | HasDuration | HasSize | (run.IsVideo ? HasFlags | HasCts : 0));
        box.U32((uint)run.Samples.Count);
        var offset = box.Position;
        box.U32(0);
        foreach (var sample in run.Samples)
        {
            box.U32(sample.Duration);
            box.U32((uint)(sample.Body.Length - sample.Offset));
            if (!run.IsVideo) continue;
            box.U32(sample.IsSync ? Sync : NonSync);
            box.U32((uint)sample.Cts);
        }
        box.End(trun);
        box.End(traf);
        return offset;
    }
}
