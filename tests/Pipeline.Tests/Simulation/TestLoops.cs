using Sluice.Pipeline;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Simulation;

internal static class TestLoops
{
    /// <summary>Loops without threads: <see cref="EgressLoops.Tick"/> drives them.</summary>
    public static EgressLoops Make(TimeProvider time, EgressOptions? options = null, int count = 1) => new(options ?? new EgressOptions(), time, count, start: false);
}
