using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sluice.Control.Monitor;

namespace Sluice.Control.Api;

/// <summary>The journal: every decision that the system took, and why.</summary>
internal static class JournalEndpoints
{
    private const int DefaultLimit = 100;

    public static void Map(IEndpointRouteBuilder routes, JournalStore journal) =>
        routes.MapGet("/journal", Results<Ok<JournalPage>, ProblemHttpResult> (
                [Description("Only entries of this stream (app/name).")] string? stream,
                [Description("Most entries to return, 1 to 10000.")] int limit = DefaultLimit) =>
                limit is >= 1 and <= JournalStore.Capacity
                    ? TypedResults.Ok(new JournalPage(journal.Query(stream, limit)))
                    : Problems.BadRequest($"limit must be 1 to {JournalStore.Capacity}."))
            .WithName("getJournal").WithSummary("What the system decided, and why").WithDescription("Newest first; it outlives a restart of the server.")
            .ProducesProblem(StatusCodes.Status400BadRequest);
}
