namespace Pipeline.Tests;

/// <summary>Tests that count allocations: the buffer pools are shared, so while they run no other test may.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
