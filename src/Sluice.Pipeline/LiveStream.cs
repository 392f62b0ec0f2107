using Sluice.Pipeline.StreamLogs;

namespace Sluice.Pipeline;

/// <summary>One stream: its sources, the switch between them, and the log that everything is made from.</summary>
public sealed class LiveStream(string name, StreamOptions options)
{
    /// <summary><c>app/name</c>.</summary>
    public string Name => name;

    public StreamOptions Options => options;

    public StreamLog Log { get; } = new(options.Play);
}
