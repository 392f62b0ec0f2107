using System.Net;
using Microsoft.Extensions.Logging;
using Sluice.Configuration;

namespace Sluice;

/// <summary>The running server: the object graph, built by hand.</summary>
public sealed class Host : IAsyncDisposable
{
    /// <summary>The addresses that are bound, under the names of <c>listen</c>, with the ports that port 0 became.</summary>
    public IReadOnlyList<(string Name, EndPoint Address)> Bound => throw new NotSupportedException();

    /// <summary>Binds every address and starts what the configuration names.</summary>
    /// <exception cref="IOException">An address cannot be bound; the message names it.</exception>
    public static Task<Host> StartAsync(SluiceOptions options, ILoggerFactory? logs = null, CancellationToken stop = default) => throw new NotSupportedException();

    /// <summary>Ends publishers, pushes and viewers in order, then closes the addresses.</summary>
    public Task StopAsync() => throw new NotSupportedException();

    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
