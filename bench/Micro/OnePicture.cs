using BenchmarkDotNet.Attributes;
using Sluice.Pipeline;
using Sluice.Pipeline.Media;
using Sluice.Pipeline.Output;
using Sluice.Pipeline.StreamLogs;
using Sluice.Wire.Buffers;
using Sluice.Wire.Codecs;

namespace Sluice.Micro;

/// <summary>What a picture of 5000 bytes costs from the log on: appended, muxed for one container or both, and walked to viewers whose connections take all.</summary>
[MemoryDiagnoser, InProcess]
public class OnePicture : IDisposable
{
    private const int Size = 5000;

    private readonly StreamTime _time = new();
    private readonly EgressLoops _loops;
    private readonly StreamLog _log = new(new PlayOptions { GopCache = TimeSpan.FromSeconds(2) });
    private readonly SharedBuffer _key = Body(0x17);
    private readonly SharedBuffer _other = Body(0x27);

    public OnePicture() => _loops = new EgressLoops(new EgressOptions { Tick = TimeSpan.FromMilliseconds(100) }, _time, 1, start: false);

    /// <summary>Append alone; with the bytes of FLV; of RTMP; FLV with a thousand viewers.</summary>
    [Params("append", "flv", "rtmp", "flv, 1000 viewers")]
    public string Way { get; set; } = "append";

    [GlobalSetup]
    public void SetUp()
    {
        var output = new StreamOutput(_log, "live/x", new EgressOptions(), _loops, _time);
        var container = Way == "rtmp" ? Container.Rtmp : Container.Flv;
        var viewers = Way switch { "append" => 0, "flv, 1000 viewers" => 1000, _ => 1 };
        for (var i = 0; i < viewers; i++) output.Open(new Abyss(), new SubscribeRequest { Container = container, Protocol = "bench" });
        for (var i = 0; i < 500; i++) Picture();
    }

    [Benchmark]
    public void Picture()
    {
        var isKey = _time.Milliseconds % 2000 == 0;
        lock (_log.Gate) _log.Append(new Frame(TrackKind.Video, isKey ? FrameFlags.Key : FrameFlags.None, Codec.Avc, _time.Milliseconds, 0, isKey ? _key : _other, 5, 2));
        _time.Milliseconds += 40;
        if (Way != "append") _loops.Tick();
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _loops.Dispose();
        GC.SuppressFinalize(this);
    }

    private static SharedBuffer Body(byte first)
    {
        var body = SharedBuffer.CopyOf([first, 1, 0, 0, 0]);
        body.Append(new byte[Size - 5]);
        return body;
    }

    /// <summary>A clock that runs with the stream, however fast the benchmark does: viewers are looked after as often as in real time.</summary>
    private sealed class StreamTime : TimeProvider
    {
        public long Milliseconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Milliseconds;
    }

    /// <summary>A connection that takes everything.</summary>
    private sealed class Abyss : IByteSink
    {
        public string? Error => null;

        public int NotSent => 0;

        public int Send(ReadOnlyMemory<byte> bytes) => bytes.Length;

        public int Send(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> more) => bytes.Length + more.Length;

        public bool Flush() => true;

        public void SetNotSentLimit(int bytes)
        {
        }

        public void Finish()
        {
        }
    }
}
