using Sluice.Pipeline.Output;

namespace Pipeline.Tests.Simulation;

internal static class TestLoops
{
    public static EgressLoops Make(TimeProvider time) => new();
}
