namespace System.Tests.Browser;

/// <summary>Tests that watch a screen: what else runs at the time would be seen on it, so they run alone. They share the encodes.</summary>
[CollectionDefinition(nameof(Screen), DisableParallelization = true)]
public sealed class Screen : ICollectionFixture<Encodes>;
