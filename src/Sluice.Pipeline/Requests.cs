using System.Net;

namespace Sluice.Pipeline;

/// <summary>Somebody wants to publish to a path.</summary>
/// <param name="Path"><c>app/name</c>, as <see cref="StreamPath"/> makes it.</param>
/// <param name="Query">The query of the URL or RTMP names, without its <c>?</c>.</param>
/// <param name="Close">Closes the session, for a reason; called from any thread, returns at once.</param>
/// <param name="RoundTrip">Tells the round trip to the sender, in milliseconds; called once a second while the lease is held, returns at once. Null: its transport does not tell.</param>
public sealed record PublishRequest(string Path, string Query, string Protocol, IPEndPoint? Remote, Action<string> Close, Func<double?>? RoundTrip = null);

public enum PublishRefusal { None, Denied, Busy, NotPublishable }

/// <summary>A lease, or why not.</summary>
public readonly record struct PublishResult(PublishLease? Lease, PublishRefusal Refusal = PublishRefusal.None, string? Reason = null);

/// <summary>Somebody wants to watch a path.</summary>
/// <param name="Waits">Whether he would wait for a publisher, as <see cref="PlayOptions.Wait"/> allows.</param>
public sealed record PlayRequest(string Path, string Query, string Protocol, IPEndPoint? Remote, bool Waits = true);

public enum PlayRefusal { None, Denied, NotFound }

/// <summary>The stream to watch, or why not.</summary>
public readonly record struct PlayResult(LiveStream? Stream, PlayRefusal Refusal = PlayRefusal.None, string? Reason = null);
