using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Sluice.Configuration;

namespace Sluice.Commands;

/// <summary>The log: one line per entry on standard error, as text or JSON, with UTC times. A reader that stalls loses lines, it does not stop the server.</summary>
internal static class Logging
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";

    public static ILoggerFactory Create(LogOptions options) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(options.Level);
        if (options.Level > LogLevel.Debug) logging.AddFilter("Microsoft", LogLevel.Warning);
        // It would tell of each request by an activity, which costs more than most answers.
        if (options.Level > LogLevel.Debug) logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        // What keeps the web host from starting is told by the command, in a line.
        if (options.Level > LogLevel.Debug) logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddConsole(console =>
        {
            console.LogToStandardErrorThreshold = LogLevel.Trace;
            console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
        });
        if (options.Format == LogFormat.Json) logging.AddJsonConsole(json => (json.TimestampFormat, json.UseUtcTimestamp) = (TimeFormat.TrimEnd(), true));
        else logging.AddSimpleConsole(text => (text.TimestampFormat, text.UseUtcTimestamp, text.SingleLine) = (TimeFormat, true, true));
    });
}
