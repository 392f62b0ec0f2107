using System.Globalization;
using System.Net;

namespace Sluice.Configuration;

/// <summary>The kinds of scalars. Each parser follows <see cref="ParseValue{T}"/>: null, or what the value must be.</summary>
internal static class Values
{
    public static string? Text(string text, out string value)
    {
        value = text;
        return text.Length > 0 ? null : "some text";
    }

    /// <summary>Text, or <c>none</c>.</summary>
    public static string? TextOrNone(string text, out string? value)
    {
        value = text == "none" ? null : text;
        return text.Length > 0 ? null : "some text or none";
    }

    /// <summary>A name that fits into a URL of the API: letters, digits, <c>- _ .</c></summary>
    public static string? Name(string text, out string value)
    {
        value = text;
        var valid = text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
        return valid ? null : "a name of letters, digits, '-', '_' and '.'";
    }

    public static string? YesOrNo(string text, out bool value) => OneOf(("true", true), ("false", false))(text, out value);

    public static ParseValue<int> Number(int least, int most) => (string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value) && value >= least && value <= most
            ? null
            : $"a whole number from {least} to {most}";

    /// <summary>One of an enum's members, in lower case.</summary>
    public static string? Word<T>(string text, out T value)
        where T : struct, Enum => OneOf(Enum.GetValues<T>().Select(member => (member.ToString().ToLowerInvariant(), member)).ToArray())(text, out value);

    public static ParseValue<T> OneOf<T>(params (string Word, T Value)[] words) => (string text, out T value) =>
    {
        foreach (var word in words)
        {
            if (word.Word != text) continue;
            value = word.Value;
            return null;
        }

        value = default!;
        var names = words.Select(word => word.Word).ToArray();
        return $"{string.Join(" | ", names)}{Suggestion.For(text, names)}";
    };

    /// <summary><c>0</c>, <c>400ms</c>, <c>3s</c>, <c>1.5m</c>, <c>1h</c>.</summary>
    public static ParseValue<TimeSpan> Duration(TimeSpan least, TimeSpan most) => (string text, out TimeSpan value) =>
    {
        if (!TryDuration(text, out value)) return "a duration such as 0, 400ms, 3s or 1h";
        return value >= least && value <= most ? null : $"from {Show(least)} to {Show(most)}";
    };

    /// <summary>A duration, or <c>auto</c> as null.</summary>
    public static ParseValue<TimeSpan?> DurationOrAuto(TimeSpan least, TimeSpan most) => (string text, out TimeSpan? value) =>
    {
        value = null;
        if (text == "auto") return null;
        if (Duration(least, most)(text, out var duration) is { } expected) return $"auto or {expected}";
        value = duration;
        return null;
    };

    /// <summary><c>512B</c>, <c>64KB</c>, <c>2MB</c>, <c>1GB</c>; a KB has 1024 bytes.</summary>
    public static ParseValue<long> Size(long least, long most) => (string text, out long value) =>
    {
        if (!TrySize(text, out value)) return "a size such as 64KB or 2MB";
        return value >= least && value <= most ? null : $"from {Show(least)} to {Show(most)}";
    };

    /// <summary><c>[::]:1935</c>, <c>127.0.0.1:0</c>, <c>:8080</c> (every address), <c>localhost:8080</c>, or <c>none</c> as null.</summary>
    public static string? Endpoint(string text, out IPEndPoint? value)
    {
        const string Expected = "an address and a port such as \"[::]:1935\" or 127.0.0.1:0, or none";
        value = null;
        if (text == "none") return null;
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return Expected;
        var host = text[..colon];
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        if (host.Contains(':') && !bracketed) return "an IPv6 address in brackets, such as \"[::]:1935\"";
        IPAddress? address;
        if (host is "" or "*") address = IPAddress.IPv6Any;
        else if (host == "localhost") address = IPAddress.Loopback;
        else if (!IPAddress.TryParse(bracketed ? host[1..^1] : host, out address) || (!bracketed && host.Count(c => c == '.') != 3)) return Expected;
        value = new IPEndPoint(address, port);
        return null;
    }

    private static bool TryDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (text == "0") return true;
        var unit = text.Length - text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyz").Length;
        var milliseconds = text[^unit..] switch { "ms" => 1, "s" => 1000, "m" => 60_000, "h" => 3_600_000, _ => 0 };
        if (milliseconds == 0) return false;
        if (!decimal.TryParse(text.AsSpan(0, text.Length - unit), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count)) return false;
        if (count > 1_000_000_000) return false;
        value = TimeSpan.FromTicks((long)(count * milliseconds * TimeSpan.TicksPerMillisecond));
        return true;
    }

    private static bool TrySize(string text, out long value)
    {
        value = 0;
        var unit = text.Length - text.AsSpan().TrimEnd("BGKM").Length;
        var bytes = text[^unit..] switch { "B" => 1L, "KB" => 1L << 10, "MB" => 1L << 20, "GB" => 1L << 30, _ => 0 };
        if (bytes == 0 || !int.TryParse(text.AsSpan(0, text.Length - unit), NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;
        value = count * bytes;
        return true;
    }

    private static string Show(TimeSpan value) => value switch
    {
        { Ticks: 0 } => "0",
        { TotalHours: >= 1 } when value.TotalHours % 1 == 0 => $"{value.TotalHours:0}h",
        { TotalMinutes: >= 1 } when value.TotalMinutes % 1 == 0 => $"{value.TotalMinutes:0}m",
        { TotalSeconds: >= 1 } when value.TotalSeconds % 1 == 0 => $"{value.TotalSeconds:0}s",
        _ => $"{value.TotalMilliseconds:0}ms",
    };

    private static string Show(long bytes) =>
        bytes >= 1 << 30 ? $"{bytes >> 30}GB" : bytes >= 1 << 20 ? $"{bytes >> 20}MB" : bytes >= 1 << 10 ? $"{bytes >> 10}KB" : $"{bytes}B";
}
