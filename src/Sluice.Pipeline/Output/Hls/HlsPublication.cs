namespace Sluice.Pipeline.Output.Hls;

/// <summary>The newest version of a show's HLS, for all who wait for a newer one.</summary>
/// <remarks>Written under the stream's lock, read by anybody.</remarks>
internal sealed class HlsPublication(HlsVersion first, TimeProvider time)
{
    private HlsVersion _version = first;
    private TaskCompletionSource _changed = NewSignal();
    private long _publishedAt;

    public HlsVersion Version => Volatile.Read(ref _version);

    /// <summary>Done once there is a newer version than the one read after it.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>How long the version has been there.</summary>
    public TimeSpan Age => time.GetElapsedTime(_publishedAt);

    public void Publish(HlsVersion version)
    {
        Volatile.Write(ref _version, version);
        _publishedAt = time.GetTimestamp();
        var changed = _changed;
        Volatile.Write(ref _changed, NewSignal());
        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
