using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Sluice.Control.Api;

/// <summary>The delivery directives of a request for a media playlist (RFC 8216bis §6.2.5).</summary>
/// <param name="Number">Wait for this segment; null: do not wait.</param>
/// <param name="Part">Wait for this part of it.</param>
/// <param name="Skips">Leave out what is old.</param>
internal readonly record struct HlsReload(long? Number, int? Part, bool Skips)
{
    /// <summary>Reads the query; null, and why, if it makes no sense.</summary>
    public static HlsReload? Of(IQueryCollection query, out string? reason)
    {
        string? numberText = query["_HLS_msn"], partText = query["_HLS_part"], skip = query["_HLS_skip"];
        long number = 0;
        var part = 0;
        reason = numberText is not null && !long.TryParse(numberText, NumberStyles.None, CultureInfo.InvariantCulture, out number) ? $"_HLS_msn '{numberText}' is no number."
            : partText is not null && !int.TryParse(partText, NumberStyles.None, CultureInfo.InvariantCulture, out part) ? $"_HLS_part '{partText}' is no number."
            : partText is not null && numberText is null ? "_HLS_part needs _HLS_msn."
            : skip is not (null or "YES" or "v2") ? $"_HLS_skip '{skip}' is neither YES nor v2."
            : null;
        return reason is null ? new HlsReload(numberText is null ? null : number, partText is null ? null : part, skip is not null) : null;
    }
}
