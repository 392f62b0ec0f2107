using Sluice.Pipeline.Sources;

namespace Sluice.Pipeline;

/// <summary>A path that can be published to, or a pull: whose frames go to one source, and to a preview of it where somebody watches that.</summary>
/// <remarks>Leases are given and taken under the registry's lock; frames pass under the streams' own.</remarks>
internal sealed class PublishPoint(string path, LiveStream stream, Source source)
{
    private volatile (LiveStream Stream, Source Source)[] _targets = [(stream, source)];

    public string Path => path;

    public LiveStream Stream => stream;

    public Source Source => source;

    /// <summary>Whose frames these are now; null: nobody's.</summary>
    public PublishLease? Holder { get; private set; }

    /// <summary>The stream that shows this one source, made when somebody first asks for it.</summary>
    public LiveStream? Preview { get; private set; }

    public void Take(PublishLease lease)
    {
        Holder = lease;
        foreach (var (target, input) in _targets) target.OnOpen(input, lease.Client.Protocol, lease.Query);
    }

    /// <summary>Frees the point, if <paramref name="lease"/> still holds it.</summary>
    public void Release(PublishLease lease, string reason)
    {
        if (Holder != lease) return;
        Holder = null;
        foreach (var (target, input) in _targets) target.OnClose(input, reason);
    }

    public void OnFrame(in Media.Frame raw)
    {
        foreach (var (target, input) in _targets) target.OnFrame(input, raw);
    }

    /// <summary>Reads what the transport tells of the way here.</summary>
    public void Measure()
    {
        if (Holder?.RoundTrip?.Invoke() is not { } roundTrip) return;
        foreach (var (target, input) in _targets) target.OnRoundTrip(input, roundTrip);
    }

    /// <summary>Adds the preview; while somebody publishes it begins with the headers in force and waits for the next keyframe.</summary>
    public void AddPreview(LiveStream preview)
    {
        Preview = preview;
        if (Holder is not null)
        {
            preview.OnOpen(preview.Sources[0], Holder.Client.Protocol, Holder.Query);
            foreach (var header in stream.RetainHeaders(source))
            {
                preview.OnFrame(preview.Sources[0], header);
                header.Body.Release();
            }
        }
        _targets = [(stream, source), (preview, preview.Sources[0])];
    }

    public void RemovePreview()
    {
        Preview = null;
        _targets = [(stream, source)];
    }
}
