using System.Buffers.Text;

namespace Sluice.Wire.Codecs;

/// <summary>Reads a date and time as RFC 3339 §5.6 writes it: <c>2026-11-22T12:00:00.040Z</c>, with any fraction, <c>Z</c> or an offset.</summary>
internal static class Rfc3339
{
    private const int SecondsEnd = 19;

    /// <summary>Milliseconds since 1970; null: it is none.</summary>
    public static long? Read(ReadOnlySpan<byte> text)
    {
        if (text.Length <= SecondsEnd || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':') return null;
        if (Digits(text, 0, 4) is not (>= 1970 and <= 2999) || Digits(text, 5, 2) is not (>= 1 and <= 12)) return null;
        var (year, month, day) = (Digits(text, 0, 4), Digits(text, 5, 2), Digits(text, 8, 2));
        var (hour, minute, second) = (Digits(text, 11, 2), Digits(text, 14, 2), Digits(text, 17, 2));
        if (day < 1 || day > DateTime.DaysInMonth(year, month) || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60) return null;
        var rest = text[SecondsEnd..];
        if (ReadFraction(ref rest) is not { } fraction || ReadOffset(rest) is not { } offset) return null;
        var days = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;
        return ((new DateOnly(year, month, day).DayNumber - days) * 1440L + hour * 60 + minute - offset) * 60_000 + second * 1000 + fraction;
    }

    private static int? ReadFraction(ref ReadOnlySpan<byte> rest)
    {
        if (rest[0] != '.') return 0;
        var (fraction, weight, at) = (0, 100, 1);
        for (; at < rest.Length && rest[at] is >= (byte)'0' and <= (byte)'9'; at++, weight /= 10) fraction += (rest[at] - '0') * weight;
        rest = rest[at..];
        return at > 1 && rest.Length > 0 ? fraction : null;
    }

    /// <summary>Minutes east of Greenwich.</summary>
    private static int? ReadOffset(ReadOnlySpan<byte> rest)
    {
        if (rest is [(byte)'Z' or (byte)'z']) return 0;
        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':') return null;
        var (hours, minutes) = (Digits(rest, 1, 2), Digits(rest, 4, 2));
        if (hours is < 0 or > 23 || minutes is < 0 or > 59) return null;
        return (rest[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
    }

    /// <summary>A number of <paramref name="count"/> digits; −1: it is none.</summary>
    private static int Digits(ReadOnlySpan<byte> text, int from, int count) =>
        Utf8Parser.TryParse(text.Slice(from, count), out uint number, out var consumed) && consumed == count ? (int)number : -1;
}
