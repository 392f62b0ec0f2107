using System.Globalization;
using System.Text.RegularExpressions;

namespace System.Tests.Parts;

/// <summary>The part to come that an LL-HLS playlist hints at.</summary>
/// <param name="Reload">What to ask the playlist with, to get it once that part is in it.</param>
public sealed partial record PreloadHint(string Uri, string Reload)
{
    public static PreloadHint Of(string playlist)
    {
        var hint = Pattern().Match(playlist);
        Assert.True(hint.Success, playlist);
        return new PreloadHint(hint.Groups["uri"].Value, string.Create(CultureInfo.InvariantCulture, $"_HLS_msn={hint.Groups["number"]}&_HLS_part={hint.Groups["part"]}"));
    }

    [GeneratedRegex("""^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="(?<uri>[0-9a-f]+-(?<number>[0-9]+)\.(?<part>[0-9]+)\.m4s)"$""", RegexOptions.Multiline)]
    private static partial Regex Pattern();
}
