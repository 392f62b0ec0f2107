using System.Collections.Immutable;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sluice.Pipeline.Output.Hls;
using Sluice.Wire.Buffers;

namespace Sluice.Control.Api;

/// <summary>Sends what HLS consists of: playlists, compressed where the player takes it, and media, whole or a range of it.</summary>
internal static class HlsBody
{
    /// <summary>Media never changes under its name.</summary>
    private const string Immutable = "public, max-age=3600, immutable";

    /// <summary>What may lie unsent with the web host, of a long segment.</summary>
    private const int FlushSize = 256 << 10;

    /// <param name="maxAge">How long caches may keep it, in seconds.</param>
    public static Task SendPlaylistAsync(HttpContext context, HlsRendering playlist, int maxAge)
    {
        var response = context.Response;
        response.ContentType = "application/vnd.apple.mpegurl";
        response.Headers.CacheControl = $"public, max-age={maxAge}";
        response.Headers.ETag = playlist.ETag;
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (IsKnown(context.Request, playlist.ETag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        var accepted = context.Request.Headers.AcceptEncoding.ToString();
        var (body, encoding) = Accepts(accepted, "br") ? (playlist.Brotli, "br") : Accepts(accepted, "gzip") ? (playlist.Gzip, "gzip") : (playlist.Plain, null);
        if (encoding is not null) response.Headers.ContentEncoding = encoding;
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    public static async Task SendInitAsync(HttpContext context, HlsInit init)
    {
        if (!BeginMedia(context, $"\"{init.Name}\"", init.Bytes.Length, out var from, out var to)) return;
        await context.Response.Body.WriteAsync(init.Bytes.AsMemory((int)from, (int)(to - from)), context.RequestAborted);
    }

    /// <summary>Sends parts behind each other: one, or a whole segment.</summary>
    /// <returns>False: they are no longer there, and nothing was sent.</returns>
    public static async Task<bool> SendPartsAsync(HttpContext context, string name, ImmutableArray<HlsPart> parts)
    {
        var length = 0L;
        foreach (var part in parts) length += part.Length;
        var bodies = new SharedBuffer[parts.Length];
        var held = 0;
        try
        {
            while (held < parts.Length)
            {
                if (parts[held].TryRetain() is not { } body) return false;
                bodies[held++] = body;
            }
            if (BeginMedia(context, $"\"{name}-{length}\"", length, out var from, out var to)) await SendAsync(context, bodies, from, to);
            return true;
        }
        finally
        {
            foreach (var body in bodies.AsSpan(0, held)) body.Release();
        }
    }

    /// <summary>Flushes seldom: each flush is a send.</summary>
    private static async Task SendAsync(HttpContext context, SharedBuffer[] bodies, long from, long to)
    {
        await context.Response.StartAsync(context.RequestAborted);   // before, its writer has no room to give
        var writer = context.Response.BodyWriter;
        var (at, unflushed) = (0L, 0L);
        foreach (var body in bodies)
        {
            var (first, last) = (Math.Max(from - at, 0), Math.Min(to - at, body.Length));
            at += body.Length;
            if (first >= last) continue;
            Append(writer, body.Span[(int)first..(int)last]);
            unflushed += last - first;
            if (unflushed < FlushSize) continue;
            unflushed = 0;
            if ((await writer.FlushAsync(context.RequestAborted)).IsCompleted) return;
        }
        await writer.FlushAsync(context.RequestAborted);
    }

    /// <summary>Block by block: for more room at once the web host takes arrays that are not from its pool.</summary>
    private static void Append(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var room = writer.GetSpan();
            var count = Math.Min(room.Length, bytes.Length);
            bytes[..count].CopyTo(room);
            writer.Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <returns>False: there is no body to send.</returns>
    private static bool BeginMedia(HttpContext context, string etag, long length, out long from, out long to)
    {
        var response = context.Response;
        (from, to) = (0, length);
        response.ContentType = "video/mp4";
        response.Headers.CacheControl = Immutable;
        response.Headers.ETag = etag;
        response.Headers.AcceptRanges = "bytes";
        if (IsKnown(context.Request, etag))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return false;
        }
        // Who has the beginning of something else gets the whole (RFC 9110 §13.1.5).
        var isWanted = HttpMethods.IsGet(context.Request.Method) && context.Request.Headers.Range.Count > 0 && (context.Request.Headers.IfRange.Count == 0 || context.Request.Headers.IfRange == etag);
        if (isWanted && context.Request.GetTypedHeaders().Range is { Unit.Value: "bytes", Ranges: { Count: 1 } ranges })
        {
            var range = ranges.Single();
            from = range.From ?? Math.Max(0, length - (range.To ?? 0));
            to = range.From is null ? length : Math.Min(range.To ?? long.MaxValue, length - 1) + 1;
            response.Headers.ContentRange = from < to ? $"bytes {from}-{to - 1}/{length}" : $"bytes */{length}";
            response.StatusCode = from < to ? StatusCodes.Status206PartialContent : StatusCodes.Status416RangeNotSatisfiable;
            if (from >= to) response.Headers.CacheControl = "no-store";
        }
        response.ContentLength = Math.Max(0, to - from);
        return from < to && !HttpMethods.IsHead(context.Request.Method);
    }

    private static bool IsKnown(HttpRequest request, string etag) => request.Headers.IfNoneMatch.ToString().Contains(etag, StringComparison.Ordinal);

    /// <summary>Whether the list names the encoding, and not with the weight 0.</summary>
    private static bool Accepts(string list, string encoding)
    {
        foreach (var item in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!item.StartsWith(encoding, StringComparison.OrdinalIgnoreCase)) continue;
            var weight = item[encoding.Length..].Replace(" ", "", StringComparison.Ordinal);
            return weight is "" || (weight.StartsWith(";q=", StringComparison.OrdinalIgnoreCase) && weight.AsSpan(3).ContainsAnyExcept('0', '.'));
        }
        return false;
    }
}
