using Sluice.Pipeline;
using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Simulation;

internal static class TestLoops
{
    /// <summary>One loop without a thread: <see cref="EgressLoops.Tick"/> drives it.</summary>
    public static EgressLoops Make(TimeProvider time, EgressOptions? options = null) => new(options ?? new EgressOptions(), time, 1, start: false);
}
