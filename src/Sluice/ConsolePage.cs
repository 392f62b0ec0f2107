using System.Collections.Frozen;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Sluice;

/// <summary>
/// The console at <c>/console/</c>: the files that the build put beside the program, read and compressed once and served from memory.
/// </summary>
/// <remarks>
/// The page itself is open to everybody and holds nothing; what it shows comes from the API, by whose rules. It may load and connect to nothing but its own server.
/// </remarks>
internal static class ConsolePage
{
    private const string Prefix = "/console";

    /// <summary>Media come as blobs of Media Source Extensions; FLV over WebSocket needs its own schemes.</summary>
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private const string NotBuilt = "This server was built without its console: its page is made by node with npm, which were not there. Install them (Debian, Ubuntu: apt-get install nodejs npm) "
        + "and build again. Everything that it shows is in the API: /api/v1/streams\n";

    private static readonly FrozenDictionary<string, string> Types = new Dictionary<string, string>
    {
        [".html"] = "text/html; charset=utf-8", [".js"] = "text/javascript; charset=utf-8", [".css"] = "text/css; charset=utf-8", [".svg"] = "image/svg+xml",
    }.ToFrozenDictionary();

    /// <summary>Answers everything under <c>/console</c>; the bare address leads there.</summary>
    public static void UseConsole(this WebApplication app)
    {
        var files = new Lazy<FrozenDictionary<string, PageFile>>(Read);
        app.Use((context, next) => context.Request.Path == "/" ? AnswerAsync(context, "", files.Value)
            : context.Request.Path.StartsWithSegments(Prefix, out var rest) ? AnswerAsync(context, rest.Value ?? "", files.Value) : next(context));
    }

    private static FrozenDictionary<string, PageFile> Read()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "console");
        if (!Directory.Exists(folder)) return FrozenDictionary<string, PageFile>.Empty;
        return Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Types.ContainsKey(Path.GetExtension(file)))
            .ToFrozenDictionary(file => "/" + Path.GetRelativePath(folder, file), file => new PageFile(File.ReadAllBytes(file), Types[Path.GetExtension(file)]));
    }

    private static async Task AnswerAsync(HttpContext context, string path, FrozenDictionary<string, PageFile> files)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            response.Headers.Allow = "GET, HEAD";
            return;
        }
        if (path.Length == 0)
        {
            response.Redirect($"{Prefix}/{request.QueryString}");
            return;
        }
        if (files.GetValueOrDefault(path == "/" ? "/index.html" : path) is not { } file)
        {
            response.StatusCode = StatusCodes.Status404NotFound;
            response.ContentType = "text/plain; charset=utf-8";
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(files.Count == 0 ? NotBuilt : "There is no such file. The console is at /console/\n"), context.RequestAborted);
            return;
        }
        // The names of assets carry a hash of what is in them; the page that names them must be asked for anew.
        response.Headers.CacheControl = path.StartsWith("/assets/", StringComparison.Ordinal) ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.Vary = "Accept-Encoding";
        response.ContentType = file.Type;
        var isCompressed = request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (isCompressed) response.Headers.ContentEncoding = "gzip";
        var body = isCompressed ? file.Compressed : file.Bytes;
        response.ContentLength = body.Length;
        if (HttpMethods.IsGet(request.Method)) await response.Body.WriteAsync(body, context.RequestAborted);
    }

    /// <summary>One file of the page.</summary>
    private sealed class PageFile(byte[] bytes, string type)
    {
        private readonly Lazy<byte[]> _compressed = new(() => Compress(bytes));

        public byte[] Bytes => bytes;

        public string Type => type;

        public byte[] Compressed => _compressed.Value;

        private static byte[] Compress(byte[] bytes)
        {
            var to = new MemoryStream();
            using (var gzip = new GZipStream(to, CompressionLevel.SmallestSize)) gzip.Write(bytes);
            return to.ToArray();
        }
    }
}
