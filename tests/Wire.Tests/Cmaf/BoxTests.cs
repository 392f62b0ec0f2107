using System.Buffers.Binary;
using System.Text;
using Sluice.Wire.Buffers;
using Sluice.Wire.Cmaf;
using Sluice.Wire.Codecs;

namespace Wire.Tests.Cmaf;

public class BoxTests
{
    private static readonly string[] Containers = ["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex", "moof", "traf"];

    private static readonly CmafTrack Video = CmafTrack.Read(Codec.Avc, Convert.FromHexString(CmafTrackTests.Avc720), out _)!;
    private static readonly CmafTrack Sound = CmafTrack.Read(Codec.Aac, [0x11, 0x90], out _)!;

    /// <summary>All boxes, the inner ones of containers too: path, place, size.</summary>
    private static List<(string Path, int Start, int Size)> Walk(byte[] bytes, int from, int to, string path = "")
    {
        List<(string, int, int)> boxes = [];
        while (from < to)
        {
            var size = (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(from));
            var type = Encoding.ASCII.GetString(bytes, from + 4, 4);
            Assert.InRange(size, 8, to - from);
            boxes.Add((path + type, from, size));
            if (Containers.Contains(type)) boxes.AddRange(Walk(bytes, from + 8, from + size, $"{path}{type}/"));
            from += size;
        }
        return boxes;
    }

    private static byte[] Written(Action<SharedBuffer> write)
    {
        var buffer = SharedBuffer.Rent(0);
        write(buffer);
        var bytes = buffer.Span.ToArray();
        buffer.Release();
        return bytes;
    }

    private static CmafSample Sample(byte[] payload, uint duration, int cts = 0, bool sync = false) => new(SharedBuffer.CopyOf([9, 9, .. payload]), 2, duration, cts, sync);

    [Fact]
    public void An_init_segment_consists_of_whole_boxes_with_a_track_each()
    {
        var bytes = Written(buffer => InitSegment.Write(buffer, [Video, Sound]));
        var boxes = Walk(bytes, 0, bytes.Length);
        Assert.Equal(["ftyp", "moov"], boxes.Where(box => !box.Path.Contains('/')).Select(box => box.Path));
        Assert.Equal(2, boxes.Count(box => box.Path == "moov/trak/mdia/minf/stbl/stsd"));
        Assert.Equal(2, boxes.Count(box => box.Path == "moov/mvex/trex"));
        var avcC = bytes.AsSpan().IndexOf("avcC"u8);
        Assert.Equal(8 + Video.Config.Length, (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(avcC - 4)));
        Assert.Equal(Video.Config, bytes[(avcC + 4)..(avcC + 4 + Video.Config.Length)]);
    }

    [Fact]
    public void A_fragment_points_each_track_at_its_own_bytes()
    {
        CmafRun video = new(1, true, 900, [Sample([1, 2, 3], 3600, 7200, sync: true), Sample([4], 3600, -3600)]);
        CmafRun sound = new(2, false, 480, [Sample([5, 6], 1024)]);
        var bytes = Written(buffer => MediaFragment.Write(buffer, 77, DateTimeOffset.UnixEpoch, [video, sound]));
        var boxes = Walk(bytes, 0, bytes.Length);
        Assert.Equal(["prft", "moof", "mdat"], boxes.Where(box => !box.Path.Contains('/')).Select(box => box.Path));
        var moof = boxes.Single(box => box.Path == "moof").Start;
        var mdat = boxes.Single(box => box.Path == "mdat");
        Assert.Equal([1, 2, 3, 4, 5, 6], bytes[(mdat.Start + 8)..]);
        var runs = boxes.Where(box => box.Path == "moof/traf/trun").ToList();
        var offsets = runs.Select(run => moof + (int)BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(run.Start + 16)));
        Assert.Equal([mdat.Start + 8, mdat.Start + 8 + 4], offsets);
        // The second picture: duration, size, not a sync sample, shown before it is decoded.
        Assert.Equal("00000e10" + "00000001" + "01010000" + "fffff1f0", Convert.ToHexStringLower(bytes.AsSpan(runs[0].Start + 20 + 16, 16)));
        var times = boxes.Where(box => box.Path == "moof/traf/tfdt").Select(box => (long)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(box.Start + 12)));
        Assert.Equal([900L, 480L], times);
    }

    [Fact]
    public void A_track_without_samples_is_left_out_of_a_fragment()
    {
        var bytes = Written(buffer => MediaFragment.Write(buffer, 1, DateTimeOffset.UnixEpoch, [new CmafRun(1, true, 0, []), new CmafRun(2, false, 0, [Sample([5], 1024)])]));
        Assert.Single(Walk(bytes, 0, bytes.Length), box => box.Path == "moof/traf");
    }

    [Fact]
    public void The_reference_time_is_ntp_time()
    {
        var utc = new DateTimeOffset(2026, 11, 22, 12, 0, 0, 40, TimeSpan.Zero);
        var bytes = Written(buffer => MediaFragment.Write(buffer, 1, utc, [new CmafRun(1, true, 0x107ac0, [Sample([1], 3600)])]));
        Assert.Equal("0000002070726674" + "01000018" + "00000001" + "eead57c00a3d70", Convert.ToHexStringLower(bytes.AsSpan(0, 23)));
        Assert.Equal("0000000000107ac0", Convert.ToHexStringLower(bytes.AsSpan(24, 8)));
    }

    [Fact]
    public void The_size_that_is_told_beforehand_is_enough()
    {
        CmafRun video = new(1, true, 0, [.. Enumerable.Range(0, 40).Select(i => Sample(new byte[i], 3600))]);
        CmafRun sound = new(2, false, 0, [.. Enumerable.Range(0, 40).Select(i => Sample(new byte[i], 1024))]);
        var length = Written(buffer => MediaFragment.Write(buffer, 1, DateTimeOffset.UnixEpoch, [video, sound])).Length;
        Assert.InRange(MediaFragment.SizeOf([video, sound]), length, length + 600);
    }
}
