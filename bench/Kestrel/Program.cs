using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

// The floor of bench/hls: what the web host itself can answer. kestrel PORT; then GET /N answers N bytes.
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
var app = builder.Build();
var bytes = new byte[16 << 20];
Random.Shared.NextBytes(bytes);   // memory that was never written is one page of zeros, which copies from the first cache
app.Run(context =>
{
    var count = int.Parse(context.Request.Path.Value.AsSpan(1), CultureInfo.InvariantCulture);
    context.Response.ContentType = "video/mp4";
    context.Response.ContentLength = count;
    return context.Response.Body.WriteAsync(bytes.AsMemory(0, count)).AsTask();
});
app.Run($"http://127.0.0.1:{args[0]}");
