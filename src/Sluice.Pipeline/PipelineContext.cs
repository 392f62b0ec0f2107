using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Pipeline.Output;

namespace Sluice.Pipeline;

/// <summary>What every stream needs from around it.</summary>
public sealed record PipelineContext
{
    public required IAccess Access { get; init; }

    public required IJournal Journal { get; init; }

    public required Clients Clients { get; init; }

    public required EgressLoops Loops { get; init; }

    public required EgressOptions Egress { get; init; }

    public required TimeProvider Time { get; init; }

    public ILoggerFactory Logs { get; init; } = NullLoggerFactory.Instance;
}
