using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sluice.Pipeline;

namespace Sluice.Control.Api;

/// <summary>What the API shows of streams, and what an operator may do to them.</summary>
internal static class StreamEndpoints
{
    private const string OneStream = "/streams/{app}/{name}";

    public static void Map(IEndpointRouteBuilder routes, StreamRegistry registry)
    {
        routes.MapGet("/streams", () => TypedResults.Ok(new StreamList([.. registry.Streams.Select(stream => stream.Snapshot())])))
            .WithName("listStreams").WithSummary("All streams")
            .WithDescription("Every stream that viewers ask for by name; the previews of single sources are not among them.");

        routes.MapGet(OneStream, (string app, string name) => Find(registry, app, name))
            .WithName("getStream").WithSummary("One stream").WithDescription("Its sources, viewers and pushes at this moment.")
            .ProducesProblem(StatusCodes.Status404NotFound);

        Command(routes.MapPost($"{OneStream}/switch", (string app, string name, SwitchRequest request) =>
                Apply(registry, app, name, request.Source, (stream, source) => stream.SwitchTo(source))),
            "switchSource", "Cut to a source", "At its next keyframe, whatever hold and clear times say. 409 where it sends nothing that could be cut to, or is excluded.");
        Command(routes.MapPost($"{OneStream}/sources/{{source}}/exclude", (string app, string name, string source) =>
                Apply(registry, app, name, source, (stream, found) => stream.Exclude(found))),
            "excludeSource", "Take a source out of choice", "Where it is on, the stream leaves it at once.");
        Command(routes.MapPost($"{OneStream}/sources/{{source}}/include", (string app, string name, string source) =>
                Apply(registry, app, name, source, (stream, found) => stream.Include(found))),
            "includeSource", "Give a source back to choice", "Undoes its exclusion.");
        Command(routes.MapPost($"{OneStream}/push/{{target}}/start", (string app, string name, string target) =>
                Apply(registry, app, name, target, (stream, push) => stream.StartPush(push))),
            "startPush", "Start a push", "Lets a push run again that was stopped.");
        Command(routes.MapPost($"{OneStream}/push/{{target}}/stop", (string app, string name, string target) =>
                Apply(registry, app, name, target, (stream, push) => stream.StopPush(push))),
            "stopPush", "Stop a push", "It stays stopped until it is started again.");
    }

    private static void Command(RouteHandlerBuilder route, string name, string summary, string description) => route
        .WithName(name).WithSummary(summary).WithDescription(description)
        .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static Results<Ok<StreamSnapshot>, ProblemHttpResult> Find(StreamRegistry registry, string app, string name) =>
        registry.Find(PathOf(app, name)) is { } stream ? TypedResults.Ok(stream.Snapshot()) : NoSuchStream(app, name);

    private static Results<Ok<StreamSnapshot>, ProblemHttpResult> Apply(
        StreamRegistry registry, string app, string name, string part, Func<LiveStream, string, CommandResult> command)
    {
        if (registry.Find(PathOf(app, name)) is not { } stream) return NoSuchStream(app, name);
        return command(stream, part) switch
        {
            CommandResult.Done => TypedResults.Ok(stream.Snapshot()),
            CommandResult.NoSuchSource => Problems.NotFound($"'{stream.Name}' has no source '{part}'; it has {Names(stream.Snapshot().Sources.Select(source => source.Name))}."),
            CommandResult.NoSuchPush => Problems.NotFound($"'{stream.Name}' has no push '{part}'; it has {Names(stream.Snapshot().Push.Select(push => push.Name))}."),
            _ => Problems.Conflict(WhyNot(stream.Snapshot(), part)),
        };
    }

    private static string WhyNot(StreamSnapshot stream, string part) =>
        stream.Sources.FirstOrDefault(source => source.Name == part) is { } found
            ? $"The source '{part}' of '{stream.Name}' can't be used now: it is {found.State.ToString().ToLowerInvariant()}."
            : $"'{part}' of '{stream.Name}' can't do that now.";

    private static string Names(IEnumerable<string> names) => names.ToList() is { Count: > 0 } list ? string.Join(", ", list) : "none";

    private static ProblemHttpResult NoSuchStream(string app, string name) => Problems.NotFound($"There is no stream '{PathOf(app, name)}'.");

    /// <summary>An app of several segments comes as one, its slashes encoded; the server leaves <c>%2F</c> as it came.</summary>
    internal static string PathOf(string app, string name) => $"{app.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)}/{name}";
}
