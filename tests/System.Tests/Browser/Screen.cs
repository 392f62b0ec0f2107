namespace System.Tests.Browser;

/// <summary>Tests that watch a screen: what else runs at the time would be seen on it, so they run alone. They share the encodes.</summary>
[CollectionDefinition(nameof(Screen), DisableParallelization = true)]
public sealed class Screen : ICollectionFixture<Screen>, IAsyncLifetime
{
    private Encodes? _encodes;

    public Encodes Encodes => _encodes!;

    public async ValueTask InitializeAsync()
    {
        if (Chromium.WhyNot is null) _encodes = await Encodes.MakeAsync(TimeSpan.FromSeconds(120));
    }

    public ValueTask DisposeAsync()
    {
        _encodes?.Dispose();
        return ValueTask.CompletedTask;
    }
}
