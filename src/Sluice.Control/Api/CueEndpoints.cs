using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sluice.Pipeline;
using Sluice.Pipeline.Cues;

namespace Sluice.Control.Api;

/// <summary>Cues: what players raise when a certain picture is on the screen.</summary>
internal static class CueEndpoints
{
    private static readonly TimeSpan Farthest = TimeSpan.FromHours(1);

    public static void Map(IEndpointRouteBuilder routes, StreamRegistry registry, TimeProvider time) =>
        routes.MapPost("/streams/{app}/{name}/cues", (string app, string name, CueRequest request) => Add(registry, time, StreamEndpoints.PathOf(app, name), request))
            .WithName("addCue").WithSummary("Put a cue on the stream's time line")
            .WithDescription("Raised by players with the picture of a wall time: as SEI in H.264 and H.265, as emsg (ID3) in HLS, and as the event `cue`. At most ten in ten seconds. It outlasts switches.")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);

    private static Results<Ok<CueAccepted>, ProblemHttpResult> Add(StreamRegistry registry, TimeProvider time, string path, CueRequest request)
    {
        if (request.Id.Length is 0 or > Cue.MaxId) return Problems.BadRequest($"id must have 1 to {Cue.MaxId} characters.");
        var payload = request.Payload ?? "";
        if (Encoding.UTF8.GetByteCount(payload) > Cue.MaxPayload) return Problems.BadRequest($"payload must be {Cue.MaxPayload} bytes of UTF-8 at most.");
        if (request.At > time.GetUtcNow() + Farthest) return Problems.BadRequest("at must be within the next hour.");
        if (registry.Find(path) is not { } stream) return Problems.NotFound($"There is no stream '{path}'.");
        switch (stream.AddCue(request.Id, payload, request.At, out var cue))
        {
            case CueResult.Done:
                return TypedResults.Ok(new CueAccepted(cue!.Id, cue.Utc, cue.Pts));
            case CueResult.NotLive:
                return Problems.Conflict($"'{path}' sends nothing now.");
            case CueResult.Known:
                return Problems.Conflict($"There was a cue '{request.Id}' already.");
            case CueResult.TooLate:
                return Problems.BadRequest("The picture of that time has gone out.");
            default:
                return Problems.TooMany("Ten cues in ten seconds are the most, and 32 that wait.");
        }
    }
}
