using System.IO.Pipelines;

namespace Sluice.Pipeline.Output.HttpFlv;

/// <summary>The same FLV through the web host's writer, for requests that came to it: reused connections, HTTP/2, TLS.</summary>
public static class FlvBodyWriter
{
    /// <summary>Writes the stream from a keyframe on until it ends, the viewer is too slow, or <paramref name="stop"/>. Only the egress loop writes meanwhile.</summary>
    /// <param name="client">Where bytes and lag are counted; the caller owns it.</param>
    /// <param name="opened">Gets the subscriber, so that the caller's close action can <see cref="Subscriber.Stop"/> it.</param>
    public static async Task<SubscriberEnd> WriteAsync(
        LiveStream stream, PipeWriter writer, CancellationToken stop, Client? client = null, Action<Subscriber>? opened = null)
    {
        var subscriber = stream.Output.Open(writer, new SubscribeRequest
        {
            Container = Container.Flv, Protocol = "flv", Client = client, Join = stream.Options.Play.Join,
        });
        opened?.Invoke(subscriber);
        using var stopping = stop.UnsafeRegister(static state => ((Subscriber)state!).Stop("the viewer left"), subscriber);
        return await subscriber.Finished;
    }
}
