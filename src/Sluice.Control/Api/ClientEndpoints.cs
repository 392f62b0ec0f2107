using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Sluice.Pipeline;

namespace Sluice.Control.Api;

/// <summary>Who is connected: publishers, viewers, pushes and pulls alike.</summary>
internal static class ClientEndpoints
{
    private const string Reason = "closed by the operator";

    public static void Map(IEndpointRouteBuilder routes, Clients clients, IJournal journal, TimeProvider time)
    {
        routes.MapGet("/clients", () => TypedResults.Ok(new ClientList([.. clients.All.OrderBy(client => client.Id).Select(ClientState.Of)])))
            .WithName("listClients").WithSummary("All connections").WithDescription("Publishers, viewers, pushes and pulls. A viewer of HLS is an address that asks for a path with one query, and asked within ten seconds.");

        routes.MapGet("/clients/{id:long}", Results<Ok<ClientState>, ProblemHttpResult> (long id) =>
                clients.Find(id) is { } client ? TypedResults.Ok(ClientState.Of(client)) : NoSuchClient(id))
            .WithName("getClient").WithSummary("One connection").ProducesProblem(StatusCodes.Status404NotFound);

        routes.MapDelete("/clients/{id:long}", Results<NoContent, ProblemHttpResult> (long id) =>
            {
                if (clients.Find(id) is not { } client) return NoSuchClient(id);
                client.Close(Reason);
                journal.Write(new JournalEntry
                {
                    Time = time.GetUtcNow(), Stream = client.Path, Kind = JournalKinds.Access, From = client.Remote?.ToString(), Reason = JournalReasons.Operator,
                    Note = $"{client.Protocol} {client.Kind} closed".ToLowerInvariant(),
                });
                return TypedResults.NoContent();
            })
            .WithName("closeClient").WithSummary("Close a connection").WithDescription("Asks for it and returns; nothing keeps the other side from coming back, but a viewer of HLS is refused for 30 s.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static ProblemHttpResult NoSuchClient(long id) => Problems.NotFound($"There is no client {id}; it may have gone.");
}
