using System.Net;
using System.Security.Cryptography;
using System.Text;
using Sluice.Control.Monitor;
using Sluice.Pipeline;

namespace Sluice.Control.Security;

/// <summary>
/// Decides who may publish, play and use the API: <c>loopback</c> (only from this machine), <c>open</c> (anybody) or <c>key</c> (whoever knows it).
/// </summary>
/// <remarks>
/// Only the address of the connection itself counts; forwarded headers are not read. Keys come as <c>?key=</c>, percent-encoded, and for the API also as
/// a bearer token. They are compared in constant time and never logged. Safe from any thread.
/// </remarks>
/// <param name="server">The server's rules; where a stream sets no rule or key of its own, these hold.</param>
/// <param name="optionsFor">The settings of any path that is published to or played, a source's own key merged in as the publish key.</param>
public sealed class Access(AccessOptions server, Func<string, StreamOptions> optionsFor, RefusalLog refusals, Metrics metrics) : IAccess
{
    /// <summary>The rule for the API.</summary>
    public AccessRule ApiRule => server.Api ?? AccessRule.Loopback;

    public ValueTask<AccessDecision> AuthoriseAsync(AccessRequest request, CancellationToken stop) =>
        ValueTask.FromResult(Authorise(request.Action, request.Path, KeyIn(request.Query), request.Remote));

    /// <summary>The same question with the key at hand, wherever the request carried it.</summary>
    /// <param name="key">Null: none was given.</param>
    public AccessDecision Authorise(AccessAction action, string path, string? key, IPEndPoint? remote)
    {
        var (rule, expected) = RuleFor(action, path);
        if (Refusal(action, rule, expected, key, remote?.Address) is not { } refusal) return AccessDecision.Allowed;
        metrics.CountRefusal(action, refusal.Label);
        refusals.Report(new AccessRequest(action, path, "", remote), refusal.Reason);
        return AccessDecision.Refused(refusal.Reason);
    }

    /// <summary>Whether an address is this machine's own: <c>127.0.0.0/8</c>, <c>::1</c>, and the former mapped into IPv6.</summary>
    public static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    /// <summary>The value of the first <c>key</c> in a query without its <c>?</c>; null where there is none. A <c>+</c> stands for itself.</summary>
    public static string? KeyIn(string query)
    {
        foreach (var range in query.AsSpan().Split('&'))
        {
            var pair = query.AsSpan(range);
            if (pair.StartsWith("key=", StringComparison.Ordinal)) return Uri.UnescapeDataString(pair[4..]);
        }
        return null;
    }

    private (AccessRule Rule, string? Key) RuleFor(AccessAction action, string path)
    {
        if (action == AccessAction.Api) return (ApiRule, server.ApiKey);
        var stream = optionsFor(path).Access;
        return action == AccessAction.Publish
            ? (stream.Publish ?? server.Publish ?? AccessRule.Loopback, stream.PublishKey ?? server.PublishKey)
            : (stream.Play ?? server.Play ?? AccessRule.Open, stream.PlayKey ?? server.PlayKey);
    }

    private static (string Label, string Reason)? Refusal(AccessAction action, AccessRule rule, string? expected, string? given, IPAddress? address) => rule switch
    {
        AccessRule.Open => null,
        AccessRule.Loopback => address is not null && IsLoopback(address) ? null : ("not_loopback", $"allowed over loopback only: on the server's own machine by 127.0.0.1 or localhost; access.{action.ToString().ToLowerInvariant()} says who else may"),
        AccessRule.Key when string.IsNullOrEmpty(expected) => ("no_key_configured", "a key is asked for, but none is configured"),
        AccessRule.Key when given is null => ("no_key", "no key was given"),
        AccessRule.Key => Matches(expected!, given!) ? null : ("wrong_key", "the key is wrong"),
        _ => ("unknown_rule", $"the access rule '{rule}' is not available".ToLowerInvariant()),
    };

    /// <summary>Compares hashes, so that neither content nor length shows in the time it takes.</summary>
    private static bool Matches(string expected, string given)
    {
        Span<byte> left = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(expected), left);
        SHA256.HashData(Encoding.UTF8.GetBytes(given), right);
        return CryptographicOperations.FixedTimeEquals(left, right);
    }
}
