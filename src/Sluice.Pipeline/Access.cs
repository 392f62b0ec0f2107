using System.Net;

namespace Sluice.Pipeline;

public enum AccessAction { Publish, Play, Api }

/// <summary>Somebody asks to do something.</summary>
/// <param name="Path"><c>app/name</c> as asked for; empty for the API.</param>
/// <param name="Query">The query of the URL or of the RTMP names, without its <c>?</c>; it may hold <c>key=</c>.</param>
public readonly record struct AccessRequest(AccessAction Action, string Path, string Query, IPEndPoint? Remote);

/// <summary>The answer.</summary>
/// <param name="Reason">Why not, in a sentence for the log; null when allowed.</param>
public readonly record struct AccessDecision(string? Reason)
{
    public static readonly AccessDecision Allowed = default;

    public bool IsAllowed => Reason is null;

    public static AccessDecision Refused(string reason) => new(reason);
}

/// <summary>The one question the data plane asks upwards: may they? Answered in Sluice.Control.</summary>
/// <remarks>Asked once per session, not per frame. The implementation logs and counts its refusals.</remarks>
public interface IAccess
{
    ValueTask<AccessDecision> AuthoriseAsync(AccessRequest request, CancellationToken stop);
}
