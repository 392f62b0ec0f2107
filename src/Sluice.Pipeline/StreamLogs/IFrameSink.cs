using Sluice.Pipeline.Media;

namespace Sluice.Pipeline.StreamLogs;

/// <summary>What is fed from a <see cref="StreamLog"/> in append order: a muxer of one container, a packager.</summary>
/// <remarks>Called by the stream's writer, under the stream's lock: quick, never blocking. A sink that keeps a frame retains its body.</remarks>
public interface IFrameSink
{
    void OnFrame(in Frame frame);

    /// <summary>The show has ended: nothing follows.</summary>
    void OnEnd();
}
