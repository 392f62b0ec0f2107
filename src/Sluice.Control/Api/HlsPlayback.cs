using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Sluice.Pipeline;
using Sluice.Pipeline.Output.Hls;

namespace Sluice.Control.Api;

/// <summary>HLS and LL-HLS: playlists, init segments, segments and parts of every stream, made once for all who watch.</summary>
/// <remarks>
/// Each request is authorised like any viewer's; the URL's query, without <c>_HLS_…</c>, goes on behind every URI of the playlists, so that a key or a token reaches the media. What may
/// be cached says so: a CDN in front asks once for each URL. Requests that wait hold no thread.
/// </remarks>
public static class HlsPlayback
{
    private const string Uncached = "no-store";

    /// <summary>Of media that has gone: players that come with an old playlist come in crowds.</summary>
    private const string GoneCaching = "public, max-age=1";

    /// <summary>Answers every path that ends in <c>.m3u8</c>, and the files in a stream's <c>.hls</c> folder.</summary>
    public static void UseHlsPlayback(this WebApplication app, StreamRegistry registry, Clients clients) =>
        app.Use((context, next) => HlsRequest.Of(context.Request.Path.Value) is { } request ? AnswerAsync(context, request, registry, clients) : next(context));

    private static async Task AnswerAsync(HttpContext context, HlsRequest request, StreamRegistry registry, Clients clients)
    {
        if (await MediaAnswers.AnswerMethodAsync(context)) return;
        try
        {
            var query = HlsRequest.Kept(MediaAnswers.QueryOf(context));
            // Players of a show that has ended fetch its rest, and wait for no other.
            var ended = registry.Find(request.Path)?.EndedHls is { IsRunning: true } rest ? rest : null;
            var play = await registry.PlayAsync(new PlayRequest(request.Path, query, HlsOutput.Protocol, MediaAnswers.RemoteOf(context), Waits: ended is null), context.RequestAborted);
            if ((play.Stream?.Output.Hls ?? (play.Refusal == PlayRefusal.NotFound ? ended : null)) is not { } hls)
            {
                await RefuseAsync(context, play.Refusal == PlayRefusal.Denied ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound, play.Reason, play.Refusal == PlayRefusal.Denied ? Uncached : GoneCaching);
                return;
            }
            if (!clients.Hls.TryAdmit(request.Path, context.Connection.RemoteIpAddress, query, out var client))
            {
                await RefuseAsync(context, StatusCodes.Status403Forbidden, $"closed by the operator; refused for {HlsAudience.RefusalTime.TotalSeconds:0} s");
                return;
            }
            if (request.File is null) await SendMultivariantAsync(context, request, hls, query);
            else if (request.File == MediaPlaylist.Name) await SendMediaPlaylistAsync(context, hls, query);
            else await SendMediaAsync(context, request, hls);
            if (!HttpMethods.IsGet(context.Request.Method)) return;
            var served = context.Response.ContentLength ?? 0;
            clients.AddServed(served);
            client?.AddServed(served);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The player went before its answer: nobody is left to tell.
        }
    }

    private static async Task SendMultivariantAsync(HttpContext context, HlsRequest request, HlsOutput hls, string query)
    {
        var answer = await hls.PlayableAsync(context.RequestAborted);
        if (answer is not { Outcome: HlsWait.Ready, Version: { IsPlayable: true } version }) await RefuseAsync(context, answer);
        else await HlsBody.SendPlaylistAsync(context, MultivariantPlaylist.Render(version, request.FolderName, query), HalfTarget(version));
    }

    private static async Task SendMediaPlaylistAsync(HttpContext context, HlsOutput hls, string query)
    {
        if (HlsReload.Of(context.Request.Query, out var reason) is not { } reload)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, reason);
            return;
        }
        var answer = reload.Number is { } number
            ? await hls.ReloadAsync(number, reload.Part, context.RequestAborted)
            : await hls.PlayableAsync(context.RequestAborted);
        if (answer is not { Outcome: HlsWait.Ready, Version: { IsPlayable: true } version })
        {
            await RefuseAsync(context, answer);
            return;
        }
        // What was asked for by number is asked for once: the next request has another URL.
        var maxAge = reload.Number is null ? HalfTarget(version) : 3 * version.TargetDuration / 1000;
        await HlsBody.SendPlaylistAsync(context, MediaPlaylist.Render(version, query, reload.Skips), maxAge);
    }

    private static async Task SendMediaAsync(HttpContext context, HlsRequest request, HlsOutput hls)
    {
        var isMedia = request.TryReadMedia(out var show, out var number, out var part);
        // What another show left is not waited for.
        if (isMedia && hls.Show is { Length: > 0 } now && now != show)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"{request.File} is of another show.", GoneCaching);
            return;
        }
        var answer = isMedia && part is { } wanted ? await hls.PartAsync(number, wanted, context.RequestAborted) : await hls.PlayableAsync(context.RequestAborted);
        if (answer.Outcome is HlsWait.TimedOut or HlsWait.Refused)
        {
            await RefuseAsync(context, answer);
            return;
        }
        var version = answer.Version!;
        if (!isMedia && version.All.FirstOrDefault(segment => segment.Init.Name == request.File) is { } user)
        {
            await HlsBody.SendInitAsync(context, user.Init);
            return;
        }
        if (isMedia && show == version.Show && Parts(version.Find(number), part) is { } parts && await HlsBody.SendPartsAsync(context, request.File!, parts)) return;
        // What is not there yet may be in a moment, and many will ask for it then: no cache may have learned that it is missing.
        var isToCome = isMedia && show == version.Show && number >= version.NextNumber && !version.IsEnded;
        await RefuseAsync(context, StatusCodes.Status404NotFound, isToCome ? $"There is no {request.File} yet." : $"There is no {request.File}, or no more.", isToCome ? Uncached : GoneCaching);
    }

    /// <summary>One part, or all of a complete segment; null: it is not there.</summary>
    private static ImmutableArray<HlsPart>? Parts(HlsSegment? segment, int? part) =>
        segment is null ? null
        : part is { } index ? index < segment.Parts.Length ? [segment.Parts[index]] : null
        : segment.IsComplete ? segment.Parts : null;

    private static int HalfTarget(HlsVersion version) => version.TargetDuration / 2000;

    private static Task RefuseAsync(HttpContext context, in HlsAnswer answer) => answer.Outcome switch
    {
        HlsWait.TooFar => RefuseAsync(context, StatusCodes.Status400BadRequest, answer.Reason),
        HlsWait.Refused => RefuseAsync(context, StatusCodes.Status501NotImplemented, answer.Reason),
        HlsWait.TimedOut => RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, answer.Reason),
        _ => RefuseAsync(context, StatusCodes.Status404NotFound, "The show is over.", GoneCaching),
    };

    private static Task RefuseAsync(HttpContext context, int status, string? reason, string caching = Uncached)
    {
        context.Response.Headers.CacheControl = caching;
        return Problems.WriteAsync(context, status, reason);
    }
}
